//! PEM text (RFC 7468): certificates and at most one unencrypted key in PKCS#8, PKCS#1 or SEC1 form.

use rustls_pki_types::pem::{self, PemObject, SectionKind};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use crate::{Error, Format, KeyEntry, Store, TrustedCertificate};

/// Whether the bytes hold the start of any PEM section; text before it (as `openssl s_client` prints) is fine.
pub(crate) fn has_section(bytes: &[u8]) -> bool {
    contains(bytes, b"-----BEGIN ")
}

/// Reads the sections in order. With a key, all certificates are its chain, the first being its own;
/// without one, all certificates are trusted.
pub(crate) fn read(bytes: &[u8]) -> Result<Store, Error> {
    if contains(bytes, b"BEGIN ENCRYPTED PRIVATE KEY") || contains(bytes, b"Proc-Type: 4,ENCRYPTED") {
        return Err(Error::EncryptedPemKey);
    }
    let mut chain = Vec::new();
    let mut keys = Vec::new();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes) {
        let (kind, der) = section.map_err(|error| malformed(&error))?;
        match kind {
            SectionKind::Certificate => chain.push(CertificateDer::from(der)),
            _ => keys.extend(PrivateKeyDer::from_pem(kind, der).map(Zeroizing::new)),
        }
    }
    if keys.len() > 1 {
        return Err(Error::SeveralPemKeys { count: keys.len() });
    }
    let mut store = Store::default();
    match keys.pop() {
        Some(key) => store.keys.push(KeyEntry { alias: "key".to_owned(), chain, key }),
        None => {
            let named = |(index, certificate)| TrustedCertificate {
                alias: format!("certificate {}", index + 1),
                certificate,
            };
            store.certificates = chain.into_iter().enumerate().map(named).collect();
        }
    }
    Ok(store)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn malformed(error: &pem::Error) -> Error {
    Error::Malformed { format: Format::Pem, what: error.to_string() }
}
