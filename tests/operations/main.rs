//! Operations as bytes: a tenant that writes frames by hand in front of the whole server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod answers;
mod batch;
mod connector;
mod long;
mod raw;
