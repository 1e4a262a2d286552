//! What operators and their tools ask a running server over HTTP, by default on the loopback interface:
//!
//! * `/`: a page for people.
//! * `/livez`: the process answers.
//! * `/readyz`: an operation of the tenant would be taken now; if not, 503 and what is missing.
//! * `/metrics`: figures in the text format of Prometheus.
//! * `/status`: the links, groups, token and counters as JSON.
//!
//! Start reading at [`Admin::start`]. It looks through a [`View`] and changes nothing.

mod ask;
mod error;
mod listen;
mod metrics;
mod page;
mod readiness;
mod routes;
mod status;

pub use ask::ask;
pub use error::AdminError;
pub use metrics::Metrics;

use std::net::SocketAddr;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;

use crate::config::AdminListen;
use crate::serve::View;

/// The listener of health, metrics and status, for as long as it is held.
#[derive(Debug)]
pub struct Admin {
    address: Option<SocketAddr>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Admin {
    /// Listens at `place`; `None` if that is nowhere. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub async fn start(
        place: &AdminListen,
        view: View,
        metrics: Metrics,
    ) -> Result<Option<Self>, AdminError> {
        let Some(door) = listen::bind(place).await? else { return Ok(None) };
        let (address, stop, tasks) = (door.address(), CancellationToken::new(), TaskTracker::new());
        info!("Health, metrics and status at {place}");
        tasks.spawn(door.serve(routes::routes(view, metrics), stop.clone()));
        Ok(Some(Self { address, stop, tasks }))
    }

    /// Where it listens, if that is TCP.
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Answers what is being asked and ends.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
