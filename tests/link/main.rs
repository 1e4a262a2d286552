//! The dialer against real sockets.

#[path = "../support/mod.rs"]
mod support;

mod frames;
mod proxy;
mod refusals;
mod setup;
mod tls;
mod upgrade;
