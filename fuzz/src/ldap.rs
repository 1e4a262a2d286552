//! What a directory sends: messages, entries as the connector takes them, controls.

pub use icf_connector_ldap::fuzzing::messages as run;
