//! What links and token requests share when they go through an HTTP proxy or show Basic credentials.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::config::{BasicCredentials, ProxySettings};

/// Credentials that the Basic scheme, as Java speaks it, has no form for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the user name {principal:?} or its password cannot be sent as Basic credentials: {why}")]
pub struct UnsendableCredentials {
    principal: String,
    why: &'static str,
}

/// `host:port`, an IPv6 address in brackets whether or not it was configured with them.
#[must_use]
pub fn authority(proxy: &ProxySettings) -> String {
    let (host, port) = (&proxy.host, proxy.port);
    if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

/// The value of an `Authorization` or `Proxy-Authorization` header: `Basic` and the base64 of
/// `principal:password` in ISO-8859-1, the character set of the Java peers.
///
/// # Errors
///
/// A colon in the principal, or a character outside ISO-8859-1. Java would send `?` in its place and be
/// refused without a reason.
pub fn basic_header(credentials: &BasicCredentials) -> Result<Zeroizing<String>, UnsendableCredentials> {
    let BasicCredentials { principal, password } = credentials;
    let unsendable = |why| UnsendableCredentials { principal: principal.clone(), why };
    if principal.contains(':') {
        return Err(unsendable("the user name contains a colon"));
    }
    let mut raw = Zeroizing::new(Vec::with_capacity(principal.len() + 1 + password.expose().len()));
    for character in principal.chars().chain([':']).chain(password.expose().chars()) {
        let byte = u8::try_from(u32::from(character));
        raw.push(byte.map_err(|_| unsendable("a character is outside ISO-8859-1"))?);
    }
    let mut value = Zeroizing::new(String::with_capacity("Basic ".len() + raw.len().div_ceil(3) * 4));
    value.push_str("Basic ");
    STANDARD.encode_string(&*raw, &mut value);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(principal: &str, password: &str) -> Result<Zeroizing<String>, UnsendableCredentials> {
        basic_header(&BasicCredentials { principal: principal.to_owned(), password: password.into() })
    }

    #[test]
    fn the_encoding_is_iso_8859_1() {
        let value = header("anonymous", "pässwörd").expect("sendable");
        assert_eq!(*value, "Basic YW5vbnltb3VzOnDkc3N39nJk");
    }

    #[test]
    fn what_the_scheme_cannot_carry_is_refused_without_showing_it() {
        let error = header("anonymous", "10 €").expect_err("no euro sign");
        assert!(!error.to_string().contains('€'), "{error}");
        assert!(header("a:b", "c").is_err());
    }

    #[test]
    fn an_ipv6_proxy_is_bracketed() {
        let proxy = |host: &str| ProxySettings { host: host.to_owned(), port: 3128, credentials: None };
        assert_eq!(authority(&proxy("::1")), "[::1]:3128");
        assert_eq!(authority(&proxy("[::1]")), "[::1]:3128");
        assert_eq!(authority(&proxy("proxy.example")), "proxy.example:3128");
    }
}
