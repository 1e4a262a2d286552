//! What the dispatcher is given besides a request, and whom it talks to.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use icf::{CancellationToken, ConfigurationProperty, Flow, Locale, Result};
use icf_wire::rpc::{FacadeKey, Item};
use icf_wire::session::GroupId;

/// The circumstances of one request.
#[derive(Clone, Debug)]
pub struct Call {
    /// Identifies the request in logs.
    pub request_id: Arc<str>,
    /// The group of links it came in on, which is told when the connector changes its configuration; none for callers
    /// that cannot be told.
    pub origin: Option<GroupId>,
    /// Fires when the caller gave up.
    pub cancellation: CancellationToken,
}

/// Where the parts of a streamed answer go. Implemented by the session, which encodes them and queues the bytes.
pub trait Results: Send {
    /// Ready when one more item can be taken, or when no more is wanted.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow>;

    /// Takes an item; called only after `poll_ready` answered [`Flow::Continue`].
    ///
    /// # Errors
    /// What makes the operation fail, such as an item that cannot be encoded.
    fn item(&mut self, item: Item) -> Result<Flow>;

    /// Passes on the items that it keeps to pass them on together; called whenever the connector waits for something.
    /// Ready when there are none left, or when no more are wanted.
    fn poll_flush(&mut self, _cx: &mut Context<'_>) -> Poll<Flow> {
        Poll::Ready(Flow::Continue)
    }
}

/// A configuration that a connector has changed by itself.
#[derive(Clone, PartialEq)]
pub struct ConfigurationChange {
    /// Which configuration, as the caller encoded it.
    pub facade_key: FacadeKey,
    /// The properties that differ from those in the key, with their new values.
    pub properties: Vec<ConfigurationProperty>,
}

impl fmt::Debug for ConfigurationChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.properties.iter().map(|property| &property.name).collect();
        f.debug_struct("ConfigurationChange").field("properties", &names).finish_non_exhaustive()
    }
}

/// Tells callers that a connector has changed its configuration.
pub trait ConfigurationChangeNotifier: Send + Sync {
    /// Sends the change to a group, now or as soon as it has a link. Must not block; failures are its own affair.
    fn changed(&self, group: GroupId, change: ConfigurationChange);
}

/// How a target is protected. Each target has its own count, that is, each configuration of a connector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// Operations at a time.
    pub concurrency: Option<usize>,
    /// Operations in a second.
    pub rate: Option<u32>,
    /// How long an operation waits for one of these.
    pub wait: Duration,
    /// When the target is left alone.
    pub breaker: Option<Breaker>,
}

impl Protection {
    /// Whether there is anything to do.
    pub(super) const fn is_on(&self) -> bool {
        self.concurrency.is_some() || self.rate.is_some() || self.breaker.is_some()
    }
}

/// When a target is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// After so many failures in a row.
    pub failures: u32,
    /// For so long; then one operation tries.
    pub pause: Duration,
}

/// Settings of the dispatcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DispatchOptions {
    /// How long an unused facade is kept; zero means for ever.
    pub facade_life: Duration,
    /// Facades kept at most; beyond, the one unused for longest goes.
    pub facade_limit: usize,
    /// Cap for operations for which the caller set no limit; none for no cap.
    pub max_operation_time: Option<Duration>,
    /// How long a connector may take to return after its operation has expired or was cancelled.
    pub grace: Duration,
    /// Protection of the targets of connectors, by bundle name; `*` stands for those that are not named.
    pub protection: BTreeMap<String, Protection>,
    /// Locale of requests that bring none.
    pub default_locale: Locale,
}

impl Default for DispatchOptions {
    fn default() -> Self {
        Self {
            facade_life: Duration::from_secs(120 * 60),
            facade_limit: 1_000,
            max_operation_time: Some(Duration::from_secs(3_600)),
            grace: Duration::from_secs(5),
            protection: BTreeMap::new(),
            default_locale: Locale::new("en", ""),
        }
    }
}
