//! What the operations since the start came to, and the last errors: what people want to see at a glance. Figures for
//! machines are in [`report`](super::report).

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use icf::{ApiOperation, ConnectorError};
use tokio::time::Instant;

use super::report;

/// Errors that are remembered.
const MOST_ERRORS: usize = 20;

/// Characters of a message that are remembered.
const MOST_TEXT: usize = 400;

/// Counts operations.
#[derive(Default)]
pub(super) struct Tally {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By connector, then by operation; only what is offered, so that there is an end to it.
    figures: HashMap<String, HashMap<&'static str, Figures>>,
    /// The latest last.
    errors: VecDeque<LastError>,
}

#[derive(Clone, Copy, Default)]
struct Figures {
    done: u64,
    failed: u64,
    time: Duration,
}

/// What the operations of one kind on one connector came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationFigures {
    /// The name of the connector; `unknown` for one that is not offered.
    pub connector: String,
    /// The operation.
    pub operation: &'static str,
    /// Those that have ended, in whatever way.
    pub done: u64,
    /// Those of them that ended with an error.
    pub failed: u64,
    /// The time that all of them took.
    pub time: Duration,
}

/// An error that an operation ended with.
#[derive(Debug, Clone)]
pub struct LastError {
    /// When it happened last.
    pub at: Instant,
    /// How often in a row.
    pub times: u64,
    /// The name of the connector.
    pub connector: String,
    /// The operation.
    pub operation: &'static str,
    /// The simple name of its class.
    pub class: String,
    /// What happened and why, if that is an administrator's business; what is wrong with a request may name objects.
    pub message: Option<String>,
}

impl Tally {
    /// Counts an operation that has ended.
    pub(super) fn ended(
        &self,
        connector: Option<&str>,
        operation: ApiOperation,
        error: Option<&ConnectorError>,
        time: Duration,
    ) {
        let (connector, operation) = (connector.unwrap_or("unknown"), operation.name());
        // Texts are made before the lock is taken.
        let error = error.map(|error| LastError {
            at: Instant::now(),
            times: 1,
            connector: connector.to_owned(),
            operation,
            class: error.kind().simple_name().to_owned(),
            message: report::for_administrator(error).map(|text| text.chars().take(MOST_TEXT).collect()),
        });
        let mut state = self.state();
        if !state.figures.contains_key(connector) {
            state.figures.insert(connector.to_owned(), HashMap::new());
        }
        let figures = state.figures.get_mut(connector).map(|figures| figures.entry(operation).or_default());
        if let Some(figures) = figures {
            figures.done += 1;
            figures.failed += u64::from(error.is_some());
            figures.time += time;
        }
        if let Some(error) = error {
            state.remember(error);
        }
    }

    /// What there is so far, by connector and operation.
    pub(super) fn figures(&self) -> Vec<OperationFigures> {
        let state = self.state();
        let each = state.figures.iter().flat_map(|(connector, operations)| {
            operations.iter().map(move |(operation, figures)| OperationFigures {
                connector: connector.clone(),
                operation,
                done: figures.done,
                failed: figures.failed,
                time: figures.time,
            })
        });
        let mut all: Vec<_> = each.collect();
        all.sort_by(|a, b| (&a.connector, a.operation).cmp(&(&b.connector, b.operation)));
        all
    }

    /// The latest errors, the last one first.
    pub(super) fn errors(&self) -> Vec<LastError> {
        self.state().errors.iter().rev().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn remember(&mut self, mut error: LastError) {
        let same = |known: &LastError| {
            known.connector == error.connector
                && known.operation == error.operation
                && known.class == error.class
                && known.message == error.message
        };
        if let Some(known) =
            self.errors.iter().position(same).and_then(|position| self.errors.remove(position))
        {
            error.times += known.times;
        } else if self.errors.len() >= MOST_ERRORS {
            self.errors.pop_front();
        }
        self.errors.push_back(error);
    }
}

#[cfg(test)]
mod tests {
    use icf::ErrorKind;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn operations_are_counted_and_errors_remembered_once_each() {
        let tally = Tally::default();
        let broken = ConnectorError::new(ErrorKind::ConnectionFailed, "no route");
        tally.ended(Some("a"), ApiOperation::Search, None, Duration::from_secs(1));
        tally.ended(Some("a"), ApiOperation::Search, Some(&broken), Duration::from_secs(2));
        tally.ended(Some("a"), ApiOperation::Search, Some(&broken), Duration::from_secs(3));
        tally.ended(None, ApiOperation::Get, Some(&ConnectorError::unknown_uid("x")), Duration::ZERO);
        let figures = |connector: &str, operation, done, failed, seconds| OperationFigures {
            connector: connector.to_owned(),
            operation,
            done,
            failed,
            time: Duration::from_secs(seconds),
        };
        assert_eq!(tally.figures(), [figures("a", "Search", 3, 2, 6), figures("unknown", "Get", 1, 1, 0)]);
        let errors = tally.errors();
        let [unknown, failed] = errors.as_slice() else { unreachable!("two kinds of errors: {errors:?}") };
        assert_eq!((failed.times, failed.message.as_deref()), (2, Some("no route")));
        assert_eq!(
            (unknown.class.as_str(), &unknown.message),
            ("UnknownUidException", &None),
            "it may name an object"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_an_end_to_what_is_remembered() {
        let tally = Tally::default();
        for number in 0..30 {
            let error =
                ConnectorError::new(ErrorKind::ConnectionFailed, format!("{number} {}", "x".repeat(1000)));
            tally.ended(Some("a"), ApiOperation::Get, Some(&error), Duration::ZERO);
        }
        let errors = tally.errors();
        assert_eq!(errors.len(), MOST_ERRORS);
        assert!(
            errors.iter().all(|error| error.message.as_ref().is_some_and(|text| text.len() == MOST_TEXT))
        );
    }
}
