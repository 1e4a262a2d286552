//! The one error type of operations, and its kinds, which map one to one to the ICF exception classes.

use std::error::Error;
use std::fmt;

use crate::object::Uid;

/// What an operation answers.
pub type Result<T, E = ConnectorError> = std::result::Result<T, E>;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $class:literal),* $(,)?) => {
        /// Which exception a failure is to the caller.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorKind {
            $($(#[$doc])* #[doc = concat!("\n\nClass `", $class, "`.")] $kind,)*
            /// An exception of another class, as received from a peer or demanded by a test.
            Other(String),
        }

        impl ErrorKind {
            /// Every kind with a class of its own.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The full Java class name that travels.
            #[must_use]
            pub fn class_name(&self) -> &str {
                match self {
                    $(Self::$kind => $class,)*
                    Self::Other(class) => class,
                }
            }
        }
    };
}

kinds! {
    /// Any failure without a better kind.
    Connector = "org.identityconnectors.framework.common.exceptions.ConnectorException",
    /// An object of that name exists.
    AlreadyExists = "org.identityconnectors.framework.common.exceptions.AlreadyExistsException",
    /// The connector's configuration is wrong.
    Configuration = "org.identityconnectors.framework.common.exceptions.ConfigurationException",
    /// Input or output at the target failed.
    ConnectorIo = "org.identityconnectors.framework.common.exceptions.ConnectorIOException",
    /// The connection to the target broke during the operation.
    ConnectionBroken = "org.identityconnectors.framework.common.exceptions.ConnectionBrokenException",
    /// The target cannot be reached.
    ConnectionFailed = "org.identityconnectors.framework.common.exceptions.ConnectionFailedException",
    /// A security problem without a better kind.
    ConnectorSecurity = "org.identityconnectors.framework.common.exceptions.ConnectorSecurityException",
    /// The user cannot be authenticated.
    InvalidCredential = "org.identityconnectors.framework.common.exceptions.InvalidCredentialException",
    /// The password is wrong or not acceptable.
    InvalidPassword = "org.identityconnectors.framework.common.exceptions.InvalidPasswordException",
    /// The password is right and expired.
    PasswordExpired = "org.identityconnectors.framework.common.exceptions.PasswordExpiredException",
    /// No object has that identity.
    UnknownUid = "org.identityconnectors.framework.common.exceptions.UnknownUidException",
    /// The target refuses the operation.
    PermissionDenied = "org.identityconnectors.framework.common.exceptions.PermissionDeniedException",
    /// An attribute value is not acceptable.
    InvalidAttributeValue =
        "org.identityconnectors.framework.common.exceptions.InvalidAttributeValueException",
    /// The operation took longer than its limit.
    OperationTimeout = "org.identityconnectors.framework.common.exceptions.OperationTimeoutException",
    /// The object has another revision than the caller thinks.
    PreconditionFailed = "org.identityconnectors.framework.common.exceptions.PreconditionFailedException",
    /// The target wants a revision.
    PreconditionRequired =
        "org.identityconnectors.framework.common.exceptions.PreconditionRequiredException",
    /// A passing fault: the same call may succeed later.
    Retryable = "org.identityconnectors.framework.common.exceptions.RetryableException",
    /// The operation is not supported.
    Unsupported = "java.lang.UnsupportedOperationException",
    /// An argument is not legal.
    IllegalArgument = "java.lang.IllegalArgumentException",
    /// The call is not legal now.
    IllegalState = "java.lang.IllegalStateException",
    /// A required argument is missing.
    NullPointer = "java.lang.NullPointerException",
}

impl ErrorKind {
    /// The kind of a class name as received. Compared without case, so that the names of .NET peers are known too.
    #[must_use]
    pub fn from_class_name(class: &str) -> Self {
        Self::ALL
            .iter()
            .find(|kind| kind.class_name().eq_ignore_ascii_case(class))
            .cloned()
            .unwrap_or_else(|| Self::Other(class.to_owned()))
    }

    /// The class name without its package.
    #[must_use]
    pub fn simple_name(&self) -> &str {
        let class = self.class_name();
        class.rsplit('.').next().unwrap_or(class)
    }
}

/// A failed operation.
///
/// The message goes to the caller; `private` and the source chain go to the log. No secret belongs in any of them.
pub struct ConnectorError(Box<Parts>);

struct Parts {
    kind: ErrorKind,
    message: Option<String>,
    private: Option<String>,
    uid: Option<Uid>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ConnectorError {
    /// A failure with a message for the caller.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::maybe(kind, Some(message.into()))
    }

    /// A failure whose message may be absent, as when it comes from a peer.
    #[must_use]
    pub fn maybe(kind: ErrorKind, message: Option<String>) -> Self {
        Self(Box::new(Parts { kind, message, private: None, uid: None, source: None }))
    }

    /// What went wrong below; logged, and its text sent as the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Detail for the log only.
    #[must_use]
    pub fn with_private(mut self, detail: impl Into<String>) -> Self {
        self.0.private = Some(detail.into());
        self
    }

    /// The object concerned, as in "the password of this account has expired".
    #[must_use]
    pub fn with_uid(mut self, uid: Uid) -> Self {
        self.0.uid = Some(uid);
        self
    }

    /// Which exception it is.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The message for the caller.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Detail for the log.
    #[must_use]
    pub fn private(&self) -> Option<&str> {
        self.0.private.as_deref()
    }

    /// The object concerned.
    #[must_use]
    pub fn uid(&self) -> Option<&Uid> {
        self.0.uid.as_ref()
    }

    /// Whether the same call may succeed later without a change.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Retryable
                | ErrorKind::ConnectorIo
                | ErrorKind::ConnectionBroken
                | ErrorKind::ConnectionFailed
                | ErrorKind::OperationTimeout
        )
    }
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident),* $(,)?) => {
        impl ConnectorError {
            $($(#[$doc])*
            #[must_use]
            pub fn $name(message: impl Into<String>) -> Self {
                Self::new(ErrorKind::$kind, message)
            })*
        }
    };
}

constructors! {
    /// A failure without a better kind.
    connector => Connector,
    /// An object of that name exists.
    already_exists => AlreadyExists,
    /// The configuration is wrong.
    configuration => Configuration,
    /// Input or output at the target failed.
    io => ConnectorIo,
    /// The target cannot be reached.
    connection_failed => ConnectionFailed,
    /// The connection to the target broke.
    connection_broken => ConnectionBroken,
    /// The user cannot be authenticated.
    invalid_credential => InvalidCredential,
    /// The password is wrong.
    invalid_password => InvalidPassword,
    /// No object has that identity.
    unknown_uid => UnknownUid,
    /// The target refuses.
    permission_denied => PermissionDenied,
    /// A value is not acceptable.
    invalid_attribute_value => InvalidAttributeValue,
    /// The limit has passed.
    timeout => OperationTimeout,
    /// A passing fault.
    retryable => Retryable,
    /// Not supported.
    unsupported => Unsupported,
    /// An argument is not legal.
    illegal_argument => IllegalArgument,
    /// Not legal now.
    illegal_state => IllegalState,
    /// A required argument is missing.
    null_pointer => NullPointer,
}

impl fmt::Display for ConnectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message().unwrap_or_else(|| self.0.kind.simple_name()))
    }
}

impl fmt::Debug for ConnectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectorError")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("private", &self.0.private)
            .field("uid", &self.0.uid)
            .field("source", &self.0.source)
            .finish()
    }
}

impl Error for ConnectorError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_c77_a_dotnet_class_name_is_recognised() {
        let class = "Org.IdentityConnectors.Framework.Common.Exceptions.UnknownUidException";
        assert_eq!(ErrorKind::from_class_name(class), ErrorKind::UnknownUid);
    }

    #[test]
    fn display_never_contains_the_source() {
        let error = ConnectorError::io("Cannot read the file").with_source("disk on fire");
        assert_eq!(error.to_string(), "Cannot read the file");
        assert!(error.source().is_some());
    }
}
