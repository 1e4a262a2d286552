//! What must hold for any bytes from outside, one module for each reader of such bytes. The fuzz targets and the replay
//! of the corpus run the same functions. A broken rule panics.

pub mod binary;
pub mod conversation;
pub mod csv;
pub mod envelope;
pub mod keystore;
pub mod legacy;
pub mod properties;
mod script;
pub mod session;

/// The targets: the name of each, also of its folder in `corpus`, and what it runs.
pub const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("binary", binary::run),
    ("conversation", conversation::run),
    ("csv", csv::run),
    ("envelope", envelope::run),
    ("keystore", keystore::run),
    ("legacy", legacy::run),
    ("properties", properties::run),
    ("session", session::run),
];
