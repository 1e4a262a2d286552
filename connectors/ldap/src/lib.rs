//! A connector to LDAP directories: Active Directory, PingDS, OpenLDAP, 389 Directory Server and their relatives.
//!
//! It takes the place of the LDAP connectors of Ping Identity and of the Open Identity Platform, under their names and
//! with their configuration. It speaks the protocol itself: messages are read where they arrived, each value is copied
//! once, and no queue stands between a caller and a server. Start reading at [`registrations`].

mod ad;
mod attributes;
mod authenticate;
mod ber;
mod complete;
mod configuration;
mod connector;
mod directory;
mod dn;
mod fault;
mod filter;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod link;
mod lookup;
mod message;
mod paging;
mod password;
mod projection;
mod referral;
mod schema;
mod search;
mod selftest;
mod server;
mod settings;
mod sync;
mod write;

use std::collections::BTreeMap;

use icf::{ConnectorKey, Registration};

pub use crate::configuration::LdapConfiguration;
use crate::connector::LdapConnector;

/// A family of names under which the connector is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The connector of Ping Identity.
    Ping,
    /// The connector of the Open Identity Platform.
    Oip,
}

/// The name of the connector in both families.
const CONNECTOR_NAME: &str = "org.identityconnectors.ldap.LdapConnector";

/// Message key of the display name.
const DISPLAY_NAME_KEY: &str = "LdapConnector";

impl Profile {
    /// The name of the bundle.
    #[must_use]
    pub const fn bundle_name(self) -> &'static str {
        match self {
            Self::Ping => "org.forgerock.openicf.connectors.ldap-connector",
            Self::Oip => "org.openidentityplatform.openicf.connectors.ldap-connector",
        }
    }

    /// The version of the bundle that is advertised unless said otherwise.
    #[must_use]
    pub const fn default_version(self) -> &'static str {
        match self {
            Self::Ping => "1.5.20.35",
            Self::Oip => "2.0.4",
        }
    }
}

/// The connector under the names of these profiles. `versions` holds, by bundle name, versions to advertise in place of
/// the default ones.
#[must_use]
pub fn registrations(profiles: &[Profile], versions: &BTreeMap<String, String>) -> Vec<Registration> {
    profiles
        .iter()
        .map(|profile| {
            let bundle = profile.bundle_name();
            let version = versions.get(bundle).map_or_else(|| profile.default_version(), String::as_str);
            let key = ConnectorKey::new(bundle, version, CONNECTOR_NAME);
            Registration::of::<LdapConnector>(key)
                .with_display_name_key(DISPLAY_NAME_KEY)
                .with_messages(configuration::messages())
        })
        .collect()
}
