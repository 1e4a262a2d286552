//! Passwords as directories store them: clear, hashed (RFC 2307 schemes), or in the encoding of Active Directory.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use icf::GuardedString;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

/// How a password is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    /// Clear: the server hashes.
    None,
    /// A digest, with a salt or without.
    Digest { algorithm: Algorithm, salted: bool },
    /// UTF-16 in quotation marks.
    WindowsAd,
}

/// A digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// Names in configurations, which are also the names of the schemes.
const NAMES: [(&str, Hash); 12] = {
    const fn digest(algorithm: Algorithm, salted: bool) -> Hash {
        Hash::Digest { algorithm, salted }
    }
    [
        ("NONE", Hash::None),
        ("MD5", digest(Algorithm::Md5, false)),
        ("SMD5", digest(Algorithm::Md5, true)),
        ("SHA", digest(Algorithm::Sha1, false)),
        ("SSHA", digest(Algorithm::Sha1, true)),
        ("SHA256", digest(Algorithm::Sha256, false)),
        ("SSHA256", digest(Algorithm::Sha256, true)),
        ("SHA384", digest(Algorithm::Sha384, false)),
        ("SSHA384", digest(Algorithm::Sha384, true)),
        ("SHA512", digest(Algorithm::Sha512, false)),
        ("SSHA512", digest(Algorithm::Sha512, true)),
        ("WIN-AD", Hash::WindowsAd),
    ]
};

impl Hash {
    /// The way of that name, in any case; blank is none.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        if name.is_empty() {
            return Some(Self::None);
        }
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, hash)| *hash)
    }

    /// The bytes that the directory gets for a password; `scheme` is how the configuration spells the algorithm.
    pub(crate) fn encode(self, password: &GuardedString, scheme: &str) -> Zeroizing<Vec<u8>> {
        match self {
            Self::None => utf8(password),
            Self::WindowsAd => unicode_pwd(password),
            Self::Digest { algorithm, salted } => {
                let salt: [u8; 8] = rand::random();
                let salt = if salted { salt.as_slice() } else { &[] };
                digest(algorithm, scheme, &utf8(password), salt)
            }
        }
    }
}

/// The clear bytes.
pub(crate) fn utf8(password: &GuardedString) -> Zeroizing<Vec<u8>> {
    let clear = password.reveal();
    Zeroizing::new(clear.as_bytes().to_vec())
}

/// The value of `unicodePwd`: UTF-16, low byte first, between quotation marks.
pub(crate) fn unicode_pwd(password: &GuardedString) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(password.units().len() * 2 + 4));
    let quote = [u16::from(b'"')];
    for unit in quote.iter().chain(password.units()).chain(&quote) {
        bytes.extend(unit.to_le_bytes());
    }
    bytes
}

fn digest(algorithm: Algorithm, scheme: &str, clear: &[u8], salt: &[u8]) -> Zeroizing<Vec<u8>> {
    fn of<D: Digest>(clear: &[u8], salt: &[u8]) -> Vec<u8> {
        let mut digest = D::new();
        digest.update(clear);
        digest.update(salt);
        digest.finalize().to_vec()
    }
    let mut bytes = match algorithm {
        Algorithm::Md5 => of::<Md5>(clear, salt),
        Algorithm::Sha1 => of::<Sha1>(clear, salt),
        Algorithm::Sha256 => of::<Sha256>(clear, salt),
        Algorithm::Sha384 => of::<Sha384>(clear, salt),
        Algorithm::Sha512 => of::<Sha512>(clear, salt),
    };
    bytes.extend_from_slice(salt);
    Zeroizing::new(format!("{{{scheme}}}{}", STANDARD.encode(bytes)).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(algorithm: Algorithm, scheme: &str, salt: &[u8]) -> String {
        String::from_utf8(digest(algorithm, scheme, b"secret", salt).to_vec()).unwrap()
    }

    #[test]
    fn hashes_are_those_that_slappasswd_writes() {
        // slappasswd -h {SHA} -s secret, and {MD5}.
        assert_eq!(hashed(Algorithm::Sha1, "SHA", &[]), "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=");
        assert_eq!(hashed(Algorithm::Md5, "md5", &[]), "{md5}Xr4ilOzQ4PCOq3aQ0qbuaQ==");
    }

    #[test]
    fn a_salt_stands_behind_the_digest() {
        let text = hashed(Algorithm::Sha1, "SSHA", b"12345678");
        let bytes = STANDARD.decode(text.strip_prefix("{SSHA}").unwrap()).unwrap();
        assert_eq!((bytes.len(), &bytes[20..]), (28, b"12345678".as_slice()));
        let salted = Hash::from_name("ssha").unwrap();
        assert_ne!(salted.encode(&"secret".into(), "SSHA"), salted.encode(&"secret".into(), "SSHA"));
    }

    #[test]
    fn active_directory_wants_quoted_utf16() {
        // The example of [MS-ADTS] 3.1.1.3.1.5.1: "new" between quotation marks.
        let expected = [0x22, 0, b'n', 0, b'e', 0, b'w', 0, 0x22, 0];
        assert_eq!(*unicode_pwd(&"new".into()), expected);
        assert_eq!(*unicode_pwd(&"é😀".into()), [0x22, 0, 0xe9, 0, 0x3d, 0xd8, 0, 0xde, 0x22, 0]);
    }

    #[test]
    fn names_are_known_in_any_case() {
        assert_eq!(Hash::from_name("Win-Ad"), Some(Hash::WindowsAd));
        assert_eq!(Hash::from_name(" "), Some(Hash::None));
        assert_eq!(Hash::from_name("SHA3"), None);
    }
}
