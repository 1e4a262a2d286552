//! One line in the log for each operation.

use std::error::Error;
use std::time::Duration;

use icf::{ApiOperation, ConnectorError, ErrorKind, Result};
use icf_wire::rpc::Answer;
use metrics::{counter, histogram};

/// Counts and times an operation. `connector` is the name of one that is offered: names from outside would be an endless
/// number of labels.
pub(super) fn count(
    answer: &Result<Answer>,
    duration: Duration,
    operation: ApiOperation,
    connector: Option<&str>,
) {
    let connector = connector.unwrap_or("unknown").to_owned();
    let operation = operation.name();
    let outcome = match answer.as_ref().map_err(ConnectorError::kind) {
        Ok(_) => "ok",
        // A class that only its connector knows.
        Err(ErrorKind::Other(_)) => "other",
        Err(kind) => kind.simple_name(),
    }
    .to_owned();
    counter!("rcs_operations_total", "connector" => connector.clone(), "operation" => operation, "outcome" => outcome)
        .increment(1);
    histogram!("rcs_operation_duration_seconds", "connector" => connector, "operation" => operation)
        .record(duration);
}

/// Logs how an operation ended. What went wrong at the target or in the configuration is an administrator's business;
/// what is wrong with a request is its sender's, and may name objects, so that it shows at DEBUG only.
pub(super) fn ended(answer: &Result<Answer>, duration: Duration) {
    let duration_ms = duration.as_millis();
    let Err(error) = answer else {
        tracing::info!(outcome = "ok", duration_ms, "Operation ended.");
        return;
    };
    let outcome = error.kind().simple_name();
    tracing::info!(outcome, duration_ms, "Operation ended.");
    let (private, causes) = (error.private().unwrap_or_default(), causes(error));
    if concerns_administrator(error.kind()) {
        tracing::warn!(%error, private, causes, "Operation failed.");
    } else {
        tracing::debug!(%error, private, causes, "Operation failed.");
    }
}

const fn concerns_administrator(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Connector
            | ErrorKind::Configuration
            | ErrorKind::ConnectorIo
            | ErrorKind::ConnectionBroken
            | ErrorKind::ConnectionFailed
            | ErrorKind::OperationTimeout
    )
}

/// An error in one line with all that is known of it, if it is an administrator's business.
pub(super) fn for_administrator(error: &ConnectorError) -> Option<String> {
    let parts = [error.to_string(), error.private().unwrap_or_default().to_owned(), causes(error)];
    let told = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    concerns_administrator(error.kind()).then_some(told)
}

/// What lies below an error, in one line.
fn causes(error: &ConnectorError) -> String {
    let below = std::iter::successors(error.source(), |&cause| cause.source());
    below.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
