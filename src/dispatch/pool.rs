//! Instances of a connector that are used again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use icf::{BoundConfiguration, CallContext, ConnectorError, ErrorKind, Instance, PoolConfiguration, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::facade::InstanceStatus;
use super::lease::{Disposal, Lease};
use super::supervise::cancelled;

/// Instances of one configuration: so many at once, the idle ones kept for a time.
pub(super) struct Pool {
    bound: Arc<dyn BoundConfiguration>,
    settings: Settings,
    /// One permit for each instance that may be in use.
    slots: Arc<Semaphore>,
    /// Longest idle first. A new instance is made only when there is none, so idle and busy ones together never exceed
    /// the permits.
    idle: Mutex<VecDeque<Idle>>,
    disposal: Disposal,
}

struct Settings {
    most: usize,
    max_idle: usize,
    min_idle: usize,
    max_wait: Duration,
    evictable_after: Duration,
}

struct Idle {
    instance: Box<dyn Instance>,
    since: Instant,
}

impl Pool {
    /// A pool; makes no instance.
    ///
    /// # Errors
    /// `IllegalArgumentException` for settings that contradict each other.
    pub(super) fn try_new(
        bound: Arc<dyn BoundConfiguration>,
        configuration: &PoolConfiguration,
        disposal: Disposal,
    ) -> Result<Self> {
        check(configuration)?;
        let count = |number: i32| usize::try_from(number).unwrap_or_default();
        let millis = |number: i64| Duration::from_millis(u64::try_from(number).unwrap_or_default());
        Ok(Self {
            bound,
            settings: Settings {
                most: count(configuration.max_objects),
                max_idle: count(configuration.max_idle),
                min_idle: count(configuration.min_idle),
                max_wait: millis(configuration.max_wait),
                evictable_after: millis(configuration.min_evictable_idle_time_millis),
            },
            slots: Arc::new(Semaphore::new(count(configuration.max_objects))),
            idle: Mutex::default(),
            disposal,
        })
    }

    /// Takes an instance that works: an idle one, or a new one. Waits in order of arrival, until the call is cancelled.
    ///
    /// # Errors
    /// `ConnectorException` `TimeOut` when none becomes free in time; otherwise what making an instance answers.
    pub(super) async fn borrow(self: &Arc<Self>, cx: &CallContext) -> Result<Lease> {
        let mut permit = self.wait_for_slot(cx).await?;
        while let Some(instance) = self.take_idle() {
            let lease = Lease::from_pool(instance, Arc::clone(self), permit);
            match lease.instance().check_alive().await {
                Ok(()) => return Ok(lease),
                Err(error) => {
                    tracing::debug!(%error, "An idle instance no longer works; it is replaced.");
                    permit = match lease.discard().await {
                        Some(permit) => permit,
                        None => self.wait_for_slot(cx).await?,
                    };
                }
            }
        }
        let instance = self.bound.open(cx).await?;
        let lease = Lease::from_pool(instance, Arc::clone(self), permit);
        match lease.instance().check_alive().await {
            Ok(()) => Ok(lease),
            Err(error) => {
                drop(lease.discard().await);
                Err(error)
            }
        }
    }

    /// Takes an instance back.
    pub(super) fn give_back(&self, instance: Box<dyn Instance>, permit: OwnedSemaphorePermit) {
        if self.settings.max_idle < 1 || self.slots.is_closed() {
            return self.disposal.dispose_later(instance, Some(permit));
        }
        let mut surplus = Vec::new();
        let mut idle = self.lock();
        while idle.len() >= self.settings.max_idle || idle.front().is_some_and(|oldest| self.is_old(oldest)) {
            surplus.extend(idle.pop_front());
        }
        idle.push_back(Idle { instance, since: Instant::now() });
        drop(idle);
        drop(permit);
        self.dispose_all(surplus);
    }

    /// Disposes of instances idle for too long, but for the number that is to be kept.
    pub(super) fn evict(&self) {
        let mut surplus = Vec::new();
        let mut idle = self.lock();
        while idle.len() > self.settings.min_idle && idle.front().is_some_and(|oldest| self.is_old(oldest)) {
            surplus.extend(idle.pop_front());
        }
        drop(idle);
        self.dispose_all(surplus);
    }

    /// How many instances are at work, and how many wait for it.
    pub(super) fn status(&self) -> InstanceStatus {
        let most = self.settings.most;
        let busy = most.saturating_sub(self.slots.available_permits());
        InstanceStatus { busy, idle: self.lock().len(), most }
    }

    /// Ends the pool: idle instances are disposed of now, borrowed ones when they come back.
    pub(super) fn shut_down(&self) {
        self.slots.close();
        let idle = std::mem::take(&mut *self.lock());
        self.dispose_all(idle);
    }

    pub(super) const fn disposal(&self) -> &Disposal {
        &self.disposal
    }

    async fn wait_for_slot(&self, cx: &CallContext) -> Result<OwnedSemaphorePermit> {
        let slot = Arc::clone(&self.slots).acquire_owned();
        tokio::select! {
            biased;
            () = cx.cancellation().cancelled() => Err(cancelled()),
            slot = timeout(self.settings.max_wait, slot) => match slot {
                Ok(Ok(permit)) => Ok(permit),
                Ok(Err(_)) => Err(ConnectorError::illegal_state("Object pool already shutdown")),
                Err(_) => Err(ConnectorError::new(ErrorKind::Connector, "TimeOut")),
            },
        }
    }

    /// The instance idle for longest that need not be disposed of.
    fn take_idle(&self) -> Option<Box<dyn Instance>> {
        let mut surplus = Vec::new();
        let mut idle = self.lock();
        let taken = loop {
            let Some(oldest) = idle.pop_front() else {
                break None;
            };
            let remaining = idle.len();
            let dispensable = self.settings.min_idle < remaining + 1;
            if dispensable && (self.settings.max_idle < remaining || self.is_old(&oldest)) {
                surplus.push(oldest);
            } else {
                break Some(oldest.instance);
            }
        };
        drop(idle);
        self.dispose_all(surplus);
        taken
    }

    fn is_old(&self, idle: &Idle) -> bool {
        idle.since.elapsed() > self.settings.evictable_after
    }

    fn dispose_all(&self, surplus: impl IntoIterator<Item = Idle>) {
        for idle in surplus {
            self.disposal.dispose_later(idle.instance, None);
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shut_down();
    }
}

fn check(configuration: &PoolConfiguration) -> Result<()> {
    let PoolConfiguration { max_objects, max_idle, max_wait, min_evictable_idle_time_millis, min_idle } =
        *configuration;
    let rules = [
        (min_idle < 0, "Min idle is less than zero."),
        (max_objects < 0, "Max active is less than zero."),
        (max_idle < 0, "Max idle is less than zero."),
        (max_wait < 0, "Max wait is less than zero."),
        (min_evictable_idle_time_millis < 0, "Min evictable idle time millis less than zero."),
        (min_idle > max_idle, "Min idle is greater than max idle."),
        (max_idle > max_objects, "Max idle is greater than max objects."),
    ];
    let broken = rules.into_iter().find_map(|(broken, text)| broken.then_some(text));
    broken.map_or(Ok(()), |text| Err(ConnectorError::illegal_argument(text)))
}
