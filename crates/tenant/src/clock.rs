//! The tenant's clock: tokio's, plus an offset that a test may move forward.
//!
//! Tokens, time limits, pings and group checks follow it, so that minutes need not be waited for.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// A clock that can be moved forward, never back.
#[derive(Debug)]
pub(crate) struct Clock {
    offset: watch::Sender<Duration>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { offset: watch::Sender::new(Duration::ZERO) }
    }
}

impl Clock {
    /// Now, by this clock.
    #[must_use]
    pub(crate) fn now(&self) -> Instant {
        Instant::now() + self.offset()
    }

    /// How far it was moved so far.
    #[must_use]
    pub(crate) fn offset(&self) -> Duration {
        *self.offset.borrow()
    }

    /// Moves it forward; whoever sleeps on it is woken when due.
    pub(crate) fn advance(&self, by: Duration) {
        self.offset.send_modify(|offset| *offset = offset.saturating_add(by));
    }

    /// Waits for a span of this clock's time.
    pub(crate) async fn sleep(&self, span: Duration) {
        // A span beyond what an instant can hold never ends.
        match self.now().checked_add(span) {
            Some(deadline) => self.sleep_until(deadline).await,
            None => std::future::pending().await,
        }
    }

    /// Waits for an instant of this clock.
    pub(crate) async fn sleep_until(&self, deadline: Instant) {
        let mut moved = self.offset.subscribe();
        loop {
            let left = deadline.saturating_duration_since(self.now());
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                // The sender lives in `self`, so the channel cannot close while we wait.
                _ = moved.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn advancing_wakes_a_sleeper_without_real_time() {
        let clock = Arc::new(Clock::default());
        let sleeper = Arc::clone(&clock);
        let before = Instant::now();
        let task = tokio::spawn(async move { sleeper.sleep(Duration::from_secs(720)).await });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(721));
        task.await.unwrap();
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn it_runs_by_itself_too() {
        let clock = Clock::default();
        let before = clock.now();
        clock.sleep(Duration::from_secs(5)).await;
        assert!(clock.now() - before >= Duration::from_secs(5));
    }
}
