//! Access tokens by the OAuth 2.0 client credentials grant (RFC 6749 §4.4): one token for all links,
//! requested by one caller at a time, renewed before it ends, dropped when the tenant refuses it.
//!
//! When one is requested is decided by [`TokenSource`]; start there.

mod cache;
mod error;
mod exchange;

pub use cache::{TokenSource, TokenStatus};
pub use error::{Obstacle, TokenError, TokenSetupError};

use std::fmt;

use zeroize::Zeroizing;

/// An access token, as it goes behind `Bearer` in a header: visible ASCII only.
#[derive(PartialEq, Eq)]
pub struct Bearer(Zeroizing<String>);

impl Bearer {
    /// Takes a token over; `None` if it could not stand in a header.
    fn try_new(token: Zeroizing<String>) -> Option<Self> {
        let sendable = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        sendable.then_some(Self(token))
    }

    /// The token, for the place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
