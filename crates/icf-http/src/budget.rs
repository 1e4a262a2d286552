//! The time that an operation may still take, and its caller's wish to end it.

use std::future::Future;
use std::time::Duration;

use icf::{CallContext, CancellationToken};
use tokio::time::Instant;

/// Left at the end of an operation for telling its caller what happened.
const MARGIN: Duration = Duration::from_millis(300);

/// Time and cancellation of one operation, or of one page of a search.
#[derive(Clone, Debug)]
pub struct Budget {
    cancellation: CancellationToken,
    started: Instant,
    ends: Instant,
}

/// Why something was not waited for to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupted {
    Cancelled,
    TimeOver,
}

impl Budget {
    /// At most `most`, and less if the call itself has to end earlier.
    #[must_use]
    pub fn new(cx: &CallContext, most: Duration) -> Self {
        let started = Instant::now();
        let left = cx.time_left().map_or(most, |left| most.min(left.saturating_sub(MARGIN)));
        Self { cancellation: cx.cancellation().clone(), started, ends: started + left }
    }

    /// Time left.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }

    /// Time used.
    #[must_use]
    pub fn used(&self) -> Duration {
        self.started.elapsed()
    }

    /// Waits for something, no longer than the operation may take.
    pub(crate) async fn run<F: Future>(&self, future: F) -> Result<F::Output, Interrupted> {
        tokio::select! {
            biased;
            () = self.cancellation.cancelled() => Err(Interrupted::Cancelled),
            outcome = tokio::time::timeout_at(self.ends, future) => outcome.map_err(|_| Interrupted::TimeOver),
        }
    }

    /// Whether a pause fits into the time left, with a moment for the request after it.
    pub(crate) fn fits(&self, pause: Duration) -> bool {
        pause + Duration::from_millis(100) < self.left()
    }

    /// Lets time pass.
    pub(crate) async fn pause(&self, pause: Duration) -> Result<(), Interrupted> {
        self.run(tokio::time::sleep(pause)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_earlier_end_counts() {
        let second = Duration::from_secs(1);
        let cx = CallContext::new("t").with_deadline(Some(Instant::now() + 5 * second));
        assert_eq!(Budget::new(&cx, 12 * second).left(), 5 * second - MARGIN);
        assert_eq!(Budget::new(&cx, 2 * second).left(), 2 * second);
        let budget = Budget::new(&cx, second);
        assert_eq!(budget.pause(2 * second).await, Err(Interrupted::TimeOver));
        cx.cancellation().cancel();
        assert_eq!(budget.pause(second).await, Err(Interrupted::Cancelled));
    }
}
