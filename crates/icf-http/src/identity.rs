//! The client certificate for mutual TLS.

use keystore::KeyEntry;

use crate::client::IdentitySettings;
use crate::fault::Fault;

/// Reads certificate and key.
pub(crate) fn read(settings: &IdentitySettings) -> Result<KeyEntry, Fault> {
    let shown = settings.path.display();
    let fault = |what: String| Fault::Configuration(format!("Property clientCertAlias: {shown}: {what}"));
    let bytes = std::fs::read(&settings.path).map_err(|error| fault(error.to_string()))?;
    let password = settings.password.as_ref().map(icf::GuardedString::reveal);
    let password = password.as_ref().map(|password| password.as_str());
    let store = keystore::open(&bytes, password, None).map_err(|error| fault(error.to_string()))?;
    let mut keys = store.keys.into_iter().filter(|entry| !entry.chain.is_empty());
    match &settings.alias {
        Some(alias) => keys
            .find(|entry| entry.alias.eq_ignore_ascii_case(alias))
            .ok_or_else(|| fault(format!("it holds no key with a certificate under the alias '{alias}'"))),
        None => keys.next().ok_or_else(|| fault("it holds no key with a certificate".to_owned())),
    }
}
