//! Why there is no token.

use std::time::Duration;

/// Why there is no token. Cheap to clone, since all callers that waited for one request share its failure.
/// No message holds the client's secret or a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// No complete answer in time.
    #[error("the token endpoint {endpoint} did not answer within {} s (tokenTimeout)", limit.as_secs_f32())]
    Timeout {
        /// Where the request went.
        endpoint: String,
        /// The time it had.
        limit: Duration,
    },
    /// The request could not be sent or the answer not be read.
    #[error("cannot reach the token endpoint {endpoint}: {cause}")]
    Unreachable {
        /// Where the request went.
        endpoint: String,
        /// What stood in the way: name look-up, connection, proxy, TLS.
        cause: String,
        /// Which kind of these it was.
        obstacle: Obstacle,
    },
    /// The endpoint answered, but not with a token.
    #[error("the token endpoint {endpoint} answered {status}{}{}", detail(error.as_deref(), description.as_deref()), advice(*status, error.as_deref()))]
    Refused {
        /// Where the request went.
        endpoint: String,
        /// The HTTP status.
        status: u16,
        /// The `error` member of the answer.
        error: Option<String>,
        /// The `error_description` member of the answer.
        description: Option<String>,
    },
    /// The answer was a success but holds no usable token.
    #[error(
        "the token endpoint {endpoint} answered {status} without a usable token: {what}; is the URL that of an access_token endpoint?"
    )]
    Unusable {
        /// Where the request went.
        endpoint: String,
        /// The HTTP status.
        status: u16,
        /// What was wrong with the answer.
        what: String,
    },
}

/// What a token request did not get past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The TLS handshake.
    Tls,
    /// Anything else on the way.
    Other,
}

/// Why a token source cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenSetupError {
    /// The proxy's credentials cannot be sent.
    #[error("proxyPrincipal and proxyPassword cannot be used for token requests")]
    Credentials(#[from] crate::proxy::UnsendableCredentials),
    /// The HTTP client cannot be made of these parts.
    #[error(
        "the HTTP client for token requests cannot be set up: check proxyHost, proxyPort and tokenEndpoint"
    )]
    Client(#[from] reqwest::Error),
}

fn detail(error: Option<&str>, description: Option<&str>) -> String {
    match (error, description) {
        (Some(error), Some(description)) => format!(" {error} ({description})"),
        (Some(text), None) | (None, Some(text)) => format!(" {text}"),
        (None, None) => String::new(),
    }
}

fn advice(status: u16, error: Option<&str>) -> &'static str {
    match (status, error) {
        (_, Some("invalid_client")) => {
            ": check clientId, clientSecret and the client's authentication method"
        }
        (_, Some("invalid_scope")) => ": check scope against the scopes the client may ask for",
        (_, Some("unauthorized_client" | "unsupported_grant_type")) => {
            ": allow the client the grant type client_credentials"
        }
        (404 | 405, _) | (300..=399, _) => ": check the URL in tokenEndpoint",
        (500..=599, _) => ": the fault is on that side; it is tried again",
        _ => "",
    }
}
