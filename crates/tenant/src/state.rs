//! Everything a running tenant knows.

use std::sync::Arc;
use std::time::Duration;

use icf::CancellationToken;
use serde_json::json;
use tokio_util::task::TaskTracker;

use crate::backend::IcfBackend;
use crate::clock::Clock;
use crate::config::Store;
use crate::events::{EventKind, Events};
use crate::faults::{Fault, FaultError, Faults, Point};
use crate::livesync::SyncStore;
use crate::net::Wires;
use crate::openicf::OpenIcf;
use crate::options::TenantOptions;
use crate::provisioner::{Placeholders, Vault};
use crate::system::{Routing, Systems};
use crate::token::{Clients, Tokens};

/// The state that all rooms share.
pub(crate) struct State {
    pub(crate) options: TenantOptions,
    pub(crate) clock: Arc<Clock>,
    pub(crate) events: Arc<Events>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) clients: Clients,
    pub(crate) tokens: Tokens,
    pub(crate) config: Store,
    pub(crate) vault: Vault,
    pub(crate) placeholders: Placeholders,
    pub(crate) systems: Systems,
    pub(crate) routing: Routing,
    pub(crate) sync: SyncStore,
    pub(crate) backend: Arc<dyn IcfBackend>,
    /// The protocol side, unless the backend is the caller's own.
    pub(crate) openicf: Option<Arc<OpenIcf>>,
    /// All live connections.
    pub(crate) wires: Arc<Wires>,
    /// Fires when the tenant stops.
    pub(crate) shutdown: CancellationToken,
    /// Everything that runs in the background.
    pub(crate) tasks: TaskTracker,
}

impl State {
    pub(crate) fn new(
        options: TenantOptions,
        backend: Arc<dyn IcfBackend>,
        openicf: Option<Arc<OpenIcf>>,
        shared: Shared,
    ) -> Self {
        let Shared { clock, events, faults } = shared;
        Self {
            tokens: Tokens::new(Arc::clone(&clock)),
            placeholders: Placeholders::new(options.properties.clone()),
            clock,
            events,
            faults,
            clients: Clients::seeded(),
            config: Store::seeded(),
            vault: Vault::new(),
            systems: Systems::default(),
            routing: Routing::default(),
            sync: SyncStore::default(),
            backend,
            openicf,
            wires: Arc::default(),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            options,
        }
    }
}

impl State {
    /// Arms a fault; one of point `socket` strikes the sockets that are open already, too.
    pub(crate) fn arm(&self, fault: Fault) -> Result<String, FaultError> {
        let at_sockets = fault.point == Point::Socket;
        let id = self.faults.arm(fault)?;
        if let Some(openicf) = self.openicf.as_ref().filter(|_| at_sockets) {
            openicf.strike_open_sockets(&id);
        }
        Ok(id)
    }

    /// Moves every clock forward.
    pub(crate) fn advance_clock(&self, by: Duration) {
        self.clock.advance(by);
        if let Some(openicf) = &self.openicf {
            openicf.advance(by);
        }
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.events.emit(EventKind::Clock, json!({"advancedMs": millis}));
    }
}

/// What both sides of the seam use.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Arc<Clock>,
    pub(crate) events: Arc<Events>,
    pub(crate) faults: Arc<Faults>,
}

impl Shared {
    pub(crate) fn new(seed: u64) -> Self {
        let events = Arc::new(Events::default());
        Self { clock: Arc::default(), faults: Arc::new(Faults::new(Arc::clone(&events), seed)), events }
    }
}
