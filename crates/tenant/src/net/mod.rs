//! One listener: TCP, TLS if wanted, and a handle on every connection with which it can be cut, frozen or slowed.

mod head;
mod listener;
mod tls;
mod wire;

pub use head::RawHead;
pub(crate) use listener::{Peer, TenantListener};
pub(crate) use tls::Authority;
pub(crate) use wire::{Wire, Wires};
