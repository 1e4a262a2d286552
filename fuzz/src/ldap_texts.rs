//! Texts of directories: names, filters, definitions, LDIF, cookies, times, identifiers, URLs.

pub use icf_connector_ldap::fuzzing::texts as run;
