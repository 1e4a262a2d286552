//! One connection, from its first byte to the link or the legacy client that it becomes.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use icf_session::{LinkHandle, Session};
use icf_wire::session::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role as SocketRole;
use tracing::{debug, info, warn};

use super::admission::{self, Admission};
use super::answer::{self, Refusal};
use super::opening::{HeadEnd, Protocol, Received};
use crate::config::KeyHash;
use crate::legacy::{Client, Service, Unserved};
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
    tls: RwLock<Option<TlsAcceptor>>,
    key: RwLock<KeyHash>,
    legacy: Service,
    admits: Admits,
    /// From the first byte to the answer.
    time_limit: Duration,
    max_message_size: usize,
    places: Arc<Semaphore>,
}

/// Which protocols are spoken at a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admits {
    Both,
    WebSocket,
    Legacy,
}

/// A connection that is let in.
enum Opened {
    Link(Upgraded),
    Legacy(Client),
}

/// A connection that became a WebSocket.
struct Upgraded {
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
    #[error("{0}")]
    Unserved(#[source] Unserved),
    #[error("this port takes no clients of the legacy protocol: they have connectorserver.legacyPort")]
    UnexpectedLegacy,
    #[error("this is connectorserver.legacyPort, for clients of the legacy protocol alone")]
    UnexpectedHttp,
    #[error("refused: {0}")]
    Refused(Refusal),
}

impl Door {
    pub(super) fn new(
        tls: Option<TlsAcceptor>,
        key: KeyHash,
        legacy: Service,
        admits: Admits,
        time_limit: Duration,
        max_message_size: usize,
    ) -> Self {
        let places = Arc::new(Semaphore::new(MAX_LINKS));
        Self {
            tls: RwLock::new(tls),
            key: RwLock::new(key),
            legacy,
            admits,
            time_limit,
            max_message_size,
            places,
        }
    }

    /// Shows another certificate from now on.
    pub(super) fn show(&self, config: Arc<ServerConfig>) {
        *self.tls.write().unwrap_or_else(PoisonError::into_inner) = Some(TlsAcceptor::from(config));
    }

    /// Demands another key from now on.
    pub(super) fn demand(&self, key: KeyHash) {
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = key;
    }

    fn tls(&self) -> Option<TlsAcceptor> {
        self.tls.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn key(&self) -> KeyHash {
        self.key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a link of the session out of a connection, or a legacy client, or turns it away and says so in the log.
    pub(super) async fn receive(&self, stream: TcpStream, peer: SocketAddr, session: &Session) {
        let Ok(outcome) = timeout(self.time_limit, self.open(stream, peer)).await else {
            warn!(%peer, "Closed a connection: no {} within {:?} (handshakeTimeout).", self.awaited(), self.time_limit);
            return;
        };
        match outcome {
            Ok(Opened::Link(Upgraded { socket, user, place })) => {
                info!(%peer, ?user, "Accepted a link.");
                let link = session.attach(socket, Role::Acceptor, &user);
                tokio::spawn(keep(place, link));
            }
            Ok(Opened::Legacy(client)) => {
                debug!(%peer, "Accepted a client of the legacy protocol.");
                self.legacy.serve(client);
            }
            Err(failure) if failure.is_common() => debug!(%peer, "Closed a connection: {failure}."),
            Err(failure) => {
                let cause = std::error::Error::source(&failure).map(tracing::field::display);
                warn!(%peer, cause, "Closed a connection: {failure}.");
            }
        }
    }

    const fn awaited(&self) -> &'static str {
        match self.admits {
            Admits::Both => "upgrade or legacy key",
            Admits::WebSocket => "upgrade",
            Admits::Legacy => "legacy key",
        }
    }

    async fn open(&self, tcp: TcpStream, peer: SocketAddr) -> Result<Opened, Failure> {
        keep_alive(&tcp).map_err(Failure::Broken)?;
        let mut stream: Box<dyn Duplex> = match self.tls() {
            None => Box::new(tcp),
            Some(acceptor) => Box::new(acceptor.accept(tcp).await.map_err(Failure::Tls)?),
        };
        let mut received = Received::new();
        match received.protocol(&mut stream).await.map_err(Failure::Broken)? {
            None => Err(Failure::Silent),
            Some(Protocol::Tls) => Err(Failure::UnexpectedTls),
            Some(Protocol::Http) if self.admits == Admits::Legacy => Err(Failure::UnexpectedHttp),
            Some(Protocol::Http) => self.upgrade(stream, received).await.map(Opened::Link),
            Some(Protocol::Legacy) if self.admits == Admits::WebSocket => Err(Failure::UnexpectedLegacy),
            Some(Protocol::Legacy) => {
                let client = self.legacy.greet(stream, received.bytes(), peer).await;
                client.map(Opened::Legacy).map_err(Failure::Unserved)
            }
        }
    }

    async fn upgrade(
        &self,
        mut stream: Box<dyn Duplex>,
        mut received: Received,
    ) -> Result<Upgraded, Failure> {
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
        Ok(Upgraded { socket, user: admission.user, place })
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
        let outcome = admission::judge(&request, &self.key()).and_then(|admission| {
            let place = Arc::clone(&self.places).try_acquire_owned();
            place.map(|place| (admission, place)).map_err(|_| Refusal::Full)
        });
        (!admission::is_dialer(&request) && request.method != Some("HEAD"), outcome)
    }
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").field("tls", &self.tls().is_some()).finish_non_exhaustive()
    }
}

impl Failure {
    /// Health checks and port scans, which must not fill the log.
    fn is_common(&self) -> bool {
        use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
        match self {
            Self::Silent | Self::Refused(Refusal::NoCredentials) | Self::Unserved(Unserved::Silent) => true,
            Self::Broken(error) | Self::Tls(error) | Self::Unserved(Unserved::Io(error)) => {
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
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _inside = runtime.enter();
        let legacy = Service::without_connectors();
        Door::new(None, KeyHash::of("changeit"), legacy, Admits::Both, Duration::from_secs(1), 1024)
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
