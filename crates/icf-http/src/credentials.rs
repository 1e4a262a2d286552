//! What stands in the `Authorization` header.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use icf::GuardedString;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::oauth::OAuthSettings;

/// How a client shows who it is.
#[derive(Clone)]
pub enum Credentials {
    /// Basic, with every request, in UTF-8.
    Basic {
        /// User.
        user: String,
        /// Password.
        password: GuardedString,
    },
    /// A token that never changes.
    Token {
        /// The word before it; blank for none.
        prefix: String,
        /// The token.
        token: GuardedString,
    },
    /// Access tokens of a token endpoint.
    OAuth(Box<OAuthSettings>),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic { .. } => "Basic(***)",
            Self::Token { .. } => "Token(***)",
            Self::OAuth(_) => "OAuth(***)",
        })
    }
}

/// `Basic` and the base64 of `user:password`.
pub(crate) fn basic(user: &str, password: &str) -> Result<HeaderValue, Fault> {
    let pair = Zeroizing::new(format!("{user}:{password}"));
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    header(&Zeroizing::new(format!("Basic {}", *encoded)), "user and password")
}

/// The token behind its word, with exactly one space between them.
pub(crate) fn prefixed(prefix: &str, token: &str) -> Result<HeaderValue, Fault> {
    let (prefix, token) = (prefix.trim(), token.trim());
    let text = Zeroizing::new(if prefix.is_empty() { token.to_owned() } else { format!("{prefix} {token}") });
    header(&text, "the token")
}

fn header(text: &str, what: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Fault::Configuration(format!(
            "{what} cannot be sent in a header; remove line ends and control characters"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_exactly_one_space() {
        assert_eq!(prefixed("SSWS ", " tok").unwrap(), "SSWS tok");
        assert_eq!(prefixed(" ", "tok").unwrap(), "tok");
        assert_eq!(basic("ü", "p").unwrap(), "Basic w7w6cA==");
        assert!(prefixed("Bearer", "a\nb").is_err());
        assert!(prefixed("Bearer", "x").unwrap().is_sensitive());
    }
}
