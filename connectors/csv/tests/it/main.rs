//! The connector as a server uses it: found in its registrations, bound to properties, called through the operation
//! traits. Test names begin with the conformance case they stand for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test expects and does not find ends the test")]

mod accounts;
mod batches;
mod contract;
mod crash;
mod defects;
mod filters;
mod harness;
mod pages;
mod reading;
mod registrations;
mod syncs;
mod writes;
