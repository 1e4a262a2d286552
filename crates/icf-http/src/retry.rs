//! Which requests are repeated, and when.

use std::time::{Duration, SystemTime};

use rand::RngExt;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::answer::Answer;
use crate::fault::Fault;

/// No service is waited for longer than this, whatever it asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The pause before the first repetition; it doubles.
const BACKOFF: Duration = Duration::from_millis(500);

/// What a second copy of a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Nothing: it only reads.
    Reading,
    /// The same as the first.
    Idempotent,
    /// It may act twice; only what was certainly not processed is repeated.
    Never,
}

/// Counts the attempts of one request.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    unsent: u32,
    broken: u32,
    limited: u32,
    unavailable: u32,
    failed: u32,
}

/// What to do after an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The outcome stands.
    Stop,
    /// Once more after a pause.
    After(Duration),
    /// The service itself said when; waiting is all that helps.
    AfterLimit(Duration),
}

impl Attempts {
    /// After a fault of the connection.
    pub(crate) fn after_fault(&mut self, fault: &Fault, repeat: Repeat) -> Next {
        match fault {
            Fault::Unreachable { .. } => again(&mut self.unsent, 3),
            Fault::Broken { .. } => match repeat {
                Repeat::Reading => again(&mut self.broken, 3),
                Repeat::Idempotent => again(&mut self.broken, 2),
                Repeat::Never => Next::Stop,
            },
            _ => Next::Stop,
        }
    }

    /// After an answer.
    pub(crate) fn after_answer(&mut self, answer: &Answer, repeat: Repeat) -> Next {
        let asked = asked_wait(&answer.headers);
        match (answer.status, repeat) {
            (StatusCode::TOO_MANY_REQUESTS, _) => match (again(&mut self.limited, 5), asked) {
                (Next::Stop, _) => Next::AfterLimit(asked.unwrap_or(LONGEST_WAIT)),
                (_, Some(wait)) => Next::AfterLimit(wait),
                (Next::After(pause) | Next::AfterLimit(pause), None) => Next::AfterLimit(pause),
            },
            (StatusCode::SERVICE_UNAVAILABLE, _) if answer.retry_after().is_some() => {
                match (again(&mut self.unavailable, 3), asked) {
                    (Next::After(_), Some(wait)) => Next::After(wait),
                    (next, _) => next,
                }
            }
            (
                StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT,
                repeat,
            ) => match repeat {
                Repeat::Reading => again(&mut self.unavailable, 3),
                Repeat::Idempotent => again(&mut self.unavailable, 2),
                Repeat::Never => Next::Stop,
            },
            (StatusCode::INTERNAL_SERVER_ERROR, Repeat::Reading)
            | (StatusCode::REQUEST_TIMEOUT, Repeat::Reading | Repeat::Idempotent) => {
                again(&mut self.failed, 1)
            }
            _ => Next::Stop,
        }
    }

    /// Whether no more repetitions are made because of a limit of the service.
    pub(crate) const fn limit_exhausted(&self) -> bool {
        self.limited > 5
    }
}

fn again(count: &mut u32, most: u32) -> Next {
    *count += 1;
    if *count > most {
        return Next::Stop;
    }
    let jitter = rand::rng().random_range(0.8..=1.2);
    Next::After(BACKOFF.mul_f64(f64::from(2_u32.pow(*count - 1)) * jitter))
}

/// How long a service asks to be left alone, as seconds or a date in one of the headers in use.
fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    const SECONDS: [&str; 3] = ["x-ratelimit-reset", "x-rate-limit-retry-after-seconds", "ratelimit-reset"];
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let now = SystemTime::now();
    let read = |text: &str| -> Option<Duration> {
        if let Ok(seconds) = text.parse::<f64>() {
            let seconds = Duration::try_from_secs_f64(seconds.max(0.0)).ok()?;
            // Some services send the moment since 1970 instead of a number of seconds.
            let epoch = now.duration_since(SystemTime::UNIX_EPOCH).ok()?;
            return Some(if seconds > epoch / 2 { seconds.saturating_sub(epoch) } else { seconds });
        }
        Some(httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or_default())
    };
    std::iter::once("retry-after").chain(SECONDS).find_map(|name| text(name).and_then(read))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, String)]) -> Answer {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers, body: bytes::Bytes::new(), uncertain: false }
    }

    fn repetitions(status: u16, repeat: Repeat) -> usize {
        let mut attempts = Attempts::default();
        (0..9).take_while(|_| attempts.after_answer(&answer(status, &[]), repeat) != Next::Stop).count()
    }

    #[test]
    fn what_may_act_twice_is_not_repeated() {
        for (status, reading, idempotent) in [(503, 3, 2), (502, 3, 2), (504, 3, 2), (500, 1, 0), (408, 1, 1)]
        {
            assert_eq!(repetitions(status, Repeat::Reading), reading, "{status}");
            assert_eq!(repetitions(status, Repeat::Idempotent), idempotent, "{status}");
            assert_eq!(repetitions(status, Repeat::Never), 0, "{status}");
        }
        assert_eq!(repetitions(400, Repeat::Reading), 0);
    }

    #[test]
    fn every_way_to_say_when_is_understood() {
        let wait = |name: &'static str, value: String| {
            let next = Attempts::default().after_answer(&answer(429, &[(name, value)]), Repeat::Never);
            match next {
                Next::AfterLimit(wait) => wait.as_secs_f64(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(wait("retry-after", "7".into()), 7.0);
        assert_eq!(wait("x-ratelimit-reset", "3".into()), 3.0);
        assert_eq!(wait("x-rate-limit-retry-after-seconds", "4".into()), 4.0);
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(30));
        assert!((28.0..=30.0).contains(&wait("retry-after", date)));
        let epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() + 9;
        assert!((7.0..=9.0).contains(&wait("ratelimit-reset", epoch.to_string())));
        assert!(
            (0.4..=0.6).contains(&wait("retry-after", "soon".into())),
            "a back-off where nothing is said"
        );
    }
}
