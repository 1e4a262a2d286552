//! The process as the service manager sees it: ready, alive, stopping; and without core dumps, which would hold secrets.

use std::time::Duration;

#[cfg(target_os = "linux")]
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::process::{Resource, Rlimit, setrlimit};
use sd_notify::NotifyState;
use tracing::warn;

/// Keeps the memory of this process out of core dumps and from other processes of its user.
pub(super) fn forbid_core_dumps() {
    let limited = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // The limit does not count where core dumps go through a pipe.
    #[cfg(target_os = "linux")]
    let limited = limited.and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable));
    if let Err(error) = limited {
        warn!(%error, "Core dumps cannot be switched off; one would contain secrets");
    }
}

/// Says that the server has started, and from then on, as often as the service manager wants, that it lives: by a task of
/// the runtime, so that a runtime that is stuck falls silent. Without a service manager nothing happens.
pub(super) fn started() {
    tell(&[NotifyState::Ready]);
    if let Some(limit) = sd_notify::watchdog_enabled() {
        tokio::spawn(stay_alive(limit));
    }
}

/// Says that the server reads its configuration again; [`reloaded`] ends that.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => warn!(%error, "The service manager cannot be told about the reload"),
    }
}

/// Says that the configuration is read, whatever came of it.
pub(super) fn reloaded() {
    tell(&[NotifyState::Ready]);
}

/// Says that the server stops.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

async fn stay_alive(limit: Duration) {
    let mut beat = tokio::time::interval(limit / 3);
    loop {
        beat.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        warn!(%error, "The service manager cannot be told about the server's state");
    }
}
