//! The dialer against real sockets.

#[path = "../support/mod.rs"]
mod support;

mod bearer;
mod frames;
mod proxy;
mod refusals;
mod secrets;
mod setup;
mod tls;
mod upgrade;
