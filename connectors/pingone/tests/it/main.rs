//! The connector as a server uses it, against an environment that keeps to the interface description. Test names begin
//! with the conformance case they stand for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test expects and does not find ends the test")]

mod configurations;
mod fake;
mod harness;
mod reads;
mod writes;
