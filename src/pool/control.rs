//! Changing a pool while it runs.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use super::open::Open;
use crate::config::PoolSettings;

/// How a pool is to be.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) opener: Arc<dyn Open>,
    /// Counts the openers; links of an earlier one are replaced.
    pub(super) generation: u64,
    pub(super) settings: PoolSettings,
}

/// Changes a pool while it runs. Cheap to clone.
#[derive(Clone)]
pub struct Control(watch::Sender<Plan>);

impl Control {
    pub(super) fn new(opener: Arc<dyn Open>, settings: PoolSettings) -> (Self, watch::Receiver<Plan>) {
        let (plan, follower) = watch::channel(Plan { opener, generation: 0, settings });
        (Self(plan), follower)
    }

    /// Opens links in another way from now on, and replaces those that there are, one by one.
    pub fn renew(&self, opener: impl Open) {
        self.0.send_modify(|plan| {
            plan.opener = Arc::new(opener);
            plan.generation += 1;
        });
    }

    /// Changes how many links there are and how long they live. An age counts for links opened from now on.
    pub fn resize(&self, settings: PoolSettings) {
        self.0.send_modify(|plan| plan.settings = settings);
    }

    /// Opens no more links and retires those that there are; then the pool ends.
    pub fn leave(&self) {
        self.0.send_modify(|plan| plan.settings.connections = 0);
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Control")
    }
}
