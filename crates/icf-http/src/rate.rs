//! Rate limits as configured: `10/sec`, `0.5/sec`, `600/min`.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Requests reach a service unevenly; windows are this much longer than asked for, so that the service does not see
/// the last of one and the first of the next inside one window of its own.
const MARGIN: Duration = Duration::from_millis(25);
/// More requests a window than this are as good as no limit, and cost memory.
const MOST: f64 = 100_000.0;

/// So many requests in any stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    count: usize,
    window: Duration,
}

/// A text that is no rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no rate; write a positive number and a unit, such as 10/sec, 0.5/sec or 600/min")]
pub struct NoRate(String);

impl FromStr for Rate {
    type Err = NoRate;

    fn from_str(text: &str) -> Result<Self, NoRate> {
        let fault = || NoRate(text.chars().take(40).collect());
        let (number, unit) = text.split_once('/').ok_or_else(fault)?;
        let number = number.trim();
        let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && number.starts_with(|c: char| c.is_ascii_digit())
            && number.ends_with(|c: char| c.is_ascii_digit());
        let number: f64 = number.parse().ok().filter(|_| plain).ok_or_else(fault)?;
        let unit = match unit.trim() {
            "sec" | "second" => 1,
            "min" | "minute" => 60,
            "hour" => 3600,
            _ => return Err(fault()),
        };
        if !(number > 0.0 && number <= MOST) {
            return Err(fault());
        }
        let unit = Duration::from_secs(unit);
        if number < 1.0 {
            let window = Duration::try_from_secs_f64(unit.as_secs_f64() / number).map_err(|_| fault())?;
            return Ok(Self { count: 1, window });
        }
        // Never more than asked for in any window: the part of a request that is left over is not used.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and MOST")]
        Ok(Self { count: number as usize, window: unit })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {} s", self.count, self.window.as_secs_f64())
    }
}

/// Keeps to a rate: requests reserve the next free moment in the order in which they come.
#[derive(Debug)]
pub(crate) struct Limiter {
    rate: Rate,
    starts: Mutex<VecDeque<Instant>>,
}

impl Limiter {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, starts: Mutex::default() }
    }

    pub(crate) const fn rate(&self) -> Rate {
        self.rate
    }

    /// Reserves the next moment if it is no further away than `most`; otherwise answers how far it is and reserves
    /// nothing.
    pub(crate) fn reserve(&self, most: Duration) -> Result<Duration, Duration> {
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let start = match starts.front() {
            Some(oldest) if starts.len() >= self.rate.count => now.max(*oldest + self.rate.window + MARGIN),
            _ => now,
        };
        let wait = start - now;
        if wait > most {
            return Err(wait);
        }
        if starts.len() >= self.rate.count {
            starts.pop_front();
        }
        starts.push_back(start);
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_documented() {
        let of = |count, seconds| Ok(Rate { count, window: Duration::from_secs(seconds) });
        assert_eq!("10/sec".parse(), of(10, 1));
        assert_eq!(" 0.5 / sec ".parse(), of(1, 2));
        assert_eq!("600/min".parse(), of(600, 60));
        assert_eq!("2.5/second".parse(), of(2, 1));
        assert_eq!("1/hour".parse(), of(1, 3600));
        for wrong in ["", "10", "0/sec", "-1/sec", "1/day", "1e3/sec", ".5/sec", "5./sec", "NaN/sec", "1/s"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_window_holds_more_than_the_rate() {
        let limiter = Limiter::new("2/sec".parse().unwrap());
        let mut starts = Vec::new();
        for _ in 0..7 {
            let wait = limiter.reserve(Duration::MAX).unwrap();
            starts.push(Instant::now() + wait);
        }
        for three in starts.windows(3) {
            assert!(three[2] - three[0] > Duration::from_secs(1), "{starts:?}");
        }
        assert!(limiter.reserve(Duration::from_secs(1)).is_err(), "the fourth second is not reserved");
        let before = limiter.starts.lock().unwrap().len();
        assert_eq!(before, 2, "only what a window can hold is remembered");
    }
}
