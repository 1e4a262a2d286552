//! Trust store and key store: which files, of which kind, with which passwords. Whether a store opens is not
//! asked here; see [`Probe`](crate::config::Probe).

use std::fs::File;
use std::path::Path;

use super::reading::Reading;
use crate::config::choices::StoreType;
use crate::config::keys::{self, Key};
use crate::config::problem::Severity;
use crate::config::secret::Secret;
use crate::config::settings::{KeyStoreSettings, StoreSettings, TlsSettings};

/// Trust and client certificate.
pub(super) fn tls(reading: &mut Reading<'_>) -> Option<TlsSettings> {
    let trust = if reading.is_given(&keys::TRUST_STORE_FILE) {
        store(reading, &keys::TRUST_STORE_FILE, &keys::TRUST_STORE_TYPE, &keys::TRUST_STORE_PASS).map(Some)
    } else {
        Some(None)
    };
    let identity =
        if reading.is_given(&keys::KEY_STORE_FILE) { key_store(reading).map(Some) } else { Some(None) };
    Some(TlsSettings { trust: trust?, identity: identity? })
}

/// The certificate of a listener for which nobody named a key store: the file where Java servers have it.
pub(super) fn default_key_store(reading: &mut Reading<'_>) -> Option<KeyStoreSettings> {
    reading.derive(&keys::KEY_STORE_FILE, "security/keyStore.pkcs12".to_owned());
    key_store(reading)
}

fn key_store(reading: &mut Reading<'_>) -> Option<KeyStoreSettings> {
    let store = store(reading, &keys::KEY_STORE_FILE, &keys::KEY_STORE_TYPE, &keys::KEY_STORE_PASS);
    let key_password = reading.secret(&keys::KEY_PASS);
    let store = store?;
    let key_password = key_password.unwrap_or_else(|| store.password.clone());
    Some(KeyStoreSettings { store, key_password })
}

fn store(reading: &mut Reading<'_>, file: &Key, kind: &Key, password: &Key) -> Option<StoreSettings> {
    let path = reading.path(file);
    // The inner `None` is a kind that is to be told from the content.
    let kind = if reading.is_given(kind) {
        reading.choice(kind, StoreType::from_word).map(Some)
    } else {
        Some(None)
    };
    let password = reading.secret(password).unwrap_or_else(|| Secret::from(""));
    let path = path?;
    check_readable(reading, file, &path);
    Some(StoreSettings { path, kind: kind?, password })
}

fn check_readable(reading: &mut Reading<'_>, key: &Key, path: &Path) {
    let problem = match File::open(path).and_then(|file| file.metadata()) {
        Ok(metadata) if metadata.is_file() => return,
        Ok(_) => "it is not a file".to_owned(),
        Err(error) => error.to_string(),
    };
    let message = format!("{} cannot be read: {problem}", path.display());
    reading.complain(
        Severity::Error,
        key,
        message,
        "name a file that this user can read, as an absolute path",
    );
}
