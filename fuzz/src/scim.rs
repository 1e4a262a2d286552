//! Answers of SCIM services.

pub use icf_connector_scim::fuzzing::run;
