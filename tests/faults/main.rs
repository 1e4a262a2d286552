//! Faults on the way between a server and a tenant, over real loopback sockets: what was asked for comes back exactly,
//! or fails as retryable soon after its link is gone, and the server recovers without help.
//!
//! Each test starts a tenant and a whole server of its own. Real time passes here, so the settings are shortened where
//! that changes nothing about the fault.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod connector;
mod cut;
mod half_open;
mod hanging_target;
mod idle;
mod journal;
mod large;
mod readiness;
mod restart;
mod scene;
mod token;
mod upgrade;
