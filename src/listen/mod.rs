//! Server mode: accepting the links that a tenant opens, and clients of the legacy protocol.
//!
//! A connection becomes a link in four steps, for all of which it has one time limit: TLS if configured, a look at the
//! first byte (who speaks what), the upgrade request, the answer. A legacy client has the same time to show its key.
//! Whatever arrives before the shared key is proven is bounded in size, in time and in number. Start at [`Listener`].

mod admission;
mod answer;
mod bind;
mod credentials;
mod door;
mod error;
mod opening;

pub use error::ListenError;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use icf_session::Session;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, info, warn};

use crate::config::{KeyHash, LinkSettings, ServerSettings};
use crate::legacy::Service;
use crate::tls;
use door::{Admits, Door};

/// Connections that have not shown the key. More of them wait in the system's queue.
const MAX_PENDING: usize = 256;
/// After a failure that is no single connection's, such as a lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
/// Between two remarks that connections have to wait.
const REMARK_INTERVAL: Duration = Duration::from_secs(60);

/// Changes what new connections of a listener are shown and asked for.
#[derive(Debug, Clone)]
pub struct Entrance(Arc<Door>);

impl Entrance {
    /// Shows another certificate; for listeners with TLS.
    pub fn show(&self, config: Arc<ServerConfig>) {
        self.0.show(config);
    }

    /// Asks for another key.
    pub fn demand(&self, key: KeyHash) {
        self.0.demand(key);
    }
}

/// A bound socket, not yet accepting. Its `Display` is the form that log lines of Java servers have.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    shown: String,
    door: Arc<Door>,
}

impl Listener {
    /// Reads the key store, if TLS is on, and binds the port. Whoever connects from now on waits until
    /// [`run`](Self::run). Clients of the legacy protocol come in here, too, unless they have a port of their own.
    ///
    /// # Errors
    ///
    /// A key store that cannot be used, or an address that cannot be bound; see [`ListenError`].
    pub async fn bind(
        settings: &ServerSettings,
        link: &LinkSettings,
        legacy: Service,
    ) -> Result<Self, ListenError> {
        let admits = if settings.legacy_port.is_some() { Admits::WebSocket } else { Admits::Both };
        Self::bind_to(settings.port, admits, settings, link, legacy).await
    }

    /// The same for the port of the legacy clients; none if they have no port of their own.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub async fn bind_legacy(
        settings: &ServerSettings,
        link: &LinkSettings,
        legacy: Service,
    ) -> Result<Option<Self>, ListenError> {
        match settings.legacy_port {
            None => Ok(None),
            Some(port) => Self::bind_to(port, Admits::Legacy, settings, link, legacy).await.map(Some),
        }
    }

    async fn bind_to(
        port: u16,
        admits: Admits,
        settings: &ServerSettings,
        link: &LinkSettings,
        legacy: Service,
    ) -> Result<Self, ListenError> {
        let tls = match &settings.tls {
            None => None,
            Some(identity) => Some(TlsAcceptor::from(tls::server_config(identity.clone()).await?)),
        };
        let (socket, address) = bind::bind(settings.interface.as_deref(), port).await?;
        let shown = format!("{address} - {}", if tls.is_some() { "secure" } else { "plain" });
        let (time_limit, size) = (link.handshake_timeout, link.max_message_size);
        let door = Door::new(tls, settings.key.clone(), legacy, admits, time_limit, size);
        Ok(Self { socket, shown, door: Arc::new(door) })
    }

    /// Changes what connections are shown and asked for from then on.
    #[must_use]
    pub fn entrance(&self) -> Entrance {
        Entrance(Arc::clone(&self.door))
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Hands the links that peers open to `session`, until `stop`. Connections that have not shown the key are dropped
    /// then; links that are up belong to the session and stay, as do the clients of the legacy service.
    pub async fn run(self, session: Session, stop: CancellationToken) {
        // Administrators and their scripts look for this line.
        info!("ConnectorServer listening on: {self}");
        let pending = Arc::new(Semaphore::new(MAX_PENDING));
        let connections = TaskTracker::new();
        let accepting = async {
            let mut remarked = None;
            loop {
                let place = wait_for_place(&pending, &mut remarked).await;
                let Some((stream, peer)) = self.accept().await else { continue };
                let (door, session, stop) = (Arc::clone(&self.door), session.clone(), stop.clone());
                connections.spawn(async move {
                    let _place = place;
                    tokio::select! {
                        () = stop.cancelled() => debug!(%peer, "Dropped a connection: the server stops."),
                        () = door.receive(stream, peer, &session) => {}
                    }
                });
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = accepting => {}
        }
        drop(self);
        connections.close();
        connections.wait().await;
    }

    async fn accept(&self) -> Option<(TcpStream, SocketAddr)> {
        match self.socket.accept().await {
            Ok((stream, peer)) => Some((stream, SocketAddr::new(peer.ip().to_canonical(), peer.port()))),
            Err(error) if concerns_one_connection(&error) => {
                debug!(%error, "A connection was gone before it was accepted.");
                None
            }
            Err(error) => {
                warn!(%error, "Cannot accept connections; check the limit of open files. Trying again.");
                sleep(ACCEPT_PAUSE).await;
                None
            }
        }
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerListener[{}]", self.shown)
    }
}

async fn wait_for_place(pending: &Arc<Semaphore>, remarked: &mut Option<Instant>) -> OwnedSemaphorePermit {
    if pending.available_permits() == 0 && remarked.is_none_or(|at| at.elapsed() >= REMARK_INTERVAL) {
        *remarked = Some(Instant::now());
        warn!("{MAX_PENDING} connections have not shown the key; others have to wait.");
    }
    Arc::clone(pending).acquire_owned().await.expect("nobody closes the semaphore")
}

fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
