//! Servers as processes: what signals and new configurations do to them while a tenant has 64 operations under way.
//!
//! `RCS_RESTARTS=20 cargo test --test process` makes 20 restarts (there: 8).
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod cluster;
mod connector;
mod load;
mod process;
mod reload;
mod renewal;
mod restarts;
mod secrets;
mod signals;
#[path = "../support/mod.rs"]
mod support;
