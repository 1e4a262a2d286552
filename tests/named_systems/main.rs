//! The whole path: a provisioner file as an administrator has it, the tenant's REST interface, a server, a connector, and
//! the system that the file names, or a stand-in for it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

mod directory;
mod password_safe;
mod scene;
mod scim;
