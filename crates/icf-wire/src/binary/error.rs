//! Why bytes are not objects, and why an object has no bytes.

use std::borrow::Cow;

use icf::{ConnectorError, ErrorKind};

/// Why bytes cannot be read. Texts equal those of Java peers where such exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The stream is not one of this format.
    #[error("Bad magic number: {0}")]
    BadMagic(i32),
    /// The stream is of another version of the format; only 2 is known.
    #[error("Unexpected version: {0}")]
    BadVersion(i32),
    /// The bytes end before the object does, or a field before its value.
    #[error("The data ends in the middle of an object")]
    Truncated,
    /// A name is used that was not declared.
    #[error("Undeclared code: {0}")]
    UndeclaredCode(i32),
    /// No type begins with that byte.
    #[error("Bad type value: {0}")]
    BadTypeTag(u8),
    /// No field begins with that byte.
    #[error("Unknown type: {0}")]
    BadFieldTag(u8),
    /// A length is less than zero.
    #[error("Negative length: {0}")]
    NegativeLength(i32),
    /// The type is unknown, or one of which there are no objects.
    #[error("No deserializer for type: {0}")]
    NoSuchType(String),
    /// The value of an object is missing.
    #[error("Anonymous content not found")]
    NoContent,
    /// A reader's bound was passed.
    #[error("More than {limit} {what}: over the reader's limit")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// The bytes are sound, but the value breaks a rule of its type. The text holds no value.
    #[error("{0}")]
    Refused(Cow<'static, str>),
    /// A text that should hold a configuration is not Base64.
    #[error("Data is not Base64 encoded.")]
    NotBase64,
}

impl DecodeError {
    pub(crate) fn refused(rule: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(rule.into())
    }
}

impl From<DecodeError> for ConnectorError {
    fn from(error: DecodeError) -> Self {
        let kind = match error {
            DecodeError::Refused(_) => ErrorKind::IllegalArgument,
            _ => ErrorKind::Connector,
        };
        Self::new(kind, error.to_string())
    }
}

/// A rule of the object model that bytes from outside break.
impl From<ConnectorError> for DecodeError {
    fn from(error: ConnectorError) -> Self {
        Self::Refused(error.to_string().into())
    }
}

/// Why an object cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// There is no such type in the format, or not in the release the bytes are meant for.
    #[error("No serializer for class: {0}")]
    NoSuchType(String),
    /// Objects inside each other too deeply.
    #[error("Values are nested deeper than {0} levels")]
    TooDeep(usize),
    /// A field longer than a length can say (2 GiB).
    #[error("A value is longer than 2 GiB")]
    TooLong,
    /// The value breaks a rule every peer enforces. The text holds no value.
    #[error("{0}")]
    Refused(Cow<'static, str>),
}

impl EncodeError {
    pub(crate) fn refused(rule: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(rule.into())
    }
}

impl From<EncodeError> for ConnectorError {
    fn from(error: EncodeError) -> Self {
        let kind = match error {
            EncodeError::Refused(_) => ErrorKind::IllegalArgument,
            _ => ErrorKind::Connector,
        };
        Self::new(kind, error.to_string())
    }
}
