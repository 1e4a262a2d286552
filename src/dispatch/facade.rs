//! A connector with one caller's configuration.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use icf::{ApiConfiguration, ApiOperation, ConfigurationProperty, ConnectorInfo, Registration, Result};
use icf_wire::rpc::FacadeKey;
use icf_wire::session::GroupId;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::change::{self, Values};
use super::source::{Source, Sources};

/// A connector as the server offers it.
pub(super) struct Offered {
    pub(super) registration: Registration,
    pub(super) info: ConnectorInfo,
}

/// A connector with one caller's configuration. Cheap to make: properties are bound when the first call needs them.
pub(super) struct Facade {
    offered: Arc<Offered>,
    key: FacadeKey,
    configuration: ApiConfiguration,
    source: OnceLock<Arc<Source>>,
    valid: OnceCell<()>,
    usage: Mutex<Usage>,
}

/// A facade as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacadeStatus {
    /// The connector key, as logs show it.
    pub connector: String,
    /// Calls that run.
    pub running: usize,
    /// Its pool; `None` if it has none, no call has needed it yet, or another facade shows it.
    pub pool: Option<InstanceStatus>,
}

/// A pool of instances as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceStatus {
    /// Those in use.
    pub busy: usize,
    /// Those that wait for use.
    pub idle: usize,
    /// The largest number at a time.
    pub most: usize,
}

struct Usage {
    running: usize,
    last_ended: Instant,
    /// Those who use it; the latest last.
    groups: Vec<GroupId>,
}

impl Facade {
    pub(super) fn new(offered: Arc<Offered>, key: FacadeKey, configuration: ApiConfiguration) -> Self {
        Self {
            offered,
            key,
            configuration,
            source: OnceLock::new(),
            valid: OnceCell::new(),
            usage: Mutex::new(Usage { running: 0, last_ended: Instant::now(), groups: Vec::new() }),
        }
    }

    pub(super) fn connector(&self) -> &Registration {
        &self.offered.registration
    }

    /// The key as received.
    pub(super) const fn key(&self) -> &FacadeKey {
        &self.key
    }

    pub(super) const fn configuration(&self) -> &ApiConfiguration {
        &self.configuration
    }

    /// Whether the caller's configuration admits the operation and the connector has it.
    pub(super) fn admits(&self, operation: ApiOperation) -> bool {
        let received = &self.configuration.supported_operations;
        let implemented = self.offered.info.configuration.supported_operations.as_ref();
        received.as_ref().is_none_or(|received| received.contains(&operation))
            && implemented.is_some_and(|implemented| implemented.contains(&operation))
    }

    /// The bound configuration with its instances. A failure is not remembered.
    ///
    /// # Errors
    /// `ConfigurationException` for a property that cannot be set.
    pub(super) fn source(self: &Arc<Self>, sources: &Sources) -> Result<Arc<Source>> {
        if let Some(source) = self.source.get() {
            return Ok(Arc::clone(source));
        }
        let source = sources.bind(&self.offered.registration, &self.configuration)?;
        let attach = || {
            source.attach(self);
            source
        };
        Ok(Arc::clone(self.source.get_or_init(attach)))
    }

    /// Validates the configuration unless that has succeeded before; calls that come meanwhile wait for the outcome.
    ///
    /// # Errors
    /// Those of the connector.
    pub(super) async fn ensure_valid(&self, source: &Source) -> Result<()> {
        self.valid.get_or_try_init(|| source.validate()).await.copied()
    }

    /// Changed properties as this caller knows them.
    pub(super) fn describe(&self, changed: &Values) -> Vec<ConfigurationProperty> {
        change::described(changed, &self.configuration, &self.offered.info.configuration.properties)
    }

    /// The groups that use it.
    pub(super) fn groups(&self) -> Vec<GroupId> {
        self.usage().groups.clone()
    }

    /// A call took longer than it may.
    pub(super) fn expired(&self) {
        if let Some(source) = self.source.get() {
            source.expired();
        }
    }

    /// Disposes of instances idle for too long.
    pub(super) fn evict_instances(&self) {
        if let Some(source) = self.source.get() {
            source.evict();
        }
    }

    /// Ends the pool, for everyone who shares it.
    pub(super) fn shut_down(&self) {
        if let Some(source) = self.source.get() {
            source.shut_down();
        }
    }

    /// What it is doing; pools that are in `seen` are left out, and the one shown is put there.
    pub(super) fn status(&self, seen: &mut Vec<Arc<Source>>) -> FacadeStatus {
        let source = self.source.get().filter(|source| !seen.iter().any(|other| Arc::ptr_eq(other, source)));
        let pool = source.and_then(|source| {
            seen.push(Arc::clone(source));
            source.instances()
        });
        let connector = self.connector().key().to_string();
        FacadeStatus { connector, running: self.usage().running, pool }
    }

    /// Since when no call runs; none while one does.
    pub(super) fn unused_since(&self) -> Option<Instant> {
        let usage = self.usage();
        (usage.running == 0).then_some(usage.last_ended)
    }

    fn usage(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A facade while a call uses it.
pub(super) struct InUse(Arc<Facade>);

impl InUse {
    /// Counts a call of a group.
    pub(super) fn new(facade: Arc<Facade>, group: Option<GroupId>) -> Self {
        let mut usage = facade.usage();
        usage.running += 1;
        if let Some(group) = group.filter(|group| usage.groups.last() != Some(group)) {
            usage.groups.retain(|known| *known != group);
            if usage.groups.len() >= MAX_GROUPS {
                usage.groups.remove(0);
            }
            usage.groups.push(group);
        }
        drop(usage);
        Self(facade)
    }
}

impl Deref for InUse {
    type Target = Arc<Facade>;

    fn deref(&self) -> &Arc<Facade> {
        &self.0
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let mut usage = self.0.usage();
        usage.running -= 1;
        usage.last_ended = Instant::now();
    }
}

/// Groups remembered for one facade: each restart of a caller brings a new one, and the old ones never say good-bye.
const MAX_GROUPS: usize = 64;
