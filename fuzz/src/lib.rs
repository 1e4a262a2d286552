//! What must hold for any bytes from outside, one module for each reader of such bytes. The fuzz targets and the replay
//! of the corpus run the same functions. A broken rule panics.

pub mod binary;
pub mod conversation;
pub mod csv;
pub mod envelope;
pub mod keystore;
pub mod ldap;
pub mod ldap_texts;
pub mod legacy;
pub mod pingone;
pub mod properties;
pub mod scim;
mod script;
pub mod session;
pub mod token;

/// The targets: the name of each, also of its folder in `corpus`, and what it runs.
pub const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("binary", binary::run),
    ("conversation", conversation::run),
    ("csv", csv::run),
    ("envelope", envelope::run),
    ("keystore", keystore::run),
    ("ldap", ldap::run),
    ("ldap_texts", ldap_texts::run),
    ("legacy", legacy::run),
    ("pingone", pingone::run),
    ("properties", properties::run),
    ("scim", scim::run),
    ("session", session::run),
    ("token", token::run),
];
