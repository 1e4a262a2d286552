//! Rate limits per operation: a bucket that fills evenly and holds one period's requests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use icf::ApiOperation;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::provisioner::RateLimit;

/// The buckets of one system.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    /// When each bucket will be full again.
    full_at: Mutex<BTreeMap<ApiOperation, Instant>>,
}

impl Limiter {
    /// Waits for a request's turn; `false` if that would take longer than allowed.
    pub(super) async fn pass(&self, clock: &Clock, operation: ApiOperation, limit: RateLimit) -> bool {
        match self.reserve(clock.now(), operation, limit) {
            Some(wait) => {
                clock.sleep(wait).await;
                true
            }
            None => false,
        }
    }

    fn reserve(&self, now: Instant, operation: ApiOperation, limit: RateLimit) -> Option<Duration> {
        let each = limit.period / limit.requests;
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = buckets.entry(operation).or_insert(now);
        let next = (*full_at).max(now) + each;
        // A request may start while the bucket is at most one period behind.
        let wait = next.saturating_duration_since(now).saturating_sub(limit.period);
        if wait > limit.wait {
            return None;
        }
        *full_at = next;
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_period_holds_so_many_requests_and_waiting_is_bounded() {
        let (clock, limiter) = (Clock::default(), Limiter::default());
        let limit =
            RateLimit { requests: 2, period: Duration::from_millis(500), wait: Duration::from_millis(300) };
        let start = Instant::now();
        for _ in 0..2 {
            assert!(limiter.pass(&clock, ApiOperation::Get, limit).await);
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert!(limiter.pass(&clock, ApiOperation::Get, limit).await);
        assert_eq!(start.elapsed(), Duration::from_millis(250));
        let now = clock.now();
        assert!(limiter.reserve(now, ApiOperation::Get, limit).is_some());
        assert!(limiter.reserve(now, ApiOperation::Get, limit).is_none());
        assert!(limiter.reserve(now, ApiOperation::Search, limit).is_some());
    }
}
