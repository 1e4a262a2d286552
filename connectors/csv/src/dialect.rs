//! How a CSV file is written: its quote and delimiter characters, line end and encoding.

use zeroize::Zeroizing;

use crate::charset::Charset;

/// A character as bytes of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mark {
    bytes: [u8; 4],
    len: u8,
}

impl Mark {
    /// The character in that encoding; `None` if the encoding lacks it.
    pub(crate) fn new(character: char, charset: Charset) -> Option<Self> {
        let encoded = charset.encode(character.encode_utf8(&mut [0; 4])).map(|bytes| bytes.into_owned())?;
        let mut bytes = [0; 4];
        bytes.get_mut(..encoded.len())?.copy_from_slice(&encoded);
        Some(Self { bytes, len: u8::try_from(encoded.len()).ok()? })
    }

    /// The bytes; never empty.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len.into()).unwrap_or_default()
    }

    pub(crate) fn first(&self) -> u8 {
        self.bytes[0]
    }
}

/// What ends a record that this connector writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LineEnd {
    Lf,
    CrLf,
    Cr,
}

impl LineEnd {
    pub(crate) const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
            Self::Cr => b"\r",
        }
    }
}

/// A way of writing CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) quote: Mark,
    pub(crate) delimiter: Mark,
    /// Ends written records; reading takes any line end.
    pub(crate) line_end: LineEnd,
    pub(crate) charset: Charset,
    /// Whether `""` is no value instead of the empty text.
    pub(crate) quoted_empty_is_null: bool,
}

impl Dialect {
    /// A value as a cell: trimmed, quoted, quotes doubled, line ends as this dialect writes them. `None` if the encoding
    /// lacks one of its characters.
    pub(crate) fn cell(&self, value: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = self.charset.encode(trimmed(value))?;
        let quote = self.quote.as_bytes();
        // Room for the worst case first: growing would leave copies of a password behind.
        let mut cell = Zeroizing::new(Vec::with_capacity(bytes.len() * 2 + 2 * quote.len()));
        cell.extend_from_slice(quote);
        let mut rest: &[u8] = &bytes;
        while let Some(byte) = rest.first() {
            let taken = if rest.starts_with(quote) {
                cell.extend_from_slice(quote);
                cell.extend_from_slice(quote);
                quote.len()
            } else if let Some(length) = line_end_length(rest) {
                cell.extend_from_slice(self.line_end.as_bytes());
                length
            } else {
                cell.push(*byte);
                1
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
        cell.extend_from_slice(quote);
        Some(cell)
    }
}

/// Length of the line end at the beginning of the bytes, if there is one.
pub(crate) fn line_end_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\r', b'\n', ..] => Some(2),
        [b'\r' | b'\n', ..] => Some(1),
        _ => None,
    }
}

/// The text without characters up to U+0020 at either end. Other blanks, such as the no-break space, stay.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

/// The same for bytes.
pub(crate) fn trimmed_bytes(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|b| *b > b' ').unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| *b > b' ').map_or(start, |last| last + 1);
    bytes.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn dialect(line_end: LineEnd) -> Dialect {
        Dialect {
            quote: Mark::new('"', Charset::Utf8).unwrap(),
            delimiter: Mark::new(',', Charset::Utf8).unwrap(),
            line_end,
            charset: Charset::Utf8,
            quoted_empty_is_null: true,
        }
    }

    #[test]
    fn a_cell_is_quoted_trimmed_and_its_line_ends_are_those_of_the_dialect() {
        let cell = |line_end, text| dialect(line_end).cell(text).unwrap().to_vec();
        assert_eq!(cell(LineEnd::Lf, "se\"c,r\net"), b"\"se\"\"c,r\net\"");
        assert_eq!(cell(LineEnd::CrLf, " y\r\nz\rq\nw "), b"\"y\r\nz\r\nq\r\nw\"");
        assert_eq!(cell(LineEnd::Lf, "  "), b"\"\"");
        assert_eq!(cell(LineEnd::Lf, "\u{A0}x"), "\"\u{A0}x\"".as_bytes());
    }

    #[test]
    fn a_mark_may_take_several_bytes() {
        let mark = Mark::new('§', Charset::Utf8).unwrap();
        assert_eq!(mark.as_bytes(), "§".as_bytes());
        assert_eq!(Mark::new('§', Charset::Latin1).unwrap().as_bytes(), b"\xA7");
        assert_eq!(Mark::new('€', Charset::Latin1), None);
    }
}
