//! Certificates and private keys out of the store files administrators have: PKCS#12 (`.p12`, `.pfx`,
//! Java's default since 9), JKS (Java's own older format) and PEM.
//!
//! The format is recognised by content, as Java does it, so a wrong `...Type` setting does no harm.
//! What the certificates are *for*, whether they are valid now and whether a key fits its certificate
//! is decided by whoever uses the [`Store`]; this crate only reads, and reads nothing but the bytes given.
//! Start at [`open`] for a key store and at [`trust_anchors`] for a trust store.

mod error;
mod jks;
mod pem;
mod pkcs12;

pub use error::Error;

use std::fmt;
use std::str::FromStr;

use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

/// What a store file holds.
#[derive(Debug, Default)]
pub struct Store {
    /// The certificates to trust (`trustedCertEntry` in Java's words), in file order.
    pub certificates: Vec<TrustedCertificate>,
    /// The private keys with their certificate chains, in file order.
    pub keys: Vec<KeyEntry>,
}

/// A certificate marked as trusted by its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedCertificate {
    /// The name of the entry; made up (`certificate 1`, ...) where the format has none.
    pub alias: String,
    /// The X.509 certificate, not parsed.
    pub certificate: CertificateDer<'static>,
}

/// A private key and the certificates that go with it.
pub struct KeyEntry {
    /// The name of the entry; made up (`key`) where the format has none.
    pub alias: String,
    /// The key's own certificate first, then its issuers as far as the store has them. Empty if it has none.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key, wiped from memory when dropped.
    pub key: Zeroizing<PrivateKeyDer<'static>>,
}

/// The format of a store file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 7292, the default of `keytool` since Java 9 and of `openssl pkcs12`.
    Pkcs12,
    /// The format of `keytool` before Java 9.
    Jks,
    /// RFC 7468 text: certificates and at most one unencrypted private key.
    Pem,
}

/// The largest file that is looked at: ten times the largest trust store seen in the field.
pub const MAX_STORE_BYTES: usize = 8 * 1024 * 1024;

/// Reads a key store: every key is decrypted, and one that cannot be is an error.
///
/// `password` opens the store, `key_password` the keys inside; where the latter is `None` the former
/// serves for both. PKCS#12 has a single password, so `key_password` is not used there. A JKS file
/// without `password` is read unchecked, as Java does it. PEM needs neither.
///
/// # Errors
///
/// See [`Error`]; a message says what to do but not which file it is about.
pub fn open(bytes: &[u8], password: Option<&str>, key_password: Option<&str>) -> Result<Store, Error> {
    match recognise(bytes)? {
        Format::Pkcs12 => pkcs12::read(bytes, password),
        Format::Jks => jks::parse(bytes, password)?.decrypt(key_password.or(password)),
        Format::Pem => pem::read(bytes),
    }
}

/// Reads a trust store: what a Java trust manager would trust given this file, that is the trusted
/// certificates and the first certificate of every key entry. Keys in a JKS file stay encrypted, so
/// their password is not needed.
///
/// # Errors
///
/// See [`Error`]; an empty result is not an error here.
pub fn trust_anchors(bytes: &[u8], password: Option<&str>) -> Result<Vec<TrustedCertificate>, Error> {
    let (mut anchors, leaves) = match recognise(bytes)? {
        Format::Pkcs12 => leaves_of(pkcs12::read(bytes, password)?),
        Format::Jks => jks::parse(bytes, password)?.into_certificates(),
        Format::Pem => leaves_of(pem::read(bytes)?),
    };
    for leaf in leaves {
        if !anchors.iter().any(|anchor| anchor.certificate == leaf.certificate) {
            anchors.push(leaf);
        }
    }
    Ok(anchors)
}

/// Recognises the format by the first bytes; `None` for anything that no store begins with.
pub fn sniff(bytes: &[u8]) -> Option<Format> {
    recognise(bytes).ok()
}

fn recognise(bytes: &[u8]) -> Result<Format, Error> {
    if bytes.len() > MAX_STORE_BYTES {
        return Err(Error::TooLarge { bytes: bytes.len() });
    }
    match bytes {
        [] => Err(Error::Empty),
        [0xfe, 0xed, 0xfe, 0xed, ..] => Ok(Format::Jks),
        [0xce, 0xce, 0xce, 0xce, ..] => Err(Error::Jceks),
        // PFX ::= SEQUENCE { version INTEGER ... }; a certificate is a SEQUENCE of a SEQUENCE.
        [0x30, rest @ ..] => match after_der_length(rest).and_then(<[u8]>::first) {
            Some(0x02) => Ok(Format::Pkcs12),
            Some(0x30) => Err(Error::BareDer),
            _ => Err(Error::Unrecognised),
        },
        _ if pem::has_section(bytes) => Ok(Format::Pem),
        _ => Err(Error::Unrecognised),
    }
}

fn after_der_length(rest: &[u8]) -> Option<&[u8]> {
    let (&first, rest) = rest.split_first()?;
    let more = if first < 0x80 { 0 } else { usize::from(first & 0x7f) };
    rest.get(more..)
}

fn leaves_of(store: Store) -> (Vec<TrustedCertificate>, Vec<TrustedCertificate>) {
    let leaf = |entry: KeyEntry| {
        let certificate = entry.chain.into_iter().next()?;
        Some(TrustedCertificate { alias: entry.alias, certificate })
    };
    (store.certificates, store.keys.into_iter().filter_map(leaf).collect())
}

impl fmt::Debug for KeyEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyEntry")
            .field("alias", &self.alias)
            .field("chain", &self.chain.len())
            .field("key", &"<secret>")
            .finish()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pkcs12 => "PKCS12",
            Self::Jks => "JKS",
            Self::Pem => "PEM",
        })
    }
}

impl FromStr for Format {
    type Err = Error;

    /// Reads the value of a `...Type` setting, in any case.
    fn from_str(name: &str) -> Result<Self, Error> {
        match name.to_ascii_uppercase().as_str() {
            "PKCS12" | "P12" | "PFX" => Ok(Self::Pkcs12),
            "JKS" => Ok(Self::Jks),
            "PEM" => Ok(Self::Pem),
            "JCEKS" => Err(Error::Jceks),
            _ => Err(Error::UnknownType { name: name.to_owned() }),
        }
    }
}
