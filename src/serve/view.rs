//! What can be watched of a running server.

use std::net::SocketAddr;

use icf_session::Session;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::dispatch::Dispatcher;
use crate::pool::PoolStatus;
use crate::token::TokenSource;

/// A window on a server, which stays open until everything has ended. Cheap to clone.
#[derive(Debug, Clone)]
pub struct View {
    /// The name under which the tenant knows the server; `rcs` in server mode.
    pub name: String,
    /// What tells it apart from others of that name, in client mode.
    pub host_id: Option<String>,
    /// When it was started.
    pub started: Instant,
    /// The conversations with peers.
    pub session: Session,
    /// Where operations run.
    pub dispatcher: Dispatcher,
    /// Where it listens, in server mode.
    pub listens_at: Option<SocketAddr>,
    /// The links to each URL, in client mode.
    pub pools: Vec<watch::Receiver<PoolStatus>>,
    /// Where tokens come from, with OAuth.
    pub token: Option<TokenSource>,
    /// Cancelled from the order to stop.
    pub stopping: CancellationToken,
}
