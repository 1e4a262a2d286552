//! Passwords and other secrets: wiped from memory when dropped and never shown by `Debug`.

use std::fmt;

use zeroize::Zeroizing;

/// A secret text. Holds UTF-16 code units, because that is what travels: a lone surrogate survives a round trip.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct GuardedString {
    units: Zeroizing<Vec<u16>>,
}

impl GuardedString {
    /// Takes a clear text; the caller wipes its own copy.
    #[must_use]
    pub fn new(clear: &str) -> Self {
        // Exact capacity first: growing would leave unwiped copies behind.
        let mut units = Vec::with_capacity(clear.encode_utf16().count());
        units.extend(clear.encode_utf16());
        Self { units: Zeroizing::new(units) }
    }

    /// Takes UTF-16 code units.
    #[must_use]
    pub fn from_units(units: Zeroizing<Vec<u16>>) -> Self {
        Self { units }
    }

    /// The UTF-16 code units of the clear text.
    #[must_use]
    pub fn units(&self) -> &[u16] {
        &self.units
    }

    /// The clear text; lone surrogates become U+FFFD. Wiped when dropped.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        // Three bytes of UTF-8 a unit at most, so the text never moves while it grows.
        let mut clear = String::with_capacity(self.units.len() * 3);
        clear.extend(char::decode_utf16(self.units.iter().copied()).map(|c| c.unwrap_or('\u{FFFD}')));
        Zeroizing::new(clear)
    }

    /// Whether the secret is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }
}

impl fmt::Debug for GuardedString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuardedString(***)")
    }
}

impl From<&str> for GuardedString {
    fn from(clear: &str) -> Self {
        Self::new(clear)
    }
}

/// Secret bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct GuardedBytes {
    bytes: Zeroizing<Vec<u8>>,
}

impl GuardedBytes {
    /// Takes clear bytes.
    #[must_use]
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { bytes }
    }

    /// The clear bytes.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for GuardedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuardedBytes(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_survives_and_is_not_shown() {
        let secret = GuardedString::new("Pässw0rd😀");
        assert_eq!(secret.reveal().as_str(), "Pässw0rd😀");
        assert_eq!(format!("{secret:?}"), "GuardedString(***)");
    }
}
