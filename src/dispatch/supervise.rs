//! Polls a running call until it ends, expires or is cancelled, and catches its panics.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, CatchUnwind};
use icf::{CancellationToken, ConnectorError, ErrorKind};
use tokio::time::{Instant, sleep_until, timeout};

use super::limit::Limit;
use super::outlet::Outlet;
use super::work::Finished;

/// A call under way: everything the connector does until it returns.
pub(super) type Running = CatchUnwind<AssertUnwindSafe<BoxFuture<'static, Finished>>>;

/// How a call ended.
pub(super) enum Ended {
    /// The connector returned.
    Returned(Finished),
    /// The connector panicked, with this text.
    Panicked(String),
    /// The limit has passed; the connector still runs.
    Expired(Running),
    /// The caller left, and the connector did not return in time. It has been dropped.
    Abandoned,
}

/// Runs a call. When the caller's token fires, the connector gets `grace` to return.
pub(super) async fn supervise(
    work: BoxFuture<'static, Finished>,
    limit: Limit,
    caller: &CancellationToken,
    outlet: &dyn Outlet,
    grace: Duration,
) -> Ended {
    let mut running = AssertUnwindSafe(work).catch_unwind();
    if matches!(limit, Limit::Whole { limit: Duration::ZERO, .. }) {
        return Ended::Expired(running);
    }
    let mut end_of_grace = None;
    loop {
        let expiry = limit.expiry(outlet.waiting_for());
        let alarm = expiry.into_iter().chain(end_of_grace).min();
        tokio::select! {
            biased;
            ended = poll_fn(|cx| poll_and_flush(&mut running, outlet, cx)) => return match ended {
                Ok(finished) => Ended::Returned(finished),
                Err(panic) => {
                    drop_quietly(running);
                    Ended::Panicked(text_of(&*panic))
                }
            },
            () = caller.cancelled(), if end_of_grace.is_none() => {
                outlet.stop();
                end_of_grace = Some(Instant::now() + grace);
            }
            () = sleep_until(alarm.unwrap_or_else(Instant::now)), if alarm.is_some() => {
                let now = Instant::now();
                if end_of_grace.is_some_and(|end| end <= now) {
                    drop_quietly(running);
                    return Ended::Abandoned;
                }
                // Items may have been delivered since the alarm was set; then it is set again.
                if limit.expiry(outlet.waiting_for()).is_some_and(|expiry| expiry <= now) {
                    return Ended::Expired(running);
                }
            }
        }
    }
}

/// Polls a call. When it waits for something, what it has delivered so far must not wait with it.
fn poll_and_flush(
    running: &mut Running,
    outlet: &dyn Outlet,
    cx: &mut Context<'_>,
) -> Poll<Result<Finished, Box<dyn Any + Send>>> {
    let polled = running.poll_unpin(cx);
    if polled.is_pending() {
        outlet.flush(cx);
    }
    polled
}

/// Lets an expired call return within `grace`, then drops it; whatever it answers is dropped too. Its instance is not
/// used again: who knows in which state it is.
pub(super) async fn wind_down(mut running: Running, grace: Duration) {
    match timeout(grace, &mut running).await {
        Ok(Ok(Finished { lease: Some(lease), .. })) => drop(lease.discard().await),
        Ok(Ok(Finished { lease: None, .. })) => {}
        Ok(Err(panic)) => {
            tracing::error!(
                panic = text_of(&*panic),
                "A connector panicked after its operation had expired."
            );
            drop_quietly(running);
        }
        Err(_) => {
            tracing::warn!(
                "A connector did not return after its operation had expired; the call is dropped."
            );
            drop_quietly(running);
        }
    }
}

/// Drops a call that did not come to its end. What it held may panic, too.
fn drop_quietly(running: Running) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(running))) {
        tracing::error!(panic = text_of(&*panic), "A connector panicked while its call was dropped.");
    }
}

/// What a call answers whose caller has left.
pub(super) fn cancelled() -> ConnectorError {
    let class = ErrorKind::Other("java.util.concurrent.CancellationException".to_owned());
    ConnectorError::new(class, "Operation is cancelled")
}

/// The text of a panic.
pub(super) fn text_of(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "not a text".to_owned())
}
