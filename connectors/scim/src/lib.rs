//! A connector to any service that speaks SCIM 2.0 or 1.1.
//!
//! It takes the place of Ping Identity's SCIM connector, under its name and with its configuration. What the service
//! can do is asked of the service (`model`), what it can do differently is data (`profile`). Start reading at
//! [`registrations`], then `target`.

mod configuration;
mod connector;
mod filter;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod messages;
mod model;
mod object;
mod profile;
mod refusal;
mod resource;
mod search;
mod selftest;
mod settings;
mod sync;
mod target;
mod write;

use std::collections::BTreeMap;

use icf::{ConnectorKey, Registration};

pub use crate::configuration::ScimConfiguration;
use crate::connector::ScimConnector;

/// The name of the bundle.
pub const BUNDLE_NAME: &str = "org.forgerock.openicf.connectors.scim-connector";
/// The version of the bundle that is advertised unless said otherwise.
pub const DEFAULT_VERSION: &str = "1.5.20.35";
/// The name of the connector.
pub const CONNECTOR_NAME: &str = "org.forgerock.openicf.connectors.scim.ScimConnector";

/// The connector. `versions` holds, by bundle name, versions to advertise in place of the default one.
#[must_use]
pub fn registrations(versions: &BTreeMap<String, String>) -> Vec<Registration> {
    let version = versions.get(BUNDLE_NAME).map_or(DEFAULT_VERSION, String::as_str);
    let key = ConnectorKey::new(BUNDLE_NAME, version, CONNECTOR_NAME);
    vec![
        Registration::of::<ScimConnector>(key)
            .with_display_name_key(icf_http::DISPLAY_NAME_KEY)
            .with_messages(icf_http::messages("Scim Connector", &messages::TEXTS)),
    ]
}
