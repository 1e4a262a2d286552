//! What the connectors to HTTP services share, without knowing any of these services or the server.
//!
//! [`Service`] sends requests: with credentials, under rate limits, repeated where that does no harm, within the time
//! of the operation, with a bound on everything that comes back. Start reading there. [`Properties`] turns the
//! configuration properties that all these connectors have into its settings.

mod answer;
mod budget;
mod client;
mod credentials;
mod fault;
mod identity;
pub mod json;
mod oauth;
mod properties;
mod property;
mod rate;
mod retry;
mod service;
mod trust;

pub use answer::Answer;
pub use budget::Budget;
pub use client::{ConnectionSettings, IdentitySettings, ProxySettings, TrustSettings};
pub use credentials::Credentials;
pub use fault::{Fault, presentable};
pub use oauth::{ClientSecret, Grant, JwtSettings, OAuthSettings, TokenFault, Way};
pub use properties::{OAuthProperties, Properties, absolute_url, blank_to_none};
pub use property::{Count, Flag, MaybeNumber, Number};
pub use rate::Rate;
pub use retry::Repeat;
pub use service::{Request, Service, ServiceSettings};

pub use bytes::Bytes;
pub use reqwest::header;
pub use reqwest::{Method, StatusCode};
pub use url::Url;
