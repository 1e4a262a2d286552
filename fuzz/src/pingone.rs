//! Answers of PingOne.

pub use icf_connector_pingone::fuzzing::run;
