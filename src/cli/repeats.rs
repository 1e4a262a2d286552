//! Keeps a fault that repeats itself from filling the log: of the warnings and errors of one place in the program, the
//! first of each minute are written, the others counted, and the count told.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, interval};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber, callsite, warn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

const WINDOW: Duration = Duration::from_secs(60);

/// How often counts are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Characters of a message that stand for the messages left out.
const LIKE: usize = 100;

/// The counts. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Repeats(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Messages of one place that pass in a minute; 0 for all.
    limit: AtomicU32,
    places: Mutex<HashMap<callsite::Identifier, Place>>,
}

/// One place in the program.
#[derive(Debug)]
struct Place {
    since: Instant,
    passed: u32,
    left_out: u64,
    /// The beginning of the first message left out.
    like: String,
}

/// Messages that were left out.
#[derive(Debug, PartialEq, Eq)]
struct LeftOut {
    count: u64,
    like: String,
}

impl Repeats {
    pub(super) fn new(limit: u32) -> Self {
        Self(Arc::new(Shared { limit: AtomicU32::new(limit), places: Mutex::default() }))
    }

    /// Lets so many through from now on; 0 for all.
    pub(super) fn set_limit(&self, limit: u32) {
        self.0.limit.store(limit, Ordering::Relaxed);
    }

    /// Tells what was left out, for as long as it is polled.
    pub(super) async fn tell(self) {
        let mut look = interval(LOOK);
        loop {
            look.tick().await;
            for LeftOut { count, like } in self.over() {
                warn!(
                    count,
                    like, "Messages that repeat others of the last minute were left out (logRepeatLimit)"
                );
            }
        }
    }

    fn passes(&self, event: &Event<'_>) -> bool {
        let limit = self.0.limit.load(Ordering::Relaxed);
        if limit == 0 || *event.metadata().level() > Level::WARN {
            return true;
        }
        let now = Instant::now();
        let mut places = self.places();
        let place = places.entry(event.metadata().callsite()).or_insert_with(|| Place::new(now));
        if place.left_out == 0 && place.since + WINDOW <= now {
            *place = Place::new(now);
        }
        if place.passed < limit {
            place.passed += 1;
            return true;
        }
        if place.left_out == 0 {
            event.record(&mut Message(&mut place.like));
        }
        place.left_out += 1;
        false
    }

    /// What was left out in minutes that are over.
    fn over(&self) -> Vec<LeftOut> {
        let now = Instant::now();
        let mut over = Vec::new();
        self.places().retain(|_, place| {
            let is_over = place.since + WINDOW <= now;
            if is_over && place.left_out > 0 {
                over.push(LeftOut { count: place.left_out, like: std::mem::take(&mut place.like) });
            }
            !is_over
        });
        over
    }

    fn places(&self) -> MutexGuard<'_, HashMap<callsite::Identifier, Place>> {
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    const fn new(now: Instant) -> Self {
        Self { since: now, passed: 0, left_out: 0, like: String::new() }
    }
}

/// Writes the events that pass. A filter could not do this: what a filter of `tracing-subscriber` lets through first and
/// holds back after a look at the event, it holds back again unseen.
pub(super) struct Limited<F> {
    pub(super) format: F,
    pub(super) repeats: Repeats,
}

impl<S, N, F> FormatEvent<S, N> for Limited<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, cx: &FmtContext<'_, S, N>, to: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if self.repeats.passes(event) { self.format.format_event(cx, to, event) } else { Ok(()) }
    }
}

/// Takes the beginning of an event's message.
struct Message<'a>(&'a mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0.extend(format!("{value:?}").chars().take(LIKE));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use tokio::time::advance;
    use tracing::info;
    use tracing_subscriber::fmt as text;
    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Lines {
        fn count(&self, text: &str) -> usize {
            let bytes = self.0.lock().unwrap();
            String::from_utf8_lossy(&bytes).lines().filter(|line| line.contains(text)).count()
        }
    }

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Lines {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    fn complain(times: usize) {
        for number in 0..times {
            warn!("Cannot reach target {number}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_of_a_minute_pass_and_the_others_are_counted() {
        let (lines, repeats) = (Lines::default(), Repeats::new(3));
        let limited = |format| Limited { format, repeats: repeats.clone() };
        let layer = text::layer().with_writer(lines.clone()).map_event_format(limited);
        let _log = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        complain(10);
        warn!("Cannot open a file");
        for _ in 0..10 {
            info!("Operation ended");
        }
        assert_eq!((lines.count("reach"), lines.count("open"), lines.count("ended")), (3, 1, 10));
        assert_eq!(repeats.over(), []);
        advance(WINDOW).await;
        let like = "Cannot reach target 3".to_owned();
        assert_eq!(repeats.over(), [LeftOut { count: 7, like }]);
        assert_eq!(repeats.over(), [], "told once");
        complain(10);
        assert_eq!(lines.count("reach"), 6);
        repeats.set_limit(0);
        complain(10);
        assert_eq!(lines.count("reach"), 16);
    }
}
