//! Text encodings of CSV files.
//!
//! Only encodings in which every ASCII character is one byte, and in which no other character contains such a byte: the
//! record reader looks at bytes, not at characters.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// How bytes of a file become text and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// UTF-8.
    Utf8,
    /// Seven-bit ASCII.
    Ascii,
    /// ISO-8859-1 as Java has it: byte and code point are one number.
    Latin1,
    /// Another encoding of one byte a character.
    SingleByte(&'static Encoding),
}

impl Charset {
    /// The encoding of that name, as Java or the IANA call it, without regard to case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace('_', "-");
        match name.as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "us-ascii" | "ascii" => Some(Self::Ascii),
            "iso-8859-1" | "iso8859-1" | "iso88591" | "latin1" => Some(Self::Latin1),
            other => Encoding::for_label(other.as_bytes())
                .filter(|encoding| encoding.is_single_byte() && encoding.is_ascii_compatible())
                .map(Self::SingleByte),
        }
    }

    /// The text of some bytes; what cannot be decoded becomes U+FFFD.
    pub(crate) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes),
            Self::SingleByte(encoding) => encoding.decode_without_bom_handling(bytes).0,
            Self::Ascii => lossless_ascii(bytes).unwrap_or_else(|| {
                bytes.iter().map(|b| if b.is_ascii() { *b as char } else { '\u{FFFD}' }).collect()
            }),
            Self::Latin1 => {
                lossless_ascii(bytes).unwrap_or_else(|| bytes.iter().map(|b| *b as char).collect())
            }
        }
    }

    /// The bytes of a text; `None` if it holds a character the encoding lacks.
    pub(crate) fn encode(self, text: &str) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Utf8 => Some(Cow::Borrowed(text.as_bytes())),
            _ if text.is_ascii() => Some(Cow::Borrowed(text.as_bytes())),
            Self::Ascii => None,
            Self::Latin1 => text
                .chars()
                .map(|c| u8::try_from(u32::from(c)).ok())
                .collect::<Option<Vec<_>>>()
                .map(Cow::Owned),
            Self::SingleByte(encoding) => match encoding.encode(text) {
                (bytes, _, false) => Some(bytes),
                _ => None,
            },
        }
    }
}

fn lossless_ascii(bytes: &[u8]) -> Option<Cow<'_, str>> {
    std::str::from_utf8(bytes).ok().filter(|text| text.is_ascii()).map(Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_and_iana_names_are_known_and_wide_encodings_are_not() {
        assert_eq!(Charset::from_name("UTF8"), Some(Charset::Utf8));
        assert_eq!(Charset::from_name("ISO8859_1"), Some(Charset::Latin1));
        assert!(matches!(Charset::from_name("Cp1250"), Some(Charset::SingleByte(_))));
        assert!(matches!(Charset::from_name("ISO-8859-2"), Some(Charset::SingleByte(_))));
        for unfit in ["UTF-16", "Shift_JIS", "GB18030", "klingon", ""] {
            assert_eq!(Charset::from_name(unfit), None, "{unfit}");
        }
    }

    #[test]
    fn latin_1_is_code_points_and_not_its_windows_relative() {
        assert_eq!(Charset::Latin1.decode(b"caf\xE9 \x80"), "café \u{80}");
        assert_eq!(Charset::Latin1.encode("é").as_deref(), Some(&b"\xE9"[..]));
        assert_eq!(Charset::Latin1.encode("€"), None);
        let windows = Charset::from_name("windows-1252").unwrap();
        assert_eq!(windows.decode(b"\x80"), "€");
        assert_eq!(windows.encode("€").as_deref(), Some(&b"\x80"[..]));
    }

    #[test]
    fn undecodable_bytes_become_the_replacement_character() {
        assert_eq!(Charset::Utf8.decode(b"a\xE9b"), "a\u{FFFD}b");
        assert_eq!(Charset::Ascii.decode(b"a\xE9b"), "a\u{FFFD}b");
        assert_eq!(Charset::Ascii.encode("é"), None);
    }
}
