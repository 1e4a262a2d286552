//! Binding the listening socket.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, lookup_host};

use super::ListenError;

/// Connections that the system keeps until they are accepted.
const BACKLOG: i32 = 1024;

/// Binds `interface`, or every interface, and gives the address in the form that log lines have. A name is bound at
/// its first address; IPv4 comes first, as in Java.
pub(super) async fn bind(interface: Option<&str>, port: u16) -> Result<(TcpListener, String), ListenError> {
    let Some(interface) = interface else {
        let socket = every_interface(port)
            .map_err(|source| ListenError::Bind { address: format!("0.0.0.0:{port}"), source })?;
        let port = socket.local_addr().map_or(port, |address| address.port());
        return Ok((socket, format!("0.0.0.0:{port}")));
    };
    let address = SocketAddr::new(resolve(interface).await?, port);
    let failed = |source| ListenError::Bind { address: address.to_string(), source };
    let socket = listen(address, false).map_err(failed)?;
    let address = socket.local_addr().map_err(failed)?;
    Ok((socket, address.to_string()))
}

async fn resolve(interface: &str) -> Result<IpAddr, ListenError> {
    let bare = interface.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse() {
        return Ok(address);
    }
    let failed = |source| ListenError::Resolve { interface: interface.to_owned(), source };
    let found = lookup_host((bare, 0)).await.map_err(failed)?;
    let first = found.map(|address| address.ip()).min_by_key(IpAddr::is_ipv6);
    first.ok_or_else(|| failed(io::Error::new(ErrorKind::NotFound, "the name has no address")))
}

/// One socket for both families, or for IPv4 on a machine without IPv6.
fn every_interface(port: u16) -> io::Result<TcpListener> {
    match listen(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)), true) {
        Err(error) if !matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
            listen(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)), false)
        }
        result => result,
    }
}

fn listen(address: SocketAddr, both_families: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if both_families {
        socket.set_only_v6(false)?;
    }
    // So that a restart need not wait for the old connections; on Windows it would let others take the port.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_interface_means_both_families() {
        let (socket, shown) = bind(None, 0).await.unwrap();
        let port = socket.local_addr().unwrap().port();
        assert_eq!(shown, format!("0.0.0.0:{port}"));
        tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        if std::net::TcpListener::bind("[::1]:0").is_ok() {
            tokio::net::TcpStream::connect(("::1", port)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn addresses_and_names_are_understood() {
        for interface in ["127.0.0.1", "localhost"] {
            let (socket, shown) = bind(Some(interface), 0).await.unwrap();
            assert_eq!(shown, format!("127.0.0.1:{}", socket.local_addr().unwrap().port()));
        }
    }

    #[tokio::test]
    async fn what_cannot_be_bound_is_explained() {
        let (taken, _) = bind(Some("127.0.0.1"), 0).await.unwrap();
        let port = taken.local_addr().unwrap().port();
        for (interface, expected) in [
            (Some("127.0.0.1"), format!("cannot listen on 127.0.0.1:{port}: another process has this port")),
            (None, format!("cannot listen on 0.0.0.0:{port}: another process has this port")),
            (Some("192.0.2.1"), "this machine does not have that address: check ifaddress".to_owned()),
            (Some("no-such-host.invalid"), "cannot resolve \"no-such-host.invalid\"".to_owned()),
        ] {
            let error = bind(interface, port).await.map(drop).unwrap_err().to_string();
            assert!(error.contains(&expected), "{error}");
        }
    }
}
