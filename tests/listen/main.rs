//! The listener against real sockets. Requests and answers are literals: no library stands between.

#[path = "../support/mod.rs"]
mod support;

mod client;
mod handshake;
mod limits;
mod log;
mod server;
mod stopping;
mod tls;
mod upgrade;
