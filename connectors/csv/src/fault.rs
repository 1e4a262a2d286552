//! What goes wrong inside this connector. Unlike the framework's error it can be copied, so that one failed pass over a
//! file can answer every write that waited for it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use icf::{ConnectorError, ErrorKind};
use thiserror::Error;

use crate::record::ReadError;

/// A failure: which exception it is to the caller, and its text.
#[derive(Clone, Debug, Error)]
#[error("{message}")]
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    source: Option<Arc<io::Error>>,
}

pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

impl Fault {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    pub(crate) fn connector(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Connector, message)
    }

    pub(crate) fn invalid_value(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidAttributeValue, message)
    }

    pub(crate) fn already_exists(uid: &str) -> Self {
        Self::new(ErrorKind::AlreadyExists, format!("Account {uid} already exists."))
    }

    pub(crate) fn cancelled() -> Self {
        Self::connector("The operation was cancelled before it ended.")
    }

    /// Something that failed at the file system.
    pub(crate) fn io(message: impl Into<String>, source: io::Error) -> Self {
        Self { kind: ErrorKind::ConnectorIo, message: message.into(), source: Some(Arc::new(source)) }
    }

    /// A file that cannot be opened or read.
    pub(crate) fn reading(path: &Path, source: io::Error) -> Self {
        let message = if source.kind() == io::ErrorKind::NotFound {
            format!("File {} does not exist", path.display())
        } else {
            format!("Error reading from file {}: {source}", path.display())
        };
        Self::io(message, source)
    }

    /// A record that cannot be read.
    pub(crate) fn record(path: &Path, error: ReadError) -> Self {
        match error {
            ReadError::Io(source) => Self::reading(path, source),
            other => Self::connector(format!("File {}: {other}", path.display())),
        }
    }

    /// A file that kept changing while an operation worked on it.
    pub(crate) fn busy(path: &Path) -> Self {
        Self::new(
            ErrorKind::Retryable,
            format!("File {} is being changed by another program; try again", path.display()),
        )
    }
}

impl From<Fault> for ConnectorError {
    fn from(fault: Fault) -> Self {
        let error = Self::new(fault.kind, fault.message);
        match fault.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

/// What a filter or an argument check of the framework objects to.
impl From<ConnectorError> for Fault {
    fn from(error: ConnectorError) -> Self {
        Self::new(error.kind().clone(), error.to_string())
    }
}
