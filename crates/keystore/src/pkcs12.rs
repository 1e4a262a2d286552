//! PKCS#12 (RFC 7292): decoding is `p12-keystore`'s, which certificates are trusted and which belong to
//! a key is decided here.

use p12_keystore::error::Error as P12Error;
use p12_keystore::{CertificateBag, Pkcs12Archive};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use crate::{Error, Format, KeyEntry, Store, TrustedCertificate};

/// The most certificates in one chain; longer ones occur only in hostile files.
const MAX_CHAIN: usize = 32;

/// Reads the archive. Trusted are the certificates with Java's trust mark and, in a file with neither
/// marks nor keys (as `openssl pkcs12 -export -nokeys` writes it), all.
pub(crate) fn read(bytes: &[u8], password: Option<&str>) -> Result<Store, Error> {
    let text = password.unwrap_or_default();
    // The password enters the key derivation as UCS-2.
    if text.chars().any(|character| character > '\u{ffff}') {
        return Err(Error::PasswordCharacters { format: Format::Pkcs12 });
    }
    let archive =
        Pkcs12Archive::from_pkcs12(bytes, text).map_err(|error| explain(error, password.is_some()))?;
    let trust_all = archive.keys.is_empty() && !archive.certs.iter().any(|bag| bag.trusted);
    let mut store = Store::default();
    for (index, bag) in archive.certs.iter().enumerate() {
        if trust_all || (bag.trusted && bag.local_key_id.is_none()) {
            let alias = bag.friendly_name.clone().unwrap_or_else(|| format!("certificate {}", index + 1));
            store.certificates.push(TrustedCertificate { alias, certificate: der(bag) });
        }
    }
    for (index, key) in archive.keys.into_iter().enumerate() {
        let id = key.local_key_id.as_ref().map(AsRef::as_ref);
        let pkcs8 = PrivatePkcs8KeyDer::from(key.key.as_der().to_vec());
        store.keys.push(KeyEntry {
            chain: chain(&archive.certs, id),
            alias: key.friendly_name.unwrap_or_else(|| format!("key {}", index + 1)),
            key: Zeroizing::new(PrivateKeyDer::Pkcs8(pkcs8)),
        });
    }
    Ok(store)
}

/// The certificate with the key's id, then issuer after issuer until one is self-signed or missing.
fn chain(bags: &[CertificateBag], id: Option<&[u8]>) -> Vec<CertificateDer<'static>> {
    let own = match id {
        Some(id) => bags.iter().find(|bag| bag.local_key_id.as_deref() == Some(id)),
        None => bags.first().filter(|_| bags.len() == 1),
    };
    let Some(mut last) = own else { return Vec::new() };
    let mut chain = vec![der(last)];
    while last.cert.issuer() != last.cert.subject() && chain.len() < MAX_CHAIN {
        let Some(issuer) = bags.iter().find(|bag| bag.cert.subject() == last.cert.issuer()) else { break };
        chain.push(der(issuer));
        last = issuer;
    }
    chain
}

fn der(bag: &CertificateBag) -> CertificateDer<'static> {
    CertificateDer::from(bag.cert.as_der().to_vec())
}

/// A MAC that does not match is a wrong password; so is, in a file without a MAC, a content that does not decrypt.
fn explain(error: P12Error, password_given: bool) -> Error {
    let format = Format::Pkcs12;
    match error {
        P12Error::MacError(_) | P12Error::UnpadError | P12Error::Pkcs5Error(_) if password_given => {
            Error::WrongPassword { format }
        }
        P12Error::MacError(_) | P12Error::UnpadError | P12Error::Pkcs5Error(_) => {
            Error::PasswordMissing { format }
        }
        P12Error::UnsupportedEncryptionScheme => {
            Error::Unsupported { format, what: "an encryption scheme".to_owned() }
        }
        P12Error::UnsupportedMacAlgorithm => {
            Error::Unsupported { format, what: "a MAC algorithm".to_owned() }
        }
        P12Error::UnsupportedContentType => Error::Unsupported { format, what: "a content type".to_owned() },
        P12Error::UnsupportedCertificateType => {
            Error::Unsupported { format, what: "a certificate type".to_owned() }
        }
        P12Error::InvalidParameters => {
            Error::Unsupported { format, what: "a key derivation with more work than is allowed".to_owned() }
        }
        other => Error::Malformed { format, what: other.to_string() },
    }
}
