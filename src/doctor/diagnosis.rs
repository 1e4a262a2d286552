//! From the errors of the server to the step at which it stops and the cause.

use std::io;

use super::cause::Cause;
use super::tenant::step;
use crate::link::{DialFailure, Phase, Refusal};
use crate::tls::TlsTrouble;
use crate::token::{Obstacle, TokenError};

/// What a diagnosis depends on besides the error.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// The way leads through a proxy.
    pub(super) proxied: bool,
    /// The proxy has been shown credentials.
    pub(super) proxy_credentials: bool,
    /// The tenant is shown HTTP Basic credentials instead of a token.
    pub(super) basic: bool,
}

/// The step at which an attempt ended, and why.
pub(super) fn of_dial(failure: &DialFailure, setting: Setting) -> (&'static str, Cause) {
    match failure {
        DialFailure::Token(error) => (step::TOKEN, of_token(error)),
        DialFailure::Resolve { .. } if setting.proxied => (step::PROXY, Cause::ProxyName),
        DialFailure::Resolve { .. } => (step::DNS, Cause::NameUnknown),
        DialFailure::Connect { .. } if setting.proxied => (step::PROXY, Cause::ProxyClosed),
        DialFailure::Connect { attempts, .. } => {
            let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
            let all_refused = attempts.iter().all(|(_, error)| refused(error));
            (step::TCP, if all_refused { Cause::PortClosed } else { Cause::Unreachable })
        }
        DialFailure::ProxyRefused { status, .. } => (step::PROXY, of_proxy(*status, setting)),
        DialFailure::ProxyAnswer { .. } => (step::PROXY, Cause::ProxyWrong),
        DialFailure::Tls { source, .. } => (step::TLS, of_tls(source)),
        DialFailure::Refused(refusal) => (step::UPGRADE, of_refusal(refusal, setting)),
        DialFailure::NotWebSocket { .. } | DialFailure::SubProtocol { .. } => {
            (step::UPGRADE, Cause::NoWebSocket)
        }
        DialFailure::Broken { phase: Phase::Proxy, .. } => (step::PROXY, Cause::ProxyWrong),
        DialFailure::Broken { .. } => (step::UPGRADE, Cause::UpgradeBroken),
        DialFailure::Timeout { phase, .. } => of_silence(*phase, setting),
    }
}

fn of_silence(phase: Phase, setting: Setting) -> (&'static str, Cause) {
    match phase {
        Phase::Resolve if setting.proxied => (step::PROXY, Cause::ProxyName),
        Phase::Resolve => (step::DNS, Cause::NameSilent),
        Phase::Connect if setting.proxied => (step::PROXY, Cause::ProxyClosed),
        Phase::Connect => (step::TCP, Cause::Unreachable),
        Phase::Proxy => (step::PROXY, Cause::ProxySilent),
        Phase::Tls => (step::TLS, Cause::TlsSilent),
        Phase::Upgrade => (step::UPGRADE, Cause::UpgradeSilent),
    }
}

const fn of_proxy(status: u16, setting: Setting) -> Cause {
    match status {
        407 if setting.proxy_credentials => Cause::ProxyRefusesCredentials,
        407 => Cause::ProxyWantsCredentials,
        403 | 405 => Cause::ProxyForbids,
        502..=504 => Cause::ProxyCannotReach,
        _ => Cause::ProxyWrong,
    }
}

fn of_refusal(refusal: &Refusal, setting: Setting) -> Cause {
    match refusal.status {
        401 if setting.basic => Cause::PasswordRefused,
        401 => Cause::Unauthorized,
        403 => Cause::NotAdmitted,
        404 => Cause::NoEndpoint,
        // nginx answers a plain request on a port with TLS in HTTP.
        400 if refusal.excerpt.contains("HTTPS port") => Cause::TlsExpected,
        300..=399 => Cause::Redirected,
        200..=299 => Cause::NoWebSocket,
        429 | 500..=599 => Cause::TenantBusy,
        _ => Cause::UpgradeRefused,
    }
}

fn of_tls(error: &io::Error) -> Cause {
    match TlsTrouble::of(error) {
        Some(TlsTrouble::UnknownAuthority) => Cause::AuthorityUnknown,
        Some(TlsTrouble::OtherAuthority) => Cause::AuthorityOther,
        Some(TlsTrouble::OtherName) => Cause::CertificateName,
        Some(TlsTrouble::NoName) => Cause::CertificateNoName,
        Some(TlsTrouble::Expired) => Cause::CertificateExpired,
        Some(TlsTrouble::NotValidYet) => Cause::Clock,
        Some(TlsTrouble::Certificate) => Cause::CertificateUnusable,
        Some(TlsTrouble::RefusesUs) => Cause::ClientCertificate,
        Some(TlsTrouble::NotTls) => Cause::NotTls,
        Some(TlsTrouble::Incompatible) => Cause::TlsVersions,
        Some(TlsTrouble::Other) | None => Cause::TlsBroken,
    }
}

/// Why there is no token.
pub(super) fn of_token(error: &TokenError) -> Cause {
    match error {
        TokenError::Timeout { .. } => Cause::TokenSilent,
        TokenError::Unreachable { obstacle: Obstacle::Tls, .. } => Cause::TokenTls,
        TokenError::Unreachable { .. } => Cause::TokenUnreachable,
        TokenError::Unusable { .. } => Cause::TokenEndpoint,
        TokenError::Refused { status, error, .. } => match (*status, error.as_deref()) {
            (_, Some("invalid_client")) => Cause::TokenClient,
            (_, Some("invalid_scope")) => Cause::TokenScope,
            (_, Some("unauthorized_client" | "unsupported_grant_type")) => Cause::TokenGrant,
            (300..=399 | 404 | 405, _) => Cause::TokenEndpoint,
            (401, _) => Cause::TokenClient,
            (500..=599, _) => Cause::TokenServer,
            _ => Cause::TokenRefused,
        },
    }
}
