//! Name look-up and TCP connection: every address gets its chance.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};

use super::error::DialFailure;

/// No single address may use up the time of the others.
const MAX_PER_ADDRESS: Duration = Duration::from_secs(10);
/// A dead peer of an idle connection is noticed by the kernel after two minutes, should nobody ping.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
const KEEPALIVE_PROBES: u32 = 4;

/// The addresses of a host, which may be an address itself, with or without brackets. Both families take
/// turns, beginning with the one the system prefers, so that one broken family costs one attempt.
pub(super) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, DialFailure> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let failed = |source| DialFailure::Resolve { host: host.to_owned(), source };
    let found = lookup_host((bare, port)).await.map_err(failed)?;
    let addresses = take_turns(found.collect());
    if addresses.is_empty() {
        return Err(failed(io::Error::new(io::ErrorKind::NotFound, "the name has no address")));
    }
    Ok(addresses)
}

/// The first address that accepts, tried one after the other until `deadline`.
pub(super) async fn connect(
    host: &str,
    addresses: &[SocketAddr],
    deadline: Instant,
) -> Result<TcpStream, DialFailure> {
    let mut attempts = Vec::new();
    for (index, &address) in addresses.iter().enumerate() {
        let share = share(deadline.saturating_duration_since(Instant::now()), addresses.len() - index);
        let result = match timeout(share, TcpStream::connect(address)).await {
            Ok(result) => result.and_then(|stream| keep_alive(&stream).map(|()| stream)),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "no answer")),
        };
        match result {
            Ok(stream) => return Ok(stream),
            Err(error) => attempts.push((address, error)),
        }
    }
    Err(DialFailure::Connect { host: host.to_owned(), attempts })
}

/// An equal part of the time left for each address left; the last one has it all.
fn share(left: Duration, addresses: usize) -> Duration {
    match u32::try_from(addresses) {
        Ok(0 | 1) => left,
        Ok(addresses) => (left / addresses).min(MAX_PER_ADDRESS),
        Err(_) => Duration::ZERO,
    }
}

/// Sends small frames at once, and has the kernel notice a dead peer.
pub(crate) fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_IDLE)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_PROBES);
    SockRef::from(stream).set_tcp_keepalive(&keepalive)
}

fn take_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut turns = Vec::with_capacity(first.len() + second.len());
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        match (first.next(), second.next()) {
            (None, None) => return turns,
            (one, other) => turns.extend(one.into_iter().chain(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn families_take_turns_beginning_with_the_preferred() {
        let given = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"].map(address).to_vec();
        let expected = ["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"].map(address);
        assert_eq!(take_turns(given), expected);
    }

    #[test]
    fn the_time_is_shared_and_the_last_address_has_the_rest() {
        let second = Duration::from_secs(1);
        assert_eq!(share(30 * second, 3), 10 * second);
        assert_eq!(share(30 * second, 2), 10 * second);
        assert_eq!(share(6 * second, 2), 3 * second);
        assert_eq!(share(30 * second, 1), 30 * second);
    }

    #[tokio::test]
    async fn an_address_that_refuses_does_not_keep_from_the_next() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let open = listener.local_addr().expect("bound");
        let closed = {
            let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            gone.local_addr().expect("bound")
        };
        let deadline = Instant::now() + Duration::from_secs(10);
        let stream = connect("h", &[closed, open], deadline).await.expect("the second answers");
        assert!(stream.nodelay().expect("known"));
        assert!(SockRef::from(&stream).keepalive().expect("known"));
        let failure = connect("h", &[closed], deadline).await.expect_err("nobody listens");
        assert!(matches!(failure, DialFailure::Connect { attempts, .. } if attempts.len() == 1));
    }

    #[tokio::test]
    async fn addresses_need_no_look_up() {
        assert_eq!(resolve("[::1]", 443).await.expect("an address"), [address("[::1]:443")]);
        assert_eq!(resolve("127.0.0.1", 80).await.expect("an address"), [address("127.0.0.1:80")]);
    }
}
