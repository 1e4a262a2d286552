//! Clients of the legacy protocol: ConnId's, and OpenICF's of release 1.4. What arrives becomes operations of the
//! dispatcher, and their results become answers.
//!
//! The listener finds out that a connection speaks this protocol and hands it to [`Service::greet`], which waits for the
//! first request with the right key; until then all is bounded by the listener's time limit and by small sizes. The
//! [`Client`] that comes of it is then served with [`Service::serve`] until it leaves or the server stops.

mod client;
mod limits;
mod operation;
mod outbox;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use icf::{ConnectorInfo, ConnectorKey};
use icf_wire::binary::{Limits, Profile};
use icf_wire::legacy;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use client::{Client, Unserved};

use crate::config::{KeyHash, LegacyProfile};
use crate::dispatch::Dispatcher;

/// Clients served at the same time. Java clients open a connection for each operation.
const MAX_CLIENTS: usize = 1024;

/// What the service needs to know.
#[derive(Debug)]
pub struct Options {
    /// Hash of the key that clients have to show.
    pub key: KeyHash,
    /// The dialect in which they are answered.
    pub profile: LegacyProfile,
    /// Largest request accepted, in bytes.
    pub max_message_size: usize,
}

/// Serves clients. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Service(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    dispatcher: Dispatcher,
    key: RwLock<KeyHash>,
    profile: Profile,
    limits: Limits,
    /// When the server started, in milliseconds since 1970.
    started: i64,
    connectors: Vec<ConnectorInfo>,
    places: Arc<Semaphore>,
    clients: TaskTracker,
    /// No request is begun any more.
    stop: CancellationToken,
    /// Operations that still run are given up.
    abort: CancellationToken,
}

impl Service {
    /// A service for the connectors of a dispatcher. `stop` has clients leave once what they asked for is answered;
    /// `abort` answers them that the server gave up.
    #[must_use]
    pub fn new(
        dispatcher: Dispatcher,
        options: Options,
        stop: CancellationToken,
        abort: CancellationToken,
    ) -> Self {
        let size = options.max_message_size;
        let connectors = legacy::offered(dispatcher.connector_infos());
        Self(Arc::new(Shared {
            dispatcher,
            key: RwLock::new(options.key),
            profile: profile(options.profile),
            limits: Limits { object_bytes: size, blob_bytes: size, ..Limits::default() },
            started: now(),
            connectors,
            places: Arc::new(Semaphore::new(MAX_CLIENTS)),
            clients: TaskTracker::new(),
            stop,
            abort,
        }))
    }

    /// Demands another key of clients that come from now on, and of the next request of those that are there.
    pub fn demand(&self, key: KeyHash) {
        *self.0.key.write().unwrap_or_else(PoisonError::into_inner) = key;
    }

    /// Waits until every client has been answered and has left. Ends only after the service was stopped.
    pub async fn ended(&self) {
        self.0.clients.close();
        self.0.clients.wait().await;
    }
}

impl Shared {
    fn knows(&self, connector: &ConnectorKey) -> bool {
        self.connectors.iter().any(|info| info.key == *connector)
    }
}

const fn profile(profile: LegacyProfile) -> Profile {
    match profile {
        LegacyProfile::OpenIcf => Profile::OpenIcf2,
        LegacyProfile::OpenIcf14 => Profile::OpenIcf14,
        LegacyProfile::ConnId14 => Profile::CONNID_1_4,
        LegacyProfile::ConnId15 => Profile::CONNID_1_5,
        LegacyProfile::ConnId | LegacyProfile::ConnId16 => Profile::CONNID_1_6,
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
impl Service {
    /// A service that has nothing to offer, with the key `changeit`. Must be called within a runtime.
    pub(crate) fn without_connectors() -> Self {
        use crate::dispatch::{ConfigurationChange, ConfigurationChangeNotifier, DispatchOptions};

        struct Nobody;

        impl ConfigurationChangeNotifier for Nobody {
            fn changed(&self, _: icf_wire::session::GroupId, _: ConfigurationChange) {}
        }

        let dispatcher = Dispatcher::new(Vec::new(), DispatchOptions::default(), Arc::new(Nobody));
        let options =
            Options { key: KeyHash::of("changeit"), profile: LegacyProfile::OpenIcf, max_message_size: 1024 };
        Self::new(dispatcher, options, CancellationToken::new(), CancellationToken::new())
    }
}
