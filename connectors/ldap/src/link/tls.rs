//! The TLS configuration of a connection: trust and client certificate from the alternate key store, or the trust of the
//! operating system.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use icf::ConnectorError;
use keystore::KeyEntry;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tracing::{debug, warn};
use zeroize::Zeroizing;

use super::verify::{DirectoryVerifier, Names};
use crate::configuration::LdapConfiguration;
use crate::settings::{Settings, given};

/// Makes the configuration. Reads files: call it off the runtime.
///
/// # Errors
/// `ConfigurationException` naming the store and what is wrong with it.
pub(super) fn client_config(settings: &Settings) -> icf::Result<ClientConfig> {
    let properties = &settings.properties;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let (roots, pins, identity) = match given(properties.alternate_key_store.as_deref()) {
        None => (system_roots()?, HashSet::new(), None),
        Some(path) => alternate(path, properties)?,
    };
    let names = match &settings.host_name_pattern {
        _ if !properties.host_name_verification => Names::Any,
        Some(pattern) => Names::Matching(pattern.clone()),
        None => Names::Host,
    };
    let verifier = DirectoryVerifier { roots, pins, names, provider: Arc::clone(&provider) };
    let unusable = |source: tokio_rustls::rustls::Error| {
        ConnectorError::configuration("The TLS settings of the connection cannot be used").with_source(source)
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match identity {
        None => Ok(builder.with_no_client_auth()),
        Some(entry) => builder.with_client_auth_cert(entry.chain, entry.key.clone_key()).map_err(unusable),
    }
}

fn system_roots() -> icf::Result<RootCertStore> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (used, skipped) = roots.add_parsable_certificates(found.certs);
    debug!(used, skipped, "Loaded the system's trust store for a directory.");
    if roots.is_empty() {
        return Err(ConnectorError::configuration(
            "The operating system has no trusted certificates; name a store in the property alternateKeyStore",
        ));
    }
    Ok(roots)
}

type Alternate =
    (RootCertStore, HashSet<tokio_rustls::rustls::pki_types::CertificateDer<'static>>, Option<KeyEntry>);

fn alternate(path: &str, properties: &LdapConfiguration) -> icf::Result<Alternate> {
    let wrong = |source: Box<dyn std::error::Error + Send + Sync>| {
        let text = format!("The store {path} (property alternateKeyStore) cannot be read: {source}");
        ConnectorError::configuration(text)
    };
    let password = properties.alternate_key_store_password.as_ref().map(icf::GuardedString::reveal);
    let password = password.as_deref().map(String::as_str).filter(|password| !password.is_empty());
    let bytes = read(Path::new(path)).map_err(|error| wrong(error.into()))?;
    let anchors = keystore::trust_anchors(&bytes, password).map_err(|error| wrong(error.into()))?;
    let mut roots = RootCertStore::empty();
    for anchor in &anchors {
        if let Err(error) = roots.add(anchor.certificate.clone()) {
            warn!(%error, alias = anchor.alias, "Skipped an unusable certificate of the store {path}.");
        }
    }
    let pins = anchors.into_iter().map(|anchor| anchor.certificate).collect();
    let store = keystore::open(&bytes, password, None).map_err(|error| wrong(error.into()))?;
    let wanted = given(properties.private_key_alias.as_deref());
    let mut keys = store.keys.into_iter().filter(|entry| !entry.chain.is_empty());
    let identity = keys.find(|entry| wanted.is_none_or(|wanted| entry.alias.eq_ignore_ascii_case(wanted)));
    match (wanted, &identity) {
        (Some(alias), None) => Err(ConnectorError::configuration(format!(
            "The store {path} has no key called '{alias}' with a certificate; check the property privateKeyAlias"
        ))),
        _ => Ok((roots, pins, identity)),
    }
}

/// The content of a store, whose size is looked at first.
fn read(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let size = std::fs::metadata(path)?.len();
    if usize::try_from(size).unwrap_or(usize::MAX) > keystore::MAX_STORE_BYTES {
        return Err(std::io::Error::other(format!("it has {size} bytes, which no store has")));
    }
    std::fs::read(path).map(Zeroizing::new)
}
