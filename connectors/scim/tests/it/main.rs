//! The connector as a server uses it, against services that answer as a test says and against real ones. Test names
//! begin with the conformance case they stand for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test expects and does not find ends the test")]

mod authorization;
mod careless;
mod configurations;
mod counterparts;
mod creates;
mod deletes;
mod directory;
mod harness;
mod honest;
mod limits;
mod logs;
mod members;
mod patch;
mod privileged;
mod real;
mod schemas;
mod searches;
mod selftests;
mod service;
mod syncs;
mod tokens;
mod updates;
mod version_one;
