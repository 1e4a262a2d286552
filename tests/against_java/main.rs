//! The Java connector server and ours side by side: the same client asks both the same things, and every answer that
//! differs stands in `differences.rs` (or, of what is announced, in `announced.rs`) with its reason, or the test fails.
//!
//! `differential.rs` has the random operations; start there.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod announced;
mod answer;
mod asker;
mod compare;
mod csv;
mod dice;
mod differences;
mod differential;
mod directory;
mod framework;
mod judged;
mod reference;
mod scene;
mod sides;
mod step;
mod table;
mod told;

#[path = "../support/java.rs"]
mod java;
#[path = "../support/our_server.rs"]
mod our_server;
