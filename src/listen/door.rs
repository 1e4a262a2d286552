//! One connection, from its first byte to the link that it becomes.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use icf_session::{LinkHandle, Session};
use icf_wire::session::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role as SocketRole;
use tracing::{debug, info, warn};

use super::admission::{self, Admission};
use super::answer::{self, Refusal};
use super::opening::{HeadEnd, Protocol, Received};
use crate::config::KeyHash;
use crate::link::{Duplex, LinkSocket, keep_alive, socket_config};

/// Links open at the same time, far above what tenants need.
const MAX_LINKS: usize = 1024;
const MAX_HEADERS: usize = 64;
/// How much of what a refused peer still sends is read, and for how long, so that the answer arrives: a connection
/// closed over unread bytes is reset.
const MAX_LINGER: u64 = 64 * 1024;
const LINGER_TIME: Duration = Duration::from_secs(1);

/// Decides who comes in.
pub(super) struct Door {
    tls: Option<TlsAcceptor>,
    key: KeyHash,
    /// From the first byte to the answer.
    time_limit: Duration,
    max_message_size: usize,
    places: Arc<Semaphore>,
}

/// A connection that became a WebSocket.
struct Opened {
    socket: LinkSocket,
    user: String,
    place: OwnedSemaphorePermit,
}

/// Why a connection did not.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("nothing was sent")]
    Silent,
    #[error("the connection ended within the request")]
    Cut,
    #[error("the connection broke")]
    Broken(#[source] io::Error),
    #[error("no TLS: the peer must use wss and trust the certificate in keyStoreFile")]
    Tls(#[source] io::Error),
    #[error("the peer speaks TLS: set usessl to true, or let it use ws")]
    UnexpectedTls,
    #[error("the legacy protocol is not served yet")]
    Legacy,
    #[error("refused: {0}")]
    Refused(Refusal),
}

impl Door {
    pub(super) fn new(
        tls: Option<TlsAcceptor>,
        key: KeyHash,
        time_limit: Duration,
        max_message_size: usize,
    ) -> Self {
        Self { tls, key, time_limit, max_message_size, places: Arc::new(Semaphore::new(MAX_LINKS)) }
    }

    /// Makes a link of the session out of a connection, or turns it away and says so in the log.
    pub(super) async fn receive(&self, stream: TcpStream, peer: SocketAddr, session: &Session) {
        let Ok(outcome) = timeout(self.time_limit, self.open(stream)).await else {
            warn!(%peer, "Closed a connection: no upgrade within {:?} (handshakeTimeout).", self.time_limit);
            return;
        };
        match outcome {
            Ok(Opened { socket, user, place }) => {
                info!(%peer, ?user, "Accepted a link.");
                let link = session.attach(socket, Role::Acceptor, &user);
                tokio::spawn(keep(place, link));
            }
            Err(failure) if failure.is_common() => debug!(%peer, "Closed a connection: {failure}."),
            Err(failure) => {
                let cause = std::error::Error::source(&failure).map(tracing::field::display);
                warn!(%peer, cause, "Closed a connection: {failure}.");
            }
        }
    }

    async fn open(&self, tcp: TcpStream) -> Result<Opened, Failure> {
        keep_alive(&tcp).map_err(Failure::Broken)?;
        let mut stream: Box<dyn Duplex> = match &self.tls {
            None => Box::new(tcp),
            Some(acceptor) => Box::new(acceptor.accept(tcp).await.map_err(Failure::Tls)?),
        };
        let mut received = Received::new();
        match received.protocol(&mut stream).await.map_err(Failure::Broken)? {
            None => Err(Failure::Silent),
            Some(Protocol::Http) => self.upgrade(stream, received).await,
            Some(Protocol::Legacy) => Err(Failure::Legacy),
            Some(Protocol::Tls) => Err(Failure::UnexpectedTls),
        }
    }

    async fn upgrade(&self, mut stream: Box<dyn Duplex>, mut received: Received) -> Result<Opened, Failure> {
        let (with_page, outcome, length) = match received.head(&mut stream).await.map_err(Failure::Broken)? {
            HeadEnd::Missing => return Err(Failure::Cut),
            HeadEnd::TooFar => (true, Err(Refusal::HeadTooLarge), 0),
            HeadEnd::At(length) => {
                let (with_page, outcome) = self.judge(received.bytes());
                (with_page, outcome, length)
            }
        };
        let (admission, place) = match outcome {
            Ok(admitted) => admitted,
            Err(refusal) => {
                turn_away(&mut stream, &refusal.answer(with_page)).await.map_err(Failure::Broken)?;
                return Err(Failure::Refused(refusal));
            }
        };
        let answer = answer::switch(&admission.accept_key, admission.sub_protocol);
        send(&mut stream, &answer).await.map_err(Failure::Broken)?;
        let config = Some(socket_config(self.max_message_size));
        let rest = received.rest(length);
        let socket = WebSocketStream::from_partially_read(stream, rest, SocketRole::Server, config).await;
        Ok(Opened { socket, user: admission.user, place })
    }

    /// Whether a refusal may have a page, and the judgement.
    fn judge(&self, head: &[u8]) -> (bool, Result<(Admission, OwnedSemaphorePermit), Refusal>) {
        let mut slots = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut request = httparse::Request::new(&mut slots);
        match request.parse(head) {
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => return (true, Err(Refusal::HeadTooLarge)),
            Ok(httparse::Status::Partial) | Err(_) => {
                return (true, Err(Refusal::Malformed("what was sent is no HTTP request")));
            }
        }
        let outcome = admission::judge(&request, &self.key).and_then(|admission| {
            let place = Arc::clone(&self.places).try_acquire_owned();
            place.map(|place| (admission, place)).map_err(|_| Refusal::Full)
        });
        (!admission::is_dialer(&request) && request.method != Some("HEAD"), outcome)
    }
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").field("tls", &self.tls.is_some()).finish_non_exhaustive()
    }
}

impl Failure {
    /// Health checks and port scans, which must not fill the log.
    fn is_common(&self) -> bool {
        use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
        match self {
            Self::Silent | Self::Refused(Refusal::NoCredentials) => true,
            Self::Broken(error) | Self::Tls(error) => {
                matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
            }
            _ => false,
        }
    }
}

/// Keeps a link's place until the link is gone.
async fn keep(place: OwnedSemaphorePermit, link: LinkHandle) {
    link.closed().await;
    drop(place);
}

async fn send(stream: &mut Box<dyn Duplex>, answer: &str) -> io::Result<()> {
    stream.write_all(answer.as_bytes()).await?;
    stream.flush().await
}

async fn turn_away(stream: &mut Box<dyn Duplex>, answer: &str) -> io::Result<()> {
    send(stream, answer).await?;
    stream.shutdown().await?;
    let mut waste = tokio::io::sink();
    let _ = timeout(LINGER_TIME, tokio::io::copy(&mut stream.take(MAX_LINGER), &mut waste)).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn door() -> Door {
        Door::new(None, KeyHash::of("changeit"), Duration::from_secs(1), 1024)
    }

    #[test]
    fn there_is_an_end_to_the_number_of_links() {
        let request = b"GET /openicf HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
            Authorization: Basic YW5vbnltb3VzOmNoYW5nZWl0\r\n\r\n";
        let door = door();
        let mut places: Vec<_> = (0..1024).map(|_| door.judge(request).1.unwrap().1).collect();
        let full = door.judge(request).1.map(drop).unwrap_err();
        assert!(full.answer(true).starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
        places.pop();
        assert!(door.judge(request).1.is_ok());
    }

    proptest! {
        #[test]
        fn nobody_comes_in_by_chance(bytes in proptest::collection::vec(any::<u8>(), 0..300), known in 0_usize..4) {
            let prefix = ["", "GET ", "GET /openicf HTTP/1.1\r\n", "GET /openicf HTTP/1.1\r\nAuthorization: Basic "];
            let head = [prefix.get(known).map_or(&[][..], |prefix| prefix.as_bytes()), &bytes, b"\r\n\r\n"].concat();
            prop_assert!(door().judge(&head).1.is_err());
        }
    }
}
