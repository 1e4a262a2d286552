//! The connectors that are compiled in. One line for each; whoever builds a server of their own passes another list to
//! [`main`](crate::main).

use icf::Registration;

#[cfg(any(feature = "csv", feature = "ldap"))]
use crate::config::BundleNames;
use crate::config::BundleSettings;

/// The compiled-in connectors under the names and versions that the settings ask for.
#[must_use]
pub fn connectors(bundles: &BundleSettings) -> Vec<Registration> {
    #[allow(unused_mut, reason = "nothing is added when no connector is compiled in")]
    let mut all = Vec::new();
    #[cfg(feature = "csv")]
    all.extend(icf_connector_csv::registrations(csv_profiles(bundles.names), &bundles.versions));
    #[cfg(feature = "ldap")]
    all.extend(icf_connector_ldap::registrations(ldap_profiles(bundles.names), &bundles.versions));
    #[cfg(feature = "pingone")]
    all.extend(icf_connector_pingone::registrations(&bundles.versions));
    #[cfg(feature = "scim")]
    all.extend(icf_connector_scim::registrations(&bundles.versions));
    #[cfg(not(any(feature = "csv", feature = "ldap", feature = "pingone", feature = "scim")))]
    let _ = bundles;
    all
}

#[cfg(feature = "csv")]
fn csv_profiles(names: BundleNames) -> &'static [icf_connector_csv::Profile] {
    use icf_connector_csv::Profile;
    match names {
        BundleNames::Ping => &[Profile::Ping],
        BundleNames::Oip => &[Profile::Oip],
        BundleNames::Both => &[Profile::Ping, Profile::Oip],
    }
}

#[cfg(feature = "ldap")]
fn ldap_profiles(names: BundleNames) -> &'static [icf_connector_ldap::Profile] {
    use icf_connector_ldap::Profile;
    match names {
        BundleNames::Ping => &[Profile::Ping],
        BundleNames::Oip => &[Profile::Oip],
        BundleNames::Both => &[Profile::Ping, Profile::Oip],
    }
}
