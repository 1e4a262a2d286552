//! The connector as a server uses it, against services that answer as a test says and against a real one. Test names
//! begin with the conformance case they stand for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test expects and does not find ends the test")]

mod authorization;
mod configurations;
mod creates;
mod deletes;
mod harness;
mod limits;
mod logs;
mod members;
mod privileged;
mod real;
mod schemas;
mod searches;
mod selftests;
mod service;
mod syncs;
mod updates;
mod version_one;
