//! What can be watched of a running server.

use std::net::SocketAddr;

use icf_session::Session;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::links::SeenPools;
use super::reload::ReloadStatus;
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
    /// What the server dials with; changes with a reload.
    pub(super) links: watch::Receiver<SeenPools>,
    /// The last attempt to reload; none since the start.
    pub(super) reload: watch::Receiver<Option<ReloadStatus>>,
    /// Cancelled from the order to stop.
    pub stopping: CancellationToken,
}

impl View {
    /// The links to each URL, in client mode.
    #[must_use]
    pub fn pools(&self) -> Vec<watch::Receiver<PoolStatus>> {
        self.links.borrow().pools.clone()
    }

    /// Where tokens come from, with OAuth.
    #[must_use]
    pub fn token(&self) -> Option<TokenSource> {
        self.links.borrow().token.clone()
    }

    /// The last attempt to reload; none if there was none since the start.
    #[must_use]
    pub fn last_reload(&self) -> Option<ReloadStatus> {
        self.reload.borrow().clone()
    }
}
