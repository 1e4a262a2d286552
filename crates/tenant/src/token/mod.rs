//! The OAuth 2.0 token end point: clients, client-credentials grants, opaque tokens.
//!
//! Start at [`Tokens`] for what is known and at `endpoint` for how requests are answered.

mod agents;
mod clients;
mod endpoint;
mod store;

pub(crate) use agents::{read_agent, write_agent};
pub use clients::{AuthMethod, Client};
pub(crate) use clients::{Clients, reveal_equal};
pub(crate) use endpoint::{basic, is_token_path, serve};
pub(crate) use store::{Grant, Tokens, hex};

/// The scope that opens `/openidm` and `/openicf`.
pub const SCOPE: &str = "fr:idm:*";
