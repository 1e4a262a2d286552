//! Real directory servers, started for tests: [`slapd`] with a small company in it, one for each test; [`ds389`] and
//! [`samba`], one for each test process; [`unboundid`], any number inside one Java process.
//!
//! Never part of the server. A server that cannot be started ends the test.
#![allow(clippy::unwrap_used, clippy::panic, reason = "only tests use it: what is not there ends the test")]

pub mod ds389;
mod keeper;
mod packages;
pub mod samba;
pub mod slapd;
pub mod unboundid;
