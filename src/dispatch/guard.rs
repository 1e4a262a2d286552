//! Protection of a target: so many operations at a time, so many in a second, and a pause when it keeps failing.
//!
//! What is refused here has not been sent to the target, and the caller is told that it may try again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use icf::{CallContext, ConnectorError, ErrorKind, Result};
use metrics::{counter, gauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

use super::call::{Breaker, Protection};
use super::supervise::cancelled;

/// Protects one target.
pub(super) struct Guard {
    /// For messages and metrics.
    connector: String,
    protection: Protection,
    places: Option<Arc<Semaphore>>,
    /// When the next operation may begin if they came evenly.
    next_turn: Mutex<Instant>,
    breaker: Mutex<Circuit>,
}

/// Whether operations are let through.
#[derive(Debug)]
enum Circuit {
    /// So many failures in a row.
    Closed { failures: u32 },
    /// The target kept failing.
    Open { until: Instant, failures: u32, last: ErrorKind },
    /// One operation tries whether it works again.
    Trial { failures: u32, last: ErrorKind },
}

/// An operation that was let through. Dropped unsettled, it says nothing about the target.
pub(super) struct Pass {
    guard: Arc<Guard>,
    _place: Option<OwnedSemaphorePermit>,
    is_trial: bool,
}

impl Guard {
    /// None if nothing is to be protected.
    pub(super) fn of(connector: &str, protection: Protection) -> Option<Arc<Self>> {
        protection.is_on().then(|| {
            Arc::new(Self {
                connector: connector.to_owned(),
                places: protection.concurrency.map(|places| Arc::new(Semaphore::new(places))),
                protection,
                next_turn: Mutex::new(Instant::now()),
                breaker: Mutex::new(Circuit::Closed { failures: 0 }),
            })
        })
    }

    /// Waits for a turn and a place.
    ///
    /// # Errors
    /// `RetryableException` when there is none in time, or when the target is left alone for a while.
    pub(super) async fn enter(self: &Arc<Self>, cx: &CallContext) -> Result<Pass> {
        self.is_closed()?;
        let place = tokio::select! {
            () = cx.cancellation().cancelled() => return Err(cancelled()),
            place = self.wait() => place?,
        };
        let is_trial = self.claim()?;
        Ok(Pass { guard: Arc::clone(self), _place: place, is_trial })
    }

    /// An operation took longer than it may.
    pub(super) fn expired(&self) {
        self.failed(&ErrorKind::OperationTimeout);
    }

    async fn wait(&self) -> Result<Option<OwnedSemaphorePermit>> {
        if let Some(rate) = self.protection.rate {
            let turn = self.turn(rate)?;
            sleep(turn).await;
        }
        let Some(places) = &self.places else { return Ok(None) };
        match timeout(self.protection.wait, Arc::clone(places).acquire_owned()).await {
            Ok(place) => Ok(place.ok()),
            Err(_) => Err(self.refuse(
                "concurrency",
                &format!(
                    "{} operations are running already and none ended within {} s",
                    self.protection.concurrency.unwrap_or_default(),
                    self.protection.wait.as_secs()
                ),
            )),
        }
    }

    /// How long until this operation's turn. After a pause a second's worth may go at once.
    fn turn(&self, rate: u32) -> Result<Duration> {
        let now = Instant::now();
        let mut next = self.next_turn.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (*next).max(now);
        let burst = Duration::from_secs(1).saturating_sub(Duration::from_secs(1) / rate);
        let wait = (at - now).saturating_sub(burst);
        if wait > self.protection.wait {
            let text = format!(
                "{rate} operations in a second are allowed; there is room again in {} s",
                wait.as_secs() + 1
            );
            return Err(self.refuse("rate", &text));
        }
        *next = at + Duration::from_secs(1) / rate;
        Ok(wait)
    }

    fn is_closed(&self) -> Result<()> {
        match &*self.circuit() {
            Circuit::Open { until, failures, last } if *until > Instant::now() => {
                let left = (*until - Instant::now()).as_secs() + 1;
                Err(self.paused(*failures, last, &format!("nothing is sent to it for another {left} s")))
            }
            Circuit::Trial { failures, last } => {
                Err(self.paused(*failures, last, "another operation tries whether it works again"))
            }
            Circuit::Open { .. } | Circuit::Closed { .. } => Ok(()),
        }
    }

    /// Whether the operation is the one that tries.
    fn claim(&self) -> Result<bool> {
        self.is_closed()?;
        let mut circuit = self.circuit();
        let Circuit::Open { failures, last, .. } = &*circuit else { return Ok(false) };
        *circuit = Circuit::Trial { failures: *failures, last: last.clone() };
        Ok(true)
    }

    fn succeeded(&self) {
        let Some(_) = self.protection.breaker else { return };
        let mut circuit = self.circuit();
        if !matches!(*circuit, Circuit::Closed { .. }) {
            info!(connector = self.connector, "The target works again.");
            gauge!("rcs_targets_paused", "connector" => self.connector.clone()).decrement(1.0);
        }
        *circuit = Circuit::Closed { failures: 0 };
    }

    fn failed(&self, last: &ErrorKind) {
        let Some(Breaker { failures: limit, pause }) = self.protection.breaker else { return };
        let mut circuit = self.circuit();
        let failures = match &*circuit {
            Circuit::Closed { failures } => failures.saturating_add(1),
            Circuit::Trial { failures, .. } => failures.saturating_add(1),
            // It was sent before the pause began.
            Circuit::Open { .. } => return,
        };
        if failures < limit {
            *circuit = Circuit::Closed { failures };
            return;
        }
        if matches!(*circuit, Circuit::Closed { .. }) {
            gauge!("rcs_targets_paused", "connector" => self.connector.clone()).increment(1.0);
        }
        let kind = last.simple_name();
        warn!(
            connector = self.connector,
            failures,
            ?pause,
            kind,
            "The target keeps failing and is left alone."
        );
        *circuit = Circuit::Open { until: Instant::now() + pause, failures, last: last.clone() };
    }

    fn paused(&self, failures: u32, last: &ErrorKind, what: &str) -> ConnectorError {
        let last = last.simple_name();
        self.refuse("breaker", &format!("it failed {failures} times in a row, last with {last}; {what}"))
    }

    fn refuse(&self, reason: &'static str, why: &str) -> ConnectorError {
        counter!("rcs_operations_held_back_total", "connector" => self.connector.clone(), "reason" => reason)
            .increment(1);
        ConnectorError::retryable(format!("The target of {} is protected: {why}. Try again", self.connector))
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// Notes what came of the operation. An answer that the target refuses is an answer.
    pub(super) fn settle<T>(mut self, cx: &CallContext, outcome: &Result<T>) {
        let kind = outcome.as_ref().err().map(ConnectorError::kind);
        match kind {
            // Nobody waits for it, and it may have ended for that reason alone.
            _ if cx.is_cancelled() => return,
            Some(kind) if concerns_target(kind) => self.guard.failed(kind),
            _ => self.guard.succeeded(),
        }
        self.is_trial = false;
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if !self.is_trial {
            return;
        }
        let mut circuit = self.guard.circuit();
        if let Circuit::Trial { failures, last } = &*circuit {
            // The next one tries.
            *circuit = Circuit::Open { until: Instant::now(), failures: *failures, last: last.clone() };
        }
    }
}

const fn concerns_target(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionFailed
            | ErrorKind::ConnectionBroken
            | ErrorKind::ConnectorIo
            | ErrorKind::OperationTimeout
    )
}
