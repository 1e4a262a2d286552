//! Why there is no socket: the URL, the phase, what came back and what to do next.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::{SUB_PROTOCOL, tls};
use crate::config::ServerUrl;
use crate::proxy::UnsendableCredentials;
use crate::token::TokenError;

/// A failed attempt to open a socket.
#[derive(Debug)]
pub struct DialError {
    url: ServerUrl,
    failure: DialFailure,
}

/// What an attempt failed at. [`Display`](fmt::Display) says what to do about it; the cause, where the
/// system or a library knows one, is its [`source`](Error::source).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialFailure {
    /// There is no access token to show.
    #[error("no access token")]
    Token(#[source] TokenError),
    /// The name has no address.
    #[error(
        "cannot resolve {host}: check the name and this machine's DNS; where only a proxy can, set proxyHost"
    )]
    Resolve {
        /// The host of the URL or the proxy.
        host: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// No address accepts a connection.
    #[error("cannot connect to {host}: {}; check host, port and the firewalls between", tried(attempts))]
    Connect {
        /// The host of the URL or the proxy.
        host: String,
        /// Each address and what it answered.
        attempts: Vec<(SocketAddr, io::Error)>,
    },
    /// The proxy refused to open a tunnel.
    #[error("the proxy {proxy} answered {status} {reason} to CONNECT {target}{}{}", quoted(excerpt), proxy_advice(*status))]
    ProxyRefused {
        /// The proxy's host and port.
        proxy: String,
        /// The host and port asked for.
        target: String,
        /// The HTTP status.
        status: u16,
        /// The text beside it.
        reason: String,
        /// The beginning of the answer's body.
        excerpt: String,
    },
    /// The proxy does not behave like one.
    #[error(
        "the proxy {proxy} cannot be used: {what}; check that proxyHost and proxyPort lead to an HTTP proxy"
    )]
    ProxyAnswer {
        /// The proxy's host and port.
        proxy: String,
        /// What it did.
        what: String,
    },
    /// No TLS with this peer.
    #[error("TLS with {host} failed: {}", tls::advice(source))]
    Tls {
        /// The host expected.
        host: String,
        /// What rustls or the connection said.
        source: io::Error,
    },
    /// The answer to the upgrade is not 101.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The answer is 101 but breaks the rules, or no HTTP.
    #[error("not a WebSocket endpoint: {what}; check that the URL leads to the tenant's openicf endpoint")]
    NotWebSocket {
        /// What was wrong.
        what: String,
    },
    /// The answer is 101 but for another protocol.
    #[error("the tenant answered with the sub-protocol {} instead of {SUB_PROTOCOL}; check that the URL leads to its openicf endpoint", answered.as_deref().unwrap_or("(none)"))]
    SubProtocol {
        /// What the answer names, if anything.
        answered: Option<String>,
    },
    /// The connection broke.
    #[error("the connection broke during {phase}")]
    Broken {
        /// Where the attempt stood.
        phase: Phase,
        /// What the system said.
        source: io::Error,
    },
    /// The time for one attempt is over.
    #[error("{}, after {} s (connectTimeout)", phase.timeout(), limit.as_secs_f32())]
    Timeout {
        /// Where the attempt stood.
        phase: Phase,
        /// The time it had.
        limit: Duration,
    },
}

/// A part of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Looking up the name.
    Resolve,
    /// TCP.
    Connect,
    /// Waiting for the proxy's tunnel.
    Proxy,
    /// The TLS handshake.
    Tls,
    /// The WebSocket upgrade.
    Upgrade,
}

/// An upgrade answered with anything but 101.
#[derive(Debug)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The text beside it, as sent.
    pub reason: String,
    /// The beginning of the body.
    pub excerpt: String,
    /// Where a redirection points to.
    pub location: Option<String>,
    /// As whom the server came.
    pub identity: String,
    /// Where its name stood, in the spelling of `namePlacement`.
    pub place: String,
    /// Whether under `namePlacement=auto` there are places not tried yet.
    pub untried_places: bool,
}

/// Why no [`Dialer`](super::Dialer) can be made.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkSetupError {
    /// Credentials for the tenant or the proxy.
    #[error(transparent)]
    Credentials(#[from] UnsendableCredentials),
    /// A header name with characters that HTTP does not allow.
    #[error("{name:?} is no header name: check upgradeHeaders, namePlacement and hostIdPlacement")]
    HeaderName {
        /// What was configured.
        name: String,
    },
    /// A header that belongs to the upgrade itself.
    #[error(
        "the header {name} cannot be set by upgradeHeaders, namePlacement or hostIdPlacement: the upgrade needs it"
    )]
    ReservedHeader {
        /// What was configured.
        name: String,
    },
    /// A line break or another control character in a value.
    #[error("the value of {name} contains a control character and cannot be sent in a header")]
    HeaderValue {
        /// Which value.
        name: String,
    },
}

impl DialError {
    pub(super) fn new(url: ServerUrl, failure: DialFailure) -> Self {
        Self { url, failure }
    }

    /// The URL that was dialled.
    #[must_use]
    pub fn url(&self) -> &ServerUrl {
        &self.url
    }

    /// What the attempt failed at.
    #[must_use]
    pub fn failure(&self) -> &DialFailure {
        &self.failure
    }

    /// Whether somebody said no, so that trying again soon cannot help. A 403 under `namePlacement=auto`
    /// is no such case as long as there are places not tried yet.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match &self.failure {
            DialFailure::Token(TokenError::Refused { status, .. })
            | DialFailure::ProxyRefused { status, .. } => (400..500).contains(status),
            DialFailure::Refused(refusal) => matches!(refusal.status, 401 | 403) && !refusal.untried_places,
            DialFailure::SubProtocol { .. } | DialFailure::NotWebSocket { .. } => true,
            _ => false,
        }
    }
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.failure)
    }
}

impl Error for DialError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The failure itself is part of the message already.
        self.failure.source()
    }
}

impl DialFailure {
    /// The status of a refused upgrade.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            _ => None,
        }
    }
}

impl Phase {
    fn timeout(self) -> &'static str {
        match self {
            Self::Resolve => "no answer from DNS",
            Self::Connect => "no answer from any address: check host, port and the firewalls between",
            Self::Proxy => "no answer from the proxy",
            Self::Tls => "no end of the TLS handshake",
            // The Java server's words: people search for them.
            Self::Upgrade => {
                "Timeout upgrading TCP connection to WebSocket: check that the tenant maps the client to a role"
            }
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "the name look-up",
            Self::Connect => "the TCP connection",
            Self::Proxy => "the proxy's answer",
            Self::Tls => "the TLS handshake",
            Self::Upgrade => "the WebSocket upgrade",
        })
    }
}

impl Refusal {
    pub(super) fn new(status: u16, reason: String, excerpt: String, location: Option<String>) -> Self {
        let (identity, place) = Default::default();
        Self { status, reason, excerpt, location, identity, place, untried_places: false }
    }

    fn advice(&self) -> &'static str {
        match self.status {
            401 => "check the credentials, and that the tenant accepts them at this path",
            403 if self.untried_places => "the name is sent in another place next time",
            403 => {
                "check that the tenant has this connector server name, enabled, and admits this client; \
                 set namePlacement if the tenant expects the name elsewhere"
            }
            404 => "check the path of the URL, and that the tenant's openicf endpoint is on",
            300..=399 => "put the address it points to into the URL",
            200..=299 => "that is a web page, not a WebSocket endpoint: check the path of the URL",
            429 | 500..=599 => "the fault is on that side; it is tried again",
            _ => "check that the URL leads to the tenant's openicf endpoint",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Administrators search their logs for exactly this text, whatever the server calls a 403.
        let reason = if self.status == 403 { "Access Forbidden" } else { self.reason.as_str() };
        write!(f, "Connection to server failed: {} - {reason}", self.status)?;
        if let Some(location) = &self.location {
            write!(f, " (to {})", location.escape_debug())?;
        }
        write!(f, "{} ({}, sent as {}); {}", quoted(&self.excerpt), self.identity, self.place, self.advice())
    }
}

impl Error for Refusal {}

fn quoted(excerpt: &str) -> String {
    if excerpt.is_empty() { String::new() } else { format!(" {excerpt:?}") }
}

fn tried(attempts: &[(SocketAddr, io::Error)]) -> String {
    let each = attempts.iter().map(|(address, error)| format!("{address}: {error}"));
    each.collect::<Vec<_>>().join(", ")
}

fn proxy_advice(status: u16) -> &'static str {
    match status {
        407 => ": set proxyPrincipal and proxyPassword to what the proxy wants",
        403 | 405 => ": let the proxy allow tunnels to this host and port",
        502..=504 => ": the proxy cannot reach the host",
        _ => "",
    }
}
