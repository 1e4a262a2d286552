//! The tenant as its callers see it: requests over HTTP above, recorded ICF operations below.
//!
//! Test names begin with the number of the conformance case they check.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail loudly")]

mod config;
mod harness;
mod livesync;
mod objects;
mod patch;
mod query;
mod routing;
mod scripted;
mod show;
mod system;
mod token;
