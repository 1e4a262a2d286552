//! An instance of a connector for the time of one call.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use icf::Instance;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::pool::Pool;
use super::supervise::text_of;

/// An instance that belongs to one call. Dropped without being given back, it is disposed of: that is what happens to
/// the instance of a call that panicked or had to be dropped.
pub(super) struct Lease {
    instance: Option<Box<dyn Instance>>,
    home: Home,
}

/// Where an instance came from.
enum Home {
    /// Made for this call.
    Call(Disposal),
    /// Borrowed.
    Pool(Arc<Pool>, Option<OwnedSemaphorePermit>),
}

impl Lease {
    /// A lease on an instance made for one call.
    pub(super) fn for_call(instance: Box<dyn Instance>, disposal: Disposal) -> Self {
        Self { instance: Some(instance), home: Home::Call(disposal) }
    }

    /// A lease on an instance of a pool.
    pub(super) fn from_pool(
        instance: Box<dyn Instance>,
        pool: Arc<Pool>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self { instance: Some(instance), home: Home::Pool(pool, Some(permit)) }
    }

    /// The instance.
    pub(super) fn instance(&self) -> &dyn Instance {
        self.instance.as_deref().expect("the instance leaves only when the lease ends")
    }

    /// The call has ended in an orderly way: the instance goes back to its pool, or is disposed of if it has none.
    pub(super) async fn end(mut self) {
        match &mut self.home {
            Home::Call(_) => drop(self.discard().await),
            Home::Pool(pool, place) => {
                if let (Some(instance), Some(place)) = (self.instance.take(), place.take()) {
                    pool.give_back(instance, place);
                }
            }
        }
    }

    /// The instance is not to be used again. Waits for its disposal, within a limit; answers the place in the pool,
    /// which another instance can take.
    pub(super) async fn discard(mut self) -> Option<OwnedSemaphorePermit> {
        if let Some(instance) = self.instance.take() {
            self.disposal().dispose(instance).await;
        }
        self.take_place()
    }

    fn take_place(&mut self) -> Option<OwnedSemaphorePermit> {
        match &mut self.home {
            Home::Call(_) => None,
            Home::Pool(_, place) => place.take(),
        }
    }

    fn disposal(&self) -> Disposal {
        match &self.home {
            Home::Call(disposal) => disposal.clone(),
            Home::Pool(pool, _) => pool.disposal().clone(),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(instance) = self.instance.take() {
            // The place in the pool stays taken until the instance is gone.
            let place = self.take_place();
            self.disposal().dispose_later(instance, place);
        }
    }
}

/// Disposes of instances: within a limit, and whatever they do meanwhile.
#[derive(Clone, Debug)]
pub(super) struct Disposal {
    runtime: Handle,
    tasks: TaskTracker,
    limit: Duration,
}

impl Disposal {
    /// Uses the present runtime. `tasks` counts disposals under way, `limit` bounds each.
    pub(super) fn new(tasks: TaskTracker, limit: Duration) -> Self {
        Self { runtime: Handle::current(), tasks, limit }
    }

    /// Disposes of an instance and waits until that is done.
    pub(super) async fn dispose(&self, instance: Box<dyn Instance>) {
        dispose(instance, self.limit).await;
    }

    /// Disposes of an instance in the background; `place` is given up afterwards.
    pub(super) fn dispose_later(&self, instance: Box<dyn Instance>, place: Option<OwnedSemaphorePermit>) {
        let limit = self.limit;
        let task = async move {
            dispose(instance, limit).await;
            drop(place);
        };
        self.tasks.spawn_on(task, &self.runtime);
    }
}

async fn dispose(instance: Box<dyn Instance>, limit: Duration) {
    match timeout(limit, AssertUnwindSafe(instance.dispose()).catch_unwind()).await {
        Ok(Ok(())) => {}
        Ok(Err(panic)) => tracing::error!(panic = text_of(&*panic), "A connector panicked in dispose."),
        Err(_) => {
            tracing::warn!("A connector's dispose did not end within {limit:?}; the instance is dropped.")
        }
    }
}
