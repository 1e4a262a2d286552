//! Failures as messages: class name, text and causes. A stack trace is neither sent nor kept.

use std::error::Error;

use icf::{ConnectorError, ErrorKind};

use crate::binary::{DecodeError, EncodeError};
use crate::envelope::{ExceptionMessage, InnerCause};
use crate::session::Failure;

/// Causes below an error that travel.
const CAUSES: usize = 4;

impl From<&ConnectorError> for ExceptionMessage {
    fn from(error: &ConnectorError) -> Self {
        let inner_cause = causes(error).into_iter().rev().fold(None, |inner, (exception_class, message)| {
            Some(InnerCause { exception_class, message, cause: inner.map(Box::new) })
        });
        Self {
            exception_class: error.kind().class_name().to_owned(),
            message: error.message().unwrap_or_default().to_owned(),
            inner_cause,
            stack_trace: String::new(),
        }
    }
}

/// Class and text, perhaps empty, of what lies below an error; the nearest first.
pub(crate) fn causes(error: &ConnectorError) -> Vec<(String, String)> {
    std::iter::successors(error.source(), |&cause| cause.source()).take(CAUSES).map(described).collect()
}

/// Class and text of a cause. What is no error of the framework is one to the caller.
fn described(cause: &(dyn Error + 'static)) -> (String, String) {
    match cause.downcast_ref::<ConnectorError>() {
        Some(error) => (error.kind().class_name().to_owned(), error.message().unwrap_or_default().to_owned()),
        None => (ErrorKind::Connector.class_name().to_owned(), cause.to_string()),
    }
}

/// Java makes up a cause where there is none; here absence stays absence.
impl From<&ExceptionMessage> for ConnectorError {
    fn from(message: &ExceptionMessage) -> Self {
        let causes: Vec<&InnerCause> =
            std::iter::successors(message.inner_cause.as_ref(), |cause| cause.cause.as_deref())
                .take(CAUSES)
                .collect();
        let source = causes.into_iter().rev().fold(None, |below: Option<Self>, cause| {
            Some(with_cause(of_parts(&cause.exception_class, &cause.message), below))
        });
        with_cause(of_parts(&message.exception_class, &message.message), source)
    }
}

fn of_parts(class: &str, message: &str) -> ConnectorError {
    let kind = if class.trim().is_empty() { ErrorKind::Connector } else { ErrorKind::from_class_name(class) };
    ConnectorError::maybe(kind, (!message.is_empty()).then(|| message.to_owned()))
}

fn with_cause(error: ConnectorError, cause: Option<ConnectorError>) -> ConnectorError {
    match cause {
        Some(cause) => error.with_source(cause),
        None => error,
    }
}

impl From<&Failure> for ConnectorError {
    fn from(failure: &Failure) -> Self {
        let kind = match failure {
            Failure::Remote(error) => return Self::from(&**error),
            Failure::LostWithLink | Failure::PeerGone => ErrorKind::ConnectionBroken,
            Failure::Shutdown => ErrorKind::ConnectionFailed,
            Failure::Inconsistent
            | Failure::TooManyHeldBack
            | Failure::TooMuchWaiting
            | Failure::UnexpectedResponse
            | Failure::BatchWithoutToken => ErrorKind::Connector,
        };
        Self::new(kind, failure.to_string())
    }
}

/// The error of a member that could not be read.
pub(super) fn unreadable(member: &str, error: DecodeError) -> ConnectorError {
    let text = format!("Cannot read {member}: {error}");
    let cause = ConnectorError::from(error);
    ConnectorError::new(cause.kind().clone(), text)
}

/// The error of something that has no form on the wire.
pub(super) fn unwritable(member: &str, error: EncodeError) -> ConnectorError {
    let text = format!("Cannot send {member}: {error}");
    let cause = ConnectorError::from(error);
    ConnectorError::new(cause.kind().clone(), text)
}
