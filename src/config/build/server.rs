//! Server mode: the listener and the shared key.

use super::reading::Reading;
use super::{stores, syntax};
use crate::config::choices::LegacyProfile;
use crate::config::key_hash::{KeyHash, KeyHashError};
use crate::config::keys;
use crate::config::problem::Severity;
use crate::config::server_url;
use crate::config::settings::{KeyStoreSettings, ServerSettings};

/// `identity` is the key store that somebody named: `None` when it is unsound, `Some(None)` when there is none.
pub(super) fn settings(
    reading: &mut Reading<'_>,
    identity: Option<Option<KeyStoreSettings>>,
) -> Option<ServerSettings> {
    let interface = reading.get(&keys::IFADDRESS, syntax::host);
    let interface_sound = interface.is_some() || !reading.is_given(&keys::IFADDRESS);
    let port = reading.number(&keys::PORT);
    let use_ssl = reading.flag(&keys::USESSL);
    // The inner `None` is a listener without TLS.
    let tls = match identity {
        _ if use_ssl != Some(true) => Some(None),
        Some(None) => stores::default_key_store(reading).map(Some),
        identity => identity,
    };
    let key = key(reading);
    let legacy_profile = reading.choice(&keys::LEGACY_PROFILE, LegacyProfile::from_word);
    let legacy_port: Option<u16> = reading.number(&keys::LEGACY_PORT);
    let legacy_port_sound = legacy_port.is_some() || !reading.is_given(&keys::LEGACY_PORT);

    if use_ssl == Some(false) && !interface.as_deref().is_some_and(server_url::is_loopback) {
        let message = "the listener has no TLS: the shared key and all passwords travel in the clear";
        let remedy = "set it to true, with keyStoreFile and keyStorePass";
        reading.complain(Severity::Warning, &keys::USESSL, message, remedy);
    }
    if legacy_port.is_some() && legacy_port == port {
        let message = "it is the same as connectorserver.port, which serves legacy clients anyway";
        reading.complain(Severity::Error, &keys::LEGACY_PORT, message, "remove it or choose another port");
    }
    if !interface_sound || !legacy_port_sound {
        return None;
    }
    use_ssl?;
    Some(ServerSettings {
        interface,
        port: port?,
        tls: tls?,
        key: key?,
        legacy_profile: legacy_profile?,
        legacy_port,
    })
}

fn key(reading: &mut Reading<'_>) -> Option<KeyHash> {
    let key = &keys::KEY;
    let Some(text) = reading.secret(key) else {
        if !reading.is_given(&keys::KEY_FILE) {
            reading.missing(key, "the hash of the shared key is required in server mode", SET_KEY);
        }
        return None;
    };
    let hash = match KeyHash::from_base64(text.expose().trim()) {
        Ok(hash) => hash,
        Err(error) => {
            let message = match error {
                KeyHashError::NotAHash => format!("{error}; the key itself does not belong here"),
                _ => error.to_string(),
            };
            reading.complain(Severity::Error, key, message, SET_KEY);
            return None;
        }
    };
    if let Some(well_known) = hash.well_known_key() {
        let message = format!("this is the hash of the well-known key `{well_known}`");
        reading.complain(Severity::Warning, key, message, SET_KEY);
    }
    Some(hash)
}

/// In client mode the listener's keys mean nothing; the vendor's templates contain them all the same.
pub(super) fn remark_unused(reading: &mut Reading<'_>) {
    for key in [&keys::PORT, &keys::USESSL, &keys::KEY, &keys::LEGACY_PORT] {
        if reading.is_given(key) {
            let message = "it has no effect in client mode";
            let remedy = "nothing needs to be done; for a listener beside the links set connectorserver.mode to `both`";
            reading.complain(Severity::Note, key, message, remedy);
        }
    }
}

const SET_KEY: &str = "run `rcs set-key`";
