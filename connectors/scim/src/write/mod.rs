//! Everything that changes something at the service.

mod create;
mod delete;
mod groups;
mod members;
mod patch;
mod put;
mod update;

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use update::update;

use icf::{ConnectorError, ErrorKind, Uid};

/// What a caller wants done with values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// They take the place of the old ones.
    Replace,
    /// They come to the old ones.
    Add,
    /// They go.
    Remove,
}

/// A failure after something was done already: the same call again brings about the rest.
pub(crate) fn half_done(what: &str, error: ConnectorError, uid: Option<&Uid>) -> ConnectorError {
    let text = format!("{what}; the rest was not done, and the same call again does it: {error}");
    let retry = ConnectorError::new(ErrorKind::Retryable, text).with_source(error);
    match uid {
        Some(uid) => retry.with_uid(uid.clone()),
        None => retry,
    }
}
