//! The tenant as its callers see it: requests over HTTP above, recorded ICF operations below.
//!
//! Test names begin with the number of the conformance case they check.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail loudly")]

mod config;
mod control;
mod faults;
mod harness;
mod live;
mod livesync;
mod objects;
mod patch;
mod query;
mod rcs;
mod routing;
mod scripted;
mod show;
mod sockets;
mod system;
mod token;
