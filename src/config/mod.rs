//! `ConnectorServer.properties` and its overrides, read into typed settings.

pub mod properties;
