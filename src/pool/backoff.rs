//! How long to wait before the next attempt to connect.
//!
//! A link that worked and breaks is replaced at once; after that the delays grow, spread by decorrelated
//! jitter (each is drawn between the minimum and three times the one before), so that a thousand servers
//! that lost the same tenant do not come back in step. Where the tenant *refused* the server, trying again
//! soon cannot help, and those delays start higher. One [`Backoff`] belongs to one URL.

use std::time::Duration;

use rand::{Rng, RngExt};

/// The delay after a refusal is at least this many times the minimum.
const REFUSAL_FACTOR: u32 = 10;

/// The memory of past failures, and the delays that follow from it.
#[derive(Debug, Clone)]
pub struct Backoff {
    min: Duration,
    max: Duration,
    stable: Duration,
    /// The delay given out last; grows until a link proves stable.
    last: Option<Duration>,
    /// Whether the next loss is answered at once.
    prompt: bool,
}

/// What went wrong, as far as it matters for waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setback {
    /// Not reached, timed out, cut, closed: may be over in a moment.
    Transient,
    /// Refused (401, 403) or closed for what was sent (1009): the same attempt will fail the same way.
    Refused,
}

impl Backoff {
    /// Delays lie between `min` and `max`; a link that was up for `stable` wipes the memory. A zero `min`
    /// counts as a millisecond and a `max` below `min` as `min`: there is no way to ask for a tight loop.
    #[must_use]
    pub fn new(min: Duration, max: Duration, stable: Duration) -> Self {
        let min = min.max(Duration::from_millis(1));
        Self { min, max: max.max(min), stable, last: None, prompt: true }
    }

    /// The delay after an attempt to connect that failed.
    pub fn after_failure<R: Rng + ?Sized>(&mut self, setback: Setback, rng: &mut R) -> Duration {
        let floor = match setback {
            Setback::Transient => self.min,
            Setback::Refused => self.min.saturating_mul(REFUSAL_FACTOR).min(self.max),
        };
        let previous = self.last.unwrap_or(self.min).max(floor);
        let ceiling = previous.saturating_mul(3).min(self.max).max(floor);
        let delay = rng.random_range(floor..=ceiling);
        self.last = Some(delay);
        delay
    }

    /// The delay after an established link was lost that had been up for `lived`: none the first time, and
    /// none again only after a link was stable. A link that keeps breaking soon counts as a failed attempt.
    pub fn after_loss<R: Rng + ?Sized>(
        &mut self,
        lived: Duration,
        setback: Setback,
        rng: &mut R,
    ) -> Duration {
        if lived >= self.stable {
            self.last = None;
            self.prompt = true;
        }
        if self.prompt && setback == Setback::Transient {
            self.prompt = false;
            return Duration::ZERO;
        }
        self.after_failure(setback, rng)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const STABLE: Duration = Duration::from_secs(30);

    fn backoff() -> (Backoff, StdRng) {
        (Backoff::new(SECOND, 60 * SECOND, STABLE), StdRng::seed_from_u64(7))
    }

    #[test]
    fn a_lost_link_is_replaced_at_once_and_then_ever_more_slowly() {
        let (mut backoff, mut rng) = backoff();
        assert_eq!(backoff.after_loss(STABLE, Setback::Transient, &mut rng), Duration::ZERO);
        let delays: Vec<_> = (0..40).map(|_| backoff.after_failure(Setback::Transient, &mut rng)).collect();
        assert!(delays[0] >= SECOND && delays[0] <= 3 * SECOND, "{delays:?}");
        assert!(delays.iter().all(|delay| (SECOND..=60 * SECOND).contains(delay)), "{delays:?}");
        let late: Duration = delays[20..].iter().sum();
        assert!(late > 20 * 10 * SECOND, "the delays do not grow: {delays:?}");
    }

    #[test]
    fn a_link_that_breaks_soon_again_and_again_is_no_tight_loop() {
        let (mut backoff, mut rng) = backoff();
        let delays: Vec<_> =
            (0..20).map(|_| backoff.after_loss(SECOND, Setback::Transient, &mut rng)).collect();
        assert_eq!(delays[0], Duration::ZERO);
        assert!(delays[1..].iter().all(|delay| *delay >= SECOND), "{delays:?}");
        assert!(delays[1..].iter().any(|delay| *delay > 10 * SECOND), "{delays:?}");
    }

    #[test]
    fn only_a_stable_link_wipes_the_memory() {
        let (mut backoff, mut rng) = backoff();
        for _ in 0..20 {
            backoff.after_failure(Setback::Transient, &mut rng);
        }
        assert_eq!(backoff.after_loss(STABLE, Setback::Transient, &mut rng), Duration::ZERO);
        assert!(backoff.after_failure(Setback::Transient, &mut rng) <= 3 * SECOND);
        assert!(backoff.after_loss(STABLE - SECOND, Setback::Transient, &mut rng) >= SECOND);
    }

    #[test]
    fn wire_c03_refusals_start_at_a_higher_step() {
        for _ in 0..100 {
            let (mut backoff, mut rng) = backoff();
            assert!(backoff.after_failure(Setback::Refused, &mut rng) >= 10 * SECOND);
        }
    }

    #[test]
    fn wire_c80_a_link_closed_with_1009_does_not_come_back_at_once() {
        let (mut backoff, mut rng) = backoff();
        assert!(backoff.after_loss(100 * STABLE, Setback::Refused, &mut rng) >= 10 * SECOND);
    }

    proptest! {
        #[test]
        fn every_delay_is_within_the_bounds(
            min in 0u64..100_000,
            max in 0u64..100_000,
            steps in proptest::collection::vec((any::<bool>(), any::<bool>(), 0u64..60_000), 0..60),
            seed: u64,
        ) {
            let (min, max) = (Duration::from_millis(min), Duration::from_millis(max));
            let mut backoff = Backoff::new(min, max, STABLE);
            let mut rng = StdRng::seed_from_u64(seed);
            let least = min.max(Duration::from_millis(1));
            for (loss, refused, lived) in steps {
                let setback = if refused { Setback::Refused } else { Setback::Transient };
                let delay = if loss {
                    backoff.after_loss(Duration::from_millis(lived), setback, &mut rng)
                } else {
                    backoff.after_failure(setback, &mut rng)
                };
                let prompt = loss && !refused && delay.is_zero();
                prop_assert!(prompt || (least..=max.max(least)).contains(&delay), "{delay:?}");
            }
        }
    }
}
