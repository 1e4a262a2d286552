//! What the connectors to HTTP services share, without knowing any of these services or the server.
//!
//! [`Service`] sends requests: with credentials, under rate limits, repeated where that does no harm, within the time
//! of the operation, with a bound on everything that comes back. Start reading there. [`HttpConfiguration`] holds the
//! configuration properties that all these connectors have, and makes its settings of them.

mod address;
mod answer;
mod budget;
mod client;
mod configuration;
mod credentials;
mod fault;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod identity;
pub mod json;
mod kept;
mod messages;
mod oauth;
mod property;
mod rate;
mod retry;
mod service;
mod trust;

pub use address::{below, encoded, segment};
pub use answer::Answer;
pub use budget::Budget;
pub use client::{ConnectionSettings, IdentitySettings, ProxySettings, TrustSettings};
pub use configuration::{
    HttpConfiguration, ResourceOwner, absolute_url, blank_to_none, needed, needed_secret, rate,
};
pub use credentials::Credentials;
pub use fault::{Fault, presentable};
pub use kept::kept;
pub use messages::{DISPLAY_NAME_KEY, PropertyText, messages};
pub use oauth::{ClientSecret, Grant, JwtSettings, OAuthSettings, TokenFault, Way};
pub use property::{Count, Flag, MaybeNumber, Number};
pub use rate::Rate;
pub use retry::Repeat;
pub use service::{Request, Service, ServiceSettings};

pub use bytes::Bytes;
pub use reqwest::header;
pub use reqwest::{Method, StatusCode};
pub use url::Url;
