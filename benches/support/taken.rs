//! Time and processor time.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// How long something took, and how much of the processors.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) time: Duration,
    pub(crate) processor: Duration,
}

pub(crate) struct Begun {
    at: Instant,
    processor: Duration,
}

impl Taken {
    pub(crate) fn begin() -> Begun {
        Begun { at: Instant::now(), processor: processor_time() }
    }

    /// The run of median length.
    pub(crate) fn median(mut taken: Vec<Self>) -> Self {
        taken.sort_unstable_by_key(|taken| taken.time);
        taken[taken.len() / 2]
    }
}

impl Begun {
    pub(crate) fn end(self) -> Taken {
        Taken { time: self.at.elapsed(), processor: processor_time() - self.processor }
    }
}

/// Of all threads of this process.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// So many in a second.
pub(crate) fn rate(count: usize, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}
