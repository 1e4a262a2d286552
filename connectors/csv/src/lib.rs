//! A connector to one CSV file: the first record is the header, every other record is an account.
//!
//! It takes the place of the CSV file connectors of Ping Identity and of the Open Identity Platform, under their names and
//! with their configuration. Files of a million rows are read as streams and in bounded memory; every write leaves the
//! complete old or the complete new file. Start reading at [`registrations`].

mod accounts;
mod batch;
mod charset;
mod columns;
mod connector;
mod dialect;
mod fault;
mod filter;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod handover;
mod index;
mod lookup;
mod messages;
mod object;
mod paging;
mod profile;
mod record;
mod schema;
mod search;
mod selftest;
mod settings;
mod shared;
mod sync;
mod table;
mod version;
mod write;

use std::collections::BTreeMap;

use icf::{ConnectorKey, Registration};

use crate::connector::CsvConnector;
pub use crate::profile::{OipConfiguration, PingConfiguration};

/// A family of names under which the connector is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The connector of Ping Identity.
    Ping,
    /// The connector of the Open Identity Platform.
    Oip,
}

/// The name of the connector in both families.
const CONNECTOR_NAME: &str = "org.forgerock.openicf.csvfile.CSVFileConnector";

impl Profile {
    /// The name of the bundle.
    #[must_use]
    pub const fn bundle_name(self) -> &'static str {
        match self {
            Self::Ping => "org.forgerock.openicf.connectors.csvfile-connector",
            Self::Oip => "org.openidentityplatform.openicf.connectors.csvfile-connector",
        }
    }

    /// The version of the bundle that is advertised unless said otherwise.
    #[must_use]
    pub const fn default_version(self) -> &'static str {
        match self {
            Self::Ping => "1.5.20.31",
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
            let registration = match profile {
                Profile::Ping => Registration::of::<CsvConnector<PingConfiguration>>(key),
                Profile::Oip => Registration::of::<CsvConnector<OipConfiguration>>(key),
            };
            registration.with_display_name_key(messages::DISPLAY_NAME_KEY).with_messages(messages::messages())
        })
        .collect()
}
