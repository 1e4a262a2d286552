//! Access tokens (RFC 6749): one for all operations of a configuration, requested by one of them at a time, renewed
//! before it ends, dropped when the service refuses it. A refresh token that the endpoint replaces is handed on.
//!
//! [`Tokens`](cache::Tokens) decides when one is requested; start there.

mod cache;
mod exchange;
mod granted;
mod jwt;
mod lineage;

pub(crate) use cache::Tokens;
#[cfg(feature = "fuzzing")]
pub use granted::fuzz;
pub use jwt::JwtSettings;

use std::fmt;

use icf::{ErrorKind, GuardedString};
use url::Url;

/// What a token endpoint is asked, and how.
#[derive(Clone, Debug)]
pub struct OAuthSettings {
    /// The token endpoint.
    pub endpoint: Url,
    /// The grant.
    pub grant: Grant,
    /// Who the client is; `None` for requests without client authentication.
    pub client: Option<ClientSecret>,
    /// Sent verbatim.
    pub scope: Option<String>,
    /// The word before the token in `Authorization`.
    pub prefix: String,
    /// How the client shows its secret.
    pub way: Way,
    /// Whether the other way is tried once when this one is refused.
    pub switch: bool,
}

/// A grant of RFC 6749 or RFC 7523.
#[derive(Clone)]
pub enum Grant {
    /// `client_credentials`
    ClientCredentials,
    /// `refresh_token`, with the token to begin with.
    RefreshToken(GuardedString),
    /// `urn:ietf:params:oauth:grant-type:jwt-bearer`
    JwtBearer(Box<JwtSettings>),
    /// `password`
    Password {
        /// `username`
        user: String,
        /// `password`
        password: GuardedString,
    },
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientCredentials => "ClientCredentials",
            Self::RefreshToken(_) => "RefreshToken(***)",
            Self::JwtBearer(_) => "JwtBearer(***)",
            Self::Password { .. } => "Password(***)",
        })
    }
}

/// A client and its secret; some grants do without the latter.
#[derive(Clone, Debug)]
pub struct ClientSecret {
    /// `client_id`
    pub id: String,
    /// `client_secret`
    pub secret: GuardedString,
}

/// Where the client's secret stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// In a Basic header, as it is.
    Basic,
    /// In a Basic header, both parts form-encoded first (RFC 6749 §2.3.1).
    EncodedBasic,
    /// In the form.
    Form,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFault {
    /// The endpoint said no.
    #[error(
        "The token endpoint {endpoint} refuses (status {status}): {error}; check the client, its secret and the grant"
    )]
    Refused {
        /// Which endpoint.
        endpoint: String,
        /// HTTP status.
        status: u16,
        /// OAuth error and description.
        error: String,
        /// The OAuth error alone.
        code: Option<String>,
    },
    /// The answer has no token.
    #[error("The token endpoint {endpoint} answers without a token (status {status}): {what}")]
    Unusable {
        /// Which endpoint.
        endpoint: String,
        /// HTTP status.
        status: u16,
        /// What is wrong with it.
        what: String,
    },
    /// No answer.
    #[error("The token endpoint {endpoint} cannot be reached: {cause}")]
    Unreachable {
        /// Which endpoint.
        endpoint: String,
        /// What happened.
        cause: String,
    },
    /// The endpoint wants to be left alone.
    #[error("The token endpoint {endpoint} limits its clients (status {status}); repeat the operation later")]
    Busy {
        /// Which endpoint.
        endpoint: String,
        /// HTTP status.
        status: u16,
    },
    /// The assertion cannot be made.
    #[error("{0}")]
    Assertion(String),
}

impl TokenFault {
    /// Which exception it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused { code, status, .. } => match code.as_deref() {
                Some("invalid_grant" | "invalid_client" | "unauthorized_client") => {
                    ErrorKind::InvalidCredential
                }
                _ if *status == 401 => ErrorKind::InvalidCredential,
                _ => ErrorKind::ConnectorSecurity,
            },
            Self::Unusable { .. } => ErrorKind::ConnectorSecurity,
            Self::Unreachable { .. } => ErrorKind::ConnectionFailed,
            Self::Busy { .. } => ErrorKind::Retryable,
            Self::Assertion(_) => ErrorKind::Configuration,
        }
    }

    /// Whether another way to show the secret may help.
    pub(crate) fn refuses_client(&self) -> bool {
        matches!(self, Self::Refused { status: 400 | 401, code: Some(code), .. }
            if matches!(code.as_str(), "invalid_client" | "invalid_request" | "unauthorized_client"))
    }
}
