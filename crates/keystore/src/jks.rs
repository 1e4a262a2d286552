//! Sun's JKS: a flat list of entries behind a magic number, sealed by a SHA-1 over password and content;
//! keys are XORed with a SHA-1 key stream. All numbers are big-endian, strings are Java's `writeUTF`.
//!
//! The protection is weak by today's measure, but it is what older installations have. Nothing is written
//! in this format.

use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use crate::{Error, Format, KeyEntry, Store, TrustedCertificate};

const DIGEST: usize = 20;
/// Mixed into the seal of every JKS file.
const WHITENER: &[u8] = b"Mighty Aphrodite";
/// The object identifier 1.3.6.1.4.1.42.2.17.1.1 in DER: Sun's key protector.
const KEY_PROTECTOR: &[u8] = &[0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x2a, 0x02, 0x11, 0x01, 0x01];
const TAG_KEY: u32 = 1;
const TAG_CERTIFICATE: u32 = 2;
const MAX_ENTRIES: u32 = 100_000;
const MAX_CHAIN: u32 = 32;

/// A store whose seal was checked and whose keys are still encrypted.
#[derive(Default)]
pub(crate) struct Jks {
    certificates: Vec<TrustedCertificate>,
    keys: Vec<LockedKey>,
}

struct LockedKey {
    alias: String,
    /// `EncryptedPrivateKeyInfo` in DER.
    locked: Vec<u8>,
    chain: Vec<CertificateDer<'static>>,
}

/// Reads all entries. Without a password the seal is not checked, as in Java.
pub(crate) fn parse(bytes: &[u8], password: Option<&str>) -> Result<Jks, Error> {
    let Some((content, seal)) = bytes.len().checked_sub(DIGEST).and_then(|at| bytes.split_at_checked(at))
    else {
        return Err(malformed("it ends before the integrity check"));
    };
    if let Some(password) = password {
        let mut digest = Sha1::new();
        digest.update(&*utf16(password));
        digest.update(WHITENER);
        digest.update(content);
        if digest.finalize().as_slice() != seal {
            return Err(Error::WrongPassword { format: Format::Jks });
        }
    }
    let mut input = Reader(content);
    input.u32("magic")?;
    let version = input.u32("version")?;
    if !(1..=2).contains(&version) {
        return Err(Error::Unsupported { format: Format::Jks, what: format!("version {version}") });
    }
    let count = input.u32("number of entries")?;
    if count > MAX_ENTRIES {
        return Err(malformed(format!("it announces {count} entries")));
    }
    let mut store = Jks::default();
    for _ in 0..count {
        store.read_entry(&mut input, version)?;
    }
    if input.0.is_empty() { Ok(store) } else { Err(malformed("bytes follow the last entry")) }
}

impl Jks {
    fn read_entry(&mut self, input: &mut Reader<'_>, version: u32) -> Result<(), Error> {
        let tag = input.u32("entry tag")?;
        let alias = input.string("alias")?;
        input.take(8, "creation date")?;
        match tag {
            TAG_KEY => {
                let locked = input.block("key")?.to_vec();
                let length = input.u32("chain length")?;
                if length > MAX_CHAIN {
                    return Err(malformed(format!("the key {alias:?} announces {length} certificates")));
                }
                let chain = (0..length).map(|_| input.certificate(version)).collect::<Result<_, _>>()?;
                self.keys.push(LockedKey { alias, locked, chain });
            }
            TAG_CERTIFICATE => {
                let certificate = input.certificate(version)?;
                self.certificates.push(TrustedCertificate { alias, certificate });
            }
            other => return Err(malformed(format!("the entry {alias:?} has the unknown tag {other}"))),
        }
        Ok(())
    }

    /// Decrypts every key.
    pub(crate) fn decrypt(self, key_password: Option<&str>) -> Result<Store, Error> {
        let unlock = |entry: LockedKey| {
            let password = key_password.ok_or(Error::PasswordMissing { format: Format::Jks })?;
            let key = unlock(&entry.alias, &entry.locked, password)?;
            Ok(KeyEntry { alias: entry.alias, chain: entry.chain, key })
        };
        let keys = self.keys.into_iter().map(unlock).collect::<Result<_, Error>>()?;
        Ok(Store { certificates: self.certificates, keys })
    }

    /// The trusted certificates, and the keys' own certificates.
    pub(crate) fn into_certificates(self) -> (Vec<TrustedCertificate>, Vec<TrustedCertificate>) {
        let leaf = |entry: LockedKey| {
            let certificate = entry.chain.into_iter().next()?;
            Some(TrustedCertificate { alias: entry.alias, certificate })
        };
        (self.certificates, self.keys.into_iter().filter_map(leaf).collect())
    }
}

/// Undoes Sun's key protector: 20 bytes of salt, the key XORed with `SHA1(password, previous)` blocks, and
/// `SHA1(password, key)` as the check.
fn unlock(alias: &str, locked: &[u8], password: &str) -> Result<Zeroizing<PrivateKeyDer<'static>>, Error> {
    let protected = protected_bytes(alias, locked)?;
    let parts = protected.split_at_checked(DIGEST).and_then(|(salt, rest)| {
        let (body, check) = rest.split_at_checked(rest.len().checked_sub(DIGEST)?)?;
        Some((salt, body, check))
    });
    let Some((salt, body, check)) = parts else {
        return Err(malformed(format!("the key {alias:?} is shorter than its protection")));
    };
    let password = utf16(password);
    let mut key = Zeroizing::new(body.to_vec());
    let mut mask = Zeroizing::new([0; DIGEST]);
    mask.copy_from_slice(salt);
    for block in key.chunks_mut(DIGEST) {
        let next = Sha1::new().chain_update(&*password).chain_update(*mask).finalize();
        mask.copy_from_slice(&next);
        block.iter_mut().zip(mask.iter()).for_each(|(byte, mask)| *byte ^= mask);
    }
    let computed = Sha1::new().chain_update(&*password).chain_update(&*key).finalize();
    if computed.as_slice() != check {
        return Err(Error::WrongKeyPassword { alias: alias.to_owned() });
    }
    let pkcs8 = PrivatePkcs8KeyDer::from(std::mem::take(&mut *key));
    Ok(Zeroizing::new(PrivateKeyDer::Pkcs8(pkcs8)))
}

/// The octets of `SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING }`.
fn protected_bytes<'a>(alias: &str, locked: &'a [u8]) -> Result<&'a [u8], Error> {
    let broken = || malformed(format!("the protection of the key {alias:?} is not well-formed"));
    let mut outer = Reader(Reader(locked).der(0x30).ok_or_else(broken)?);
    let algorithm = outer.der(0x30).ok_or_else(broken)?;
    if !algorithm.starts_with(KEY_PROTECTOR) {
        let what = format!("another protection than Sun's for the key {alias:?}");
        return Err(Error::Unsupported { format: Format::Jks, what });
    }
    outer.der(0x04).ok_or_else(broken)
}

/// Java hashes a password as its UTF-16 code units, high byte first.
fn utf16(password: &str) -> Zeroizing<Vec<u8>> {
    // Room for all beforehand, so that no copy stays behind in a freed block.
    let mut bytes = Zeroizing::new(Vec::with_capacity(password.len() * 2));
    bytes.extend(password.encode_utf16().flat_map(u16::to_be_bytes));
    bytes
}

fn malformed(what: impl Into<String>) -> Error {
    Error::Malformed { format: Format::Jks, what: what.into() }
}

/// The rest of the input; every method takes from its front and never beyond its end.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize, what: &str) -> Result<&'a [u8], Error> {
        let (head, tail) =
            self.0.split_at_checked(length).ok_or_else(|| malformed(format!("it ends within a {what}")))?;
        self.0 = tail;
        Ok(head)
    }

    fn u32(&mut self, what: &str) -> Result<u32, Error> {
        let bytes = self.take(4, what)?;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn block(&mut self, what: &str) -> Result<&'a [u8], Error> {
        let length = usize::try_from(self.u32(what)?).unwrap_or(usize::MAX);
        self.take(length, what)
    }

    /// `writeUTF`. Its deviations from UTF-8 (NUL, surrogate pairs) do not matter for a name that is only shown.
    fn string(&mut self, what: &str) -> Result<String, Error> {
        let length = self.take(2, what)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
        Ok(String::from_utf8_lossy(self.take(length, what)?).into_owned())
    }

    fn certificate(&mut self, version: u32) -> Result<CertificateDer<'static>, Error> {
        if version >= 2 {
            let kind = self.string("certificate type")?;
            if kind != "X.509" {
                return Err(Error::Unsupported {
                    format: Format::Jks,
                    what: format!("{kind:?} certificates"),
                });
            }
        }
        Ok(CertificateDer::from(self.block("certificate")?.to_vec()))
    }

    /// One DER value of the given tag with a definite length of up to four bytes.
    fn der(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (&found, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (found == tag).then_some(value)
    }
}
