//! Who may steer the tenant.

use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::crest::{CrestError, header_text};
use crate::net::Peer;
use crate::state::State;
use crate::token::reveal_equal;

/// Lets loopback peers and holders of the key pass, unless a page of another origin or a rebound name is behind it.
pub(super) fn check(state: &State, peer: &Peer, parts: &Parts) -> Result<(), CrestError> {
    let headers = &parts.headers;
    let key = header_text(headers, "X-Tenant-Key");
    let by_key = match (&state.options.control_key, &key) {
        (Some(secret), Some(key)) => reveal_equal(secret, key),
        _ => false,
    };
    if !by_key && !peer.addr.ip().is_loopback() {
        return Err(CrestError::forbidden("Use the tenant from its own machine, or send X-Tenant-Key"));
    }
    let host = header_text(headers, "Host").unwrap_or_default();
    if !by_key && !is_own_name(state, host_of(&host)) {
        return Err(CrestError::forbidden(format!("This tenant is not known as '{host}'")));
    }
    check_origin(headers, &host)
}

fn check_origin(headers: &HeaderMap, host: &str) -> Result<(), CrestError> {
    let Some(origin) = header_text(headers, "Origin") else { return Ok(()) };
    let (_, authority) = origin.split_once("://").unwrap_or(("", &origin));
    if authority == host {
        return Ok(());
    }
    Err(CrestError::forbidden(format!("Pages of {origin} may not use this tenant")))
}

/// The name in `name:port` or `[address]:port`.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_own_name(state: &State, name: &str) -> bool {
    ["localhost", "127.0.0.1", "::1"].contains(&name)
        || state.options.tls_names.iter().any(|own| own.eq_ignore_ascii_case(name))
        || name == state.options.listen.ip().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_with_and_without_port() {
        assert_eq!(host_of("localhost:8443"), "localhost");
        assert_eq!(host_of("[::1]:8443"), "::1");
        assert_eq!(host_of("evil.example"), "evil.example");
    }

    #[test]
    fn a_foreign_origin_is_refused() {
        let headers = |origin: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("Origin", origin.parse().unwrap());
            headers
        };
        assert!(check_origin(&headers("http://localhost:8080"), "localhost:8080").is_ok());
        assert!(check_origin(&headers("http://localhost:9090"), "localhost:8080").is_err());
        assert!(check_origin(&headers("https://evil.example"), "localhost:8080").is_err());
        assert!(check_origin(&headers("null"), "localhost:8080").is_err());
        assert!(check_origin(&HeaderMap::new(), "localhost:8080").is_ok());
    }
}
