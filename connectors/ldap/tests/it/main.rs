//! The connector as a server uses it: found in its registrations, bound to properties, called through the operation
//! traits, against directories that the tests start. Test names begin with the conformance case they stand for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test expects and does not find ends the test")]

mod accounts;
mod active_directory;
mod ad_changes;
mod bounded;
mod configuration;
mod connections;
mod fake;
mod faults;
mod filters;
mod groups;
mod harness;
mod in_memory;
mod logs;
mod pages;
mod proxy;
mod reading;
mod replication;
mod retro_changelog;
mod schema;
mod scripted;
mod secrets;
mod servers;
mod syncs;
mod writing;

use directories::slapd;
