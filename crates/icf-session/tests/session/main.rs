//! Two sessions over WebSockets in memory: the whole shell, with time under control.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod faults;
mod framing;
mod parts;
mod peers;
mod requests;
