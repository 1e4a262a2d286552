//! Whom the server trusts and what it shows of itself: rustls configurations made from the system's
//! roots or from store files.
//!
//! TLS 1.2 and 1.3 through aws-lc-rs, named explicitly everywhere, so that nothing depends on a
//! process-wide default. With a trust store configured only that store counts, as in Java; and a
//! certificate that is itself in the store is accepted even where nothing else vouches for it.
//! No ALPN is offered: neither WebSocket nor a token request may end up in HTTP/2.
//! Start at [`client_config`].

mod error;
mod trouble;
mod verify;

pub use error::TlsError;
pub use trouble::TlsTrouble;

use std::sync::Arc;

use keystore::{KeyEntry, TrustedCertificate};
use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use tracing::{debug, warn};
use zeroize::Zeroizing;

use crate::config::{KeyStoreSettings, Secret, StoreSettings};

use verify::{AnyCertificate, ChainsAndPins};

const VERSIONS: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// Which servers are trusted.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Those vouched for by the authorities the operating system trusts.
    System,
    /// Those vouched for by the certificates in this store, and no others.
    Store(StoreSettings),
    /// Every server, whatever it shows. For a laboratory only: anyone on the way can read all traffic.
    Anyone,
}

/// Makes the configuration for connections to a server that must be one of `trust`, for the name in the
/// URL; `identity` is shown to a server that asks for a client certificate. Reads files off the runtime.
///
/// # Errors
///
/// A store that cannot be read or holds nothing usable; see [`TlsError`].
pub async fn client_config(
    trust: Trust,
    identity: Option<KeyStoreSettings>,
) -> Result<Arc<ClientConfig>, TlsError> {
    off_runtime(move || {
        let provider = provider();
        let verifier = verifier(&trust, &provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(VERSIONS)
            .map_err(TlsError::Setup)?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let Some(file) = identity else { return Ok(Arc::new(builder.with_no_client_auth())) };
        let entry = read_identity(&file)?;
        let config = builder
            .with_client_auth_cert(entry.chain, entry.key.clone_key())
            .map_err(|source| TlsError::Identity { path: file.store.path, source })?;
        Ok(Arc::new(config))
    })
    .await
}

/// Makes the configuration for accepting connections as the server that `identity` describes.
///
/// # Errors
///
/// A store that cannot be read or holds no usable key; see [`TlsError`].
pub async fn server_config(identity: KeyStoreSettings) -> Result<Arc<ServerConfig>, TlsError> {
    off_runtime(move || {
        let entry = read_identity(&identity)?;
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(VERSIONS)
            .map_err(TlsError::Setup)?
            .with_no_client_auth()
            .with_single_cert(entry.chain, entry.key.clone_key())
            .map_err(|source| TlsError::Identity { path: identity.store.path, source })?;
        Ok(Arc::new(config))
    })
    .await
}

/// The content of a store: equal for equal bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fingerprint(Option<[u8; 32]>);

/// The fingerprint of a store, of none if there is none. Reads the file off the runtime.
///
/// # Errors
///
/// A file that cannot be read.
pub async fn fingerprint(file: Option<&StoreSettings>) -> Result<Fingerprint, TlsError> {
    let Some(file) = file.cloned() else { return Ok(Fingerprint(None)) };
    off_runtime(move || Ok(Fingerprint(Some(Sha256::digest(read(&file)?.as_slice()).into())))).await
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn verifier(trust: &Trust, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    match trust {
        Trust::System => Ok(Arc::new(
            ChainsAndPins::try_new(system_roots()?, Vec::new(), provider).map_err(TlsError::Trust)?,
        )),
        Trust::Store(file) => {
            let bytes = read(file)?;
            let anchors = keystore::trust_anchors(&bytes, given(&file.password))
                .map_err(|source| TlsError::Store { path: file.path.clone(), source })?;
            let roots = roots_from(file, &anchors)?;
            let pins = anchors.into_iter().map(|anchor| anchor.certificate).collect();
            Ok(Arc::new(ChainsAndPins::try_new(roots, pins, provider).map_err(TlsError::Trust)?))
        }
        Trust::Anyone => {
            warn!("TLS certificates are not verified: anyone on the way can read and change all traffic.");
            Ok(Arc::new(AnyCertificate::new(provider)))
        }
    }
}

fn system_roots() -> Result<RootCertStore, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        debug!(%error, "Skipped a part of the system's trust store.");
    }
    let mut roots = RootCertStore::empty();
    let (used, skipped) = roots.add_parsable_certificates(found.certs);
    debug!(used, skipped, "Loaded the system's trust store.");
    if roots.is_empty() { Err(TlsError::NoSystemRoots) } else { Ok(roots) }
}

fn roots_from(file: &StoreSettings, anchors: &[TrustedCertificate]) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for anchor in anchors {
        if let Err(error) = roots.add(anchor.certificate.clone()) {
            let path = file.path.display();
            warn!(%error, alias = anchor.alias, "Skipped an unusable certificate of the trust store {path}.");
        }
    }
    if roots.is_empty() { Err(TlsError::NoAnchors { path: file.path.clone() }) } else { Ok(roots) }
}

/// The first key that has a certificate.
fn read_identity(identity: &KeyStoreSettings) -> Result<KeyEntry, TlsError> {
    let file = &identity.store;
    let bytes = read(file)?;
    let store = keystore::open(&bytes, given(&file.password), given(&identity.key_password))
        .map_err(|source| TlsError::Store { path: file.path.clone(), source })?;
    let mut usable = store.keys.into_iter().filter(|entry| !entry.chain.is_empty());
    let entry = usable.next().ok_or_else(|| TlsError::NoKey { path: file.path.clone() })?;
    let unused: Vec<_> = usable.map(|other| other.alias).collect();
    if !unused.is_empty() {
        let path = file.path.display();
        warn!(used = entry.alias, ?unused, "The key store {path} holds several keys; the first is used.");
    }
    Ok(entry)
}

/// An empty password is none: settings have no other word for it.
fn given(password: &Secret) -> Option<&str> {
    Some(password.expose()).filter(|text| !text.is_empty())
}

/// The file's content, which may hold an unencrypted key. Its size is looked at first, so that a wrong
/// path to something huge does no harm.
fn read(file: &StoreSettings) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    let failed = |source| TlsError::Read { path: file.path.clone(), source };
    let size = std::fs::metadata(&file.path).map_err(failed)?.len();
    let bytes = usize::try_from(size).unwrap_or(usize::MAX);
    if bytes > keystore::MAX_STORE_BYTES {
        let source = keystore::Error::TooLarge { bytes };
        return Err(TlsError::Store { path: file.path.clone(), source });
    }
    std::fs::read(&file.path).map(Zeroizing::new).map_err(failed)
}

async fn off_runtime<T, F>(work: F) -> Result<T, TlsError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, TlsError> + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.map_err(|_| TlsError::Interrupted)?
}
