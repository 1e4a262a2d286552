//! What an administrator of the tenant does, from the REST interface down to the target and back: one body of cases, run
//! against our server and against the Java connector server, both in client mode at the same tenant.
//!
//! A case is a function that takes a [`scene::Side`]; `rows!` makes a test of it for each server. What they answer
//! differently stands in `differences.rs`, with the reason.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod catalogue;
mod csv;
mod differences;
mod faults;
mod live;
mod objects;
mod queries;
mod raw;
mod scene;
mod systems;

#[path = "../support/java.rs"]
mod java;
#[path = "../support/our_server.rs"]
mod our_server;
