//! Records of a CSV file, read and written again.

pub use icf_connector_csv::fuzzing::run;
