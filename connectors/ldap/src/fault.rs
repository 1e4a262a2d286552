//! What can go wrong with a directory, and which exception each failure is to the caller.

use icf::{ConnectorError, ErrorKind};

use crate::ber::Malformed;
use crate::link::Address;
use crate::message::{LdapResult, code};

/// What the modules of the connector answer.
pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

/// A failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The server refused; the operation that calls decides what that means.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// No server could be reached.
    #[error("cannot connect to {address}: {reason}")]
    Connect {
        address: Address,
        reason: String,
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The connection ended, or what came over it made no sense.
    #[error("the connection to {address} broke during {what}: {reason}")]
    Broken { address: Address, what: &'static str, reason: String },
    /// Nothing came for too long.
    #[error("{address} did not answer the {what} in time")]
    Silent { address: Address, what: &'static str },
    /// The caller no longer wants the answer.
    #[error("the call was cancelled")]
    Cancelled,
    /// A failure that is already what the caller gets.
    #[error("{0}")]
    Final(ConnectorError),
}

/// A result other than success.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// What was attempted, as in "modify cn=a,dc=b".
    pub(crate) attempt: String,
    pub(crate) result: LdapResult,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let LdapResult { code, diagnostic, .. } = &self.result;
        write!(f, "The directory refused to {}: result {code} ({})", self.attempt, code::name(*code))?;
        if diagnostic.is_empty() { Ok(()) } else { write!(f, ", {diagnostic}") }
    }
}

impl From<ConnectorError> for Fault {
    fn from(error: ConnectorError) -> Self {
        Self::Final(error)
    }
}

impl Fault {
    /// A refusal of what was attempted.
    pub(crate) fn refused(attempt: impl Into<String>, result: LdapResult) -> Self {
        Self::Refused(Box::new(Refusal { attempt: attempt.into(), result }))
    }

    /// The result code of a refusal.
    pub(crate) fn code(&self) -> Option<u32> {
        match self {
            Self::Refused(refusal) => Some(refusal.result.code),
            _ => None,
        }
    }

    /// The server's own words.
    pub(crate) fn diagnostic(&self) -> &str {
        match self {
            Self::Refused(refusal) => &refusal.result.diagnostic,
            _ => "",
        }
    }

    /// Whether the connection is of no use any more, so that another one may do better.
    pub(crate) const fn is_broken_connection(&self) -> bool {
        matches!(self, Self::Broken { .. })
    }

    /// Any failure without a better kind.
    pub(crate) fn general(message: impl Into<String>) -> Self {
        Self::Final(ConnectorError::connector(message))
    }

    /// A refusal as an exception of this kind; anything else stays what it is.
    pub(crate) fn refused_as(self, kind: ErrorKind) -> Self {
        match self {
            Self::Refused(refusal) => Self::Final(ConnectorError::new(kind, refusal.to_string())),
            other => other,
        }
    }

    /// The failure with a sentence behind its text.
    pub(crate) fn and(self, sentence: &str) -> Self {
        let error = ConnectorError::from(self);
        let text = format!("{error}. {sentence}");
        let mut changed = ConnectorError::new(error.kind().clone(), text);
        if let Some(uid) = error.uid() {
            changed = changed.with_uid(uid.clone());
        }
        Self::Final(changed)
    }
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        Self::general(format!("The directory sent what cannot be understood: {malformed}"))
    }
}

impl From<Fault> for ConnectorError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Final(error) => error,
            Fault::Refused(refusal) => Self::new(kind_of(&refusal.result), refusal.to_string()),
            Fault::Connect { ref address, ref reason, .. } => {
                let text = format!(
                    "Cannot connect to the directory {address}: {reason}. Check host, port, ssl and startTLS, and whether a firewall is between"
                );
                let error = Self::connection_failed(text);
                match fault {
                    Fault::Connect { source: Some(source), .. } => error.with_source(source),
                    _ => error,
                }
            }
            Fault::Broken { .. } => Self::connection_broken(sentence(&fault)),
            Fault::Silent { .. } => Self::timeout(sentence(&fault)),
            Fault::Cancelled => Self::connector("The call was cancelled before the directory had answered"),
        }
    }
}

fn sentence(fault: &Fault) -> String {
    let text = fault.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The exception of a result that no operation gives a meaning of its own.
pub(crate) fn kind_of(result: &LdapResult) -> ErrorKind {
    if let Some(kind) = sub_code(&result.diagnostic).and_then(kind_of_sub_code) {
        return kind;
    }
    match result.code {
        code::OPERATIONS_ERROR if sub_code(&result.diagnostic) == Some(0x4dc) => ErrorKind::ConnectorSecurity,
        code::TIME_LIMIT_EXCEEDED => ErrorKind::OperationTimeout,
        code::AUTH_METHOD_NOT_SUPPORTED
        | code::STRONGER_AUTH_REQUIRED
        | code::CONFIDENTIALITY_REQUIRED
        | code::UNAVAILABLE_CRITICAL_EXTENSION
        | code::LOOP_DETECT => ErrorKind::Configuration,
        code::NO_SUCH_ATTRIBUTE
        | code::UNDEFINED_ATTRIBUTE_TYPE
        | code::CONSTRAINT_VIOLATION
        | code::ATTRIBUTE_OR_VALUE_EXISTS
        | code::INVALID_ATTRIBUTE_SYNTAX
        | code::INVALID_DN_SYNTAX
        | code::NAMING_VIOLATION
        | code::OBJECT_CLASS_VIOLATION
        | code::NOT_ALLOWED_ON_RDN
        | code::OBJECT_CLASS_MODS_PROHIBITED => ErrorKind::InvalidAttributeValue,
        code::INAPPROPRIATE_AUTHENTICATION => ErrorKind::InvalidCredential,
        code::INVALID_CREDENTIALS => ErrorKind::InvalidPassword,
        code::INSUFFICIENT_ACCESS_RIGHTS | code::UNWILLING_TO_PERFORM | code::AUTHORIZATION_DENIED => {
            ErrorKind::PermissionDenied
        }
        code::BUSY | code::UNAVAILABLE => ErrorKind::Retryable,
        code::ENTRY_ALREADY_EXISTS => ErrorKind::AlreadyExists,
        _ => ErrorKind::Connector,
    }
}

/// The number that the texts of Active Directory begin with, as in "0000052D: AtrErr: ...".
pub(crate) fn sub_code(diagnostic: &str) -> Option<u32> {
    let digits = diagnostic.get(..8)?;
    let ends = diagnostic.get(8..).is_none_or(|rest| !rest.starts_with(|c: char| c.is_ascii_hexdigit()));
    Some(digits).filter(|_| ends).and_then(|digits| u32::from_str_radix(digits, 16).ok())
}

fn kind_of_sub_code(number: u32) -> Option<ErrorKind> {
    Some(match number {
        0x56 => ErrorKind::InvalidPassword,
        0x52d => ErrorKind::InvalidAttributeValue,
        0x524 | 0x526 | 0x2071 => ErrorKind::AlreadyExists,
        0x525 | 0x527 => ErrorKind::UnknownUid,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(code: u32, diagnostic: &str) -> LdapResult {
        LdapResult { code, diagnostic: diagnostic.to_owned(), ..LdapResult::default() }
    }

    #[test]
    fn codes_become_exceptions_by_the_table() {
        for (code, kind) in [
            (3, ErrorKind::OperationTimeout),
            (4, ErrorKind::Connector),
            (13, ErrorKind::Configuration),
            (19, ErrorKind::InvalidAttributeValue),
            (50, ErrorKind::PermissionDenied),
            (51, ErrorKind::Retryable),
            (65, ErrorKind::InvalidAttributeValue),
            (66, ErrorKind::Connector),
            (68, ErrorKind::AlreadyExists),
            (80, ErrorKind::Connector),
            (4711, ErrorKind::Connector),
        ] {
            assert_eq!(kind_of(&result(code, "")), kind, "{code}");
        }
    }

    #[test]
    fn numbers_of_active_directory_say_more_than_the_code() {
        let policy = result(53, "0000052D: Constraint violation - check_password_restrictions");
        assert_eq!(kind_of(&policy), ErrorKind::InvalidAttributeValue);
        assert_eq!(kind_of(&result(19, "00000056: AtrErr")), ErrorKind::InvalidPassword);
        assert_eq!(sub_code("00002071"), Some(0x2071));
        assert_eq!((sub_code("no such thing"), sub_code("000020710: x")), (None, None));
    }

    #[test]
    fn a_refusal_names_what_was_attempted() {
        let error = ConnectorError::from(Fault::refused("delete cn=a", result(66, "has children")));
        assert_eq!(
            error.to_string(),
            "The directory refused to delete cn=a: result 66 (notAllowedOnNonLeaf), has children"
        );
    }
}
