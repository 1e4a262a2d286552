//! A connector to one environment of the PingOne platform: users, groups, populations and roles.
//!
//! It takes the place of Ping Identity's PingOne connector, under its name and with its configuration. Start reading at
//! [`registrations`], then `target`.

mod attributes;
mod class;
mod configuration;
mod connector;
mod filter;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod messages;
mod object;
mod refusal;
mod schema;
mod search;
mod settings;
mod target;
mod write;

use std::collections::BTreeMap;

use icf::{ConnectorKey, Registration};

pub use crate::configuration::PingOneConfiguration;
use crate::connector::PingOneConnector;

/// The name of the bundle.
pub const BUNDLE_NAME: &str = "org.forgerock.openicf.connectors.pingone-connector";
/// The version of the bundle that is advertised unless said otherwise.
pub const DEFAULT_VERSION: &str = "1.5.20.35";
/// The name of the connector.
pub const CONNECTOR_NAME: &str = "org.forgerock.openicf.connectors.pingone.PingOneConnector";

/// The connector. `versions` holds, by bundle name, versions to advertise in place of the default one.
#[must_use]
pub fn registrations(versions: &BTreeMap<String, String>) -> Vec<Registration> {
    let version = versions.get(BUNDLE_NAME).map_or(DEFAULT_VERSION, String::as_str);
    let key = ConnectorKey::new(BUNDLE_NAME, version, CONNECTOR_NAME);
    vec![
        Registration::of::<PingOneConnector>(key)
            .with_display_name_key(icf_http::DISPLAY_NAME_KEY)
            .with_messages(icf_http::messages("PingOne Connector", &messages::TEXTS)),
    ]
}
