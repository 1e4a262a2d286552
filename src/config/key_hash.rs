//! The shared key of server mode: the file holds a hash, the tenant sends the plain text.

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

/// SHA-1 over the key's UTF-16 code units, big-endian, without salt: the only form that Java servers and the
/// tenants' tools understand.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyHash([u8; 20]);

/// Why a text is not the hash of a key. None of the messages repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyHashError {
    /// The text is neither Base64 nor one of the known mistakes.
    #[error("the value is not the Base64 form of a 20-byte hash")]
    NotAHash,
    /// Forty hexadecimal digits, or the Base64 form of such a text.
    #[error("the value was made from the hexadecimal output of `sha1sum`")]
    Hexadecimal,
    /// The hash of a well-known key's UTF-8 bytes.
    #[error("the value is the hash of a well-known key, made over UTF-8 instead of UTF-16")]
    HashOfUtf8,
}

/// How a hash of a key was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRecipe {
    /// Over UTF-16, as connector servers do.
    Utf16,
    /// Over UTF-8, perhaps with a line end, as `sha1sum` does.
    Utf8,
}

impl KeyHash {
    /// The hash of a key.
    #[must_use]
    pub fn of(key: &str) -> Self {
        let units: Zeroizing<Vec<u8>> =
            Zeroizing::new(key.encode_utf16().flat_map(u16::to_be_bytes).collect());
        Self(Sha1::digest(&*units).into())
    }

    /// Reads the form of the configuration file.
    ///
    /// # Errors
    ///
    /// When the text cannot be a hash, or is recognisably made by a wrong recipe.
    pub fn from_base64(text: &str) -> Result<Self, KeyHashError> {
        if is_hexadecimal_digest(text.as_bytes()) {
            return Err(KeyHashError::Hexadecimal);
        }
        let bytes = BASE64_STANDARD.decode(text).map_err(|_| KeyHashError::NotAHash)?;
        if is_hexadecimal_digest(&bytes) {
            return Err(KeyHashError::Hexadecimal);
        }
        let hash: [u8; 20] = bytes.try_into().map_err(|_| KeyHashError::NotAHash)?;
        let of_utf8 = |key: &&str| {
            <[u8; 20]>::from(Sha1::digest(key)) == hash
                || <[u8; 20]>::from(Sha1::digest(format!("{key}\n"))) == hash
        };
        if WELL_KNOWN.iter().any(of_utf8) {
            return Err(KeyHashError::HashOfUtf8);
        }
        Ok(Self(hash))
    }

    /// The form of the configuration file.
    #[must_use]
    pub fn to_base64(&self) -> String {
        BASE64_STANDARD.encode(self.0)
    }

    /// Whether this is the hash of `key`. The time taken does not depend on where the hashes differ.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        let other = Self::of(key);
        self.0.iter().zip(other.0).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
    }

    /// By which recipe this is the hash of `key`; `None` if by none that is known.
    #[must_use]
    pub fn recipe_for(&self, key: &str) -> Option<KeyRecipe> {
        if self.matches(key) {
            return Some(KeyRecipe::Utf16);
        }
        let line = Zeroizing::new(format!("{key}\n"));
        let of_utf8 = [key, line.as_str()].iter().any(|text| <[u8; 20]>::from(Sha1::digest(text)) == self.0);
        of_utf8.then_some(KeyRecipe::Utf8)
    }

    /// The key, when it is one that everybody knows.
    #[must_use]
    pub fn well_known_key(&self) -> Option<&'static str> {
        WELL_KNOWN.iter().find(|key| Self::of(key) == *self).copied()
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// `sha1sum` output: forty digits, perhaps with the line end and file name that follow them.
fn is_hexadecimal_digest(text: &[u8]) -> bool {
    text.split_at_checked(40).is_some_and(|(digits, rest)| {
        digits.iter().all(u8::is_ascii_hexdigit) && rest.iter().all(|byte| b" -\r\n".contains(byte))
    })
}

/// Keys that installations are delivered with.
const WELL_KNOWN: [&str; 3] = ["changeit", "Passw0rd", "password"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_utf_16_units() {
        for (key, hash) in [
            ("changeit", "lmA6bMfENJGlIDbfrVtklXFK32s="),
            ("Passw0rd", "xOS4IeeE6eb/AhMbhxZEC37PgtE="),
            ("password", "W5/rwtdCnI8gAnIUhKcahMEnMMc="),
        ] {
            assert_eq!(KeyHash::of(key).to_base64(), hash);
            let read = KeyHash::from_base64(hash).unwrap();
            assert!(read.matches(key) && !read.matches("other"));
            assert_eq!(read.well_known_key(), Some(key));
        }
        assert_eq!(KeyHash::of("own").well_known_key(), None);
    }

    #[test]
    fn recognises_wrong_recipes() {
        for utf8 in
            ["BzE/DjIPIsv6Nc/CIFCOs/9FfH4=", "6/x5EAd3cMg0D2PNLcoqwfEgRE8=", "W6ph5Mm5Pz8GgiULbPgzG37mj9g="]
        {
            assert_eq!(KeyHash::from_base64(utf8), Err(KeyHashError::HashOfUtf8));
        }
        // `echo -n own | sha1sum`, plain and through `base64`.
        let hexadecimal = "fbf63c6adba57ff2a18d83d55deff3db5e89b043";
        assert_eq!(KeyHash::from_base64(hexadecimal), Err(KeyHashError::Hexadecimal));
        let encoded = BASE64_STANDARD.encode(format!("{hexadecimal}  -\n"));
        assert_eq!(KeyHash::from_base64(&encoded), Err(KeyHashError::Hexadecimal));
        for other in ["", "changeit", "lmA6bMfENJGlIDbfrVtklXFK32s", "AAAA", "lmA6bMfENJGlIDbfrVtklXFK32s= "]
        {
            assert_eq!(KeyHash::from_base64(other), Err(KeyHashError::NotAHash), "{other}");
        }
    }
}
