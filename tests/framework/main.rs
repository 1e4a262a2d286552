//! The framework's semantics as a caller sees them: requests in, answers out, with the test connector `K` behind.
//!
//! `K` searches, creates, deletes, updates (by replacing), synchronises, tests, validates, describes its schema, and is
//! poolable. It holds u1 {n1, a [x, y], b [5]} and u2 {n2, a [X]}. What it does otherwise than that is set in its
//! [`world`](world::World), which also writes down what it was asked.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, not only the tests, may fail loudly"
)]

mod k;
mod rig;
mod variants;
mod world;

mod admission;
mod batches;
mod changes;
mod configuration;
mod facades;
mod filters;
mod gets;
mod limits;
mod logs;
mod panics;
mod pools;
mod protection;
mod schema;
mod searches;
mod subscriptions;
mod syncs;
mod updates;
