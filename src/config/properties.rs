//! The grammar of `java.util.Properties.load(InputStream)`, exactly: ISO-8859-1 bytes, `\uXXXX` escapes,
//! continuation lines, three kinds of separator.
//!
//! Reading knows nothing of keys or their meaning. Beside each value it keeps where the entry stands, so that
//! [`edit`](super::edit) can replace one entry and leave every other byte alone, and a few [`Notes`] on how the
//! value was written, so that a message can point at an accident Java accepts in silence. Start at [`parse`].

use std::ops::Range;

use zeroize::Zeroizing;

/// A file that was read: its entries in file order, duplicates included.
#[derive(Debug)]
pub struct Document {
    /// Every entry; where a key occurs twice, Java lets the last one win.
    pub entries: Vec<Entry>,
    /// The file starts with a UTF-8 byte order mark, which Java takes for the first three characters of a key.
    pub byte_order_mark: bool,
}

/// One key with its value.
pub struct Entry {
    /// The key after escapes were resolved.
    pub key: String,
    /// The value after escapes were resolved. It may be a secret, so it is wiped when dropped.
    pub value: Zeroizing<String>,
    /// Line number of the entry's first line, from 1.
    pub line: usize,
    /// Bytes of the entry in the file: from the first character of the key to the end of its last line,
    /// without leading blanks and without the final line end.
    pub span: Range<usize>,
    /// How the value was written.
    pub notes: Notes,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("key", &self.key).field("line", &self.line).finish_non_exhaustive()
    }
}

/// Accidents that the grammar accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Notes {
    /// The value ends in blanks that nobody escaped; they belong to the value.
    pub trailing_blanks: bool,
    /// The value looks like `C:\dir`: single backslashes vanish, or turn into tabs and line ends.
    pub windows_path: bool,
    /// The value holds bytes that form UTF-8 characters; they are read as two or more Latin-1 characters.
    pub utf8: bool,
    /// A `\uD800` to `\uDFFF` without its partner was replaced by U+FFFD.
    pub lone_surrogate: bool,
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// Java refuses the whole file for one such escape.
    #[error("`\\u` is not followed by four hexadecimal digits")]
    MalformedUnicodeEscape {
        /// Line number of the `\u`, from 1.
        line: usize,
    },
}

/// Reads a whole file.
///
/// # Errors
///
/// [`ParseError::MalformedUnicodeEscape`] is all that the grammar refuses.
pub fn parse(bytes: &[u8]) -> Result<Document, ParseError> {
    let mut entries = Vec::new();
    let mut lines = LogicalLines { bytes, position: 0, line: 1 };
    while let Some(logical) = lines.next_line() {
        entries.push(logical.into_entry()?);
    }
    Ok(Document { entries, byte_order_mark: bytes.starts_with(b"\xEF\xBB\xBF") })
}

/// Cuts the bytes into natural lines and glues continued ones together.
struct LogicalLines<'a> {
    bytes: &'a [u8],
    position: usize,
    /// Number of the natural line that `position` is in.
    line: usize,
}

impl LogicalLines<'_> {
    /// The next line that holds an entry.
    fn next_line(&mut self) -> Option<LogicalLine> {
        loop {
            self.skip_blanks();
            match self.peek()? {
                b'\n' | b'\r' => self.skip_line_end(),
                b'#' | b'!' => {
                    while self.peek().is_some_and(|byte| !is_line_end(byte)) {
                        self.position += 1;
                    }
                }
                _ => {
                    if let Some(logical) = self.glue() {
                        return Some(logical);
                    }
                }
            }
        }
    }

    /// Collects one logical line from its first non-blank byte on. `None` when its first natural line is a lone
    /// backslash.
    fn glue(&mut self) -> Option<LogicalLine> {
        let mut logical = LogicalLine {
            text: Zeroizing::new(Vec::new()),
            breaks: Vec::new(),
            line: self.line,
            span: self.position..self.position,
        };
        loop {
            let start = self.position;
            while self.peek().is_some_and(|byte| !is_line_end(byte)) {
                self.position += 1;
            }
            let natural = self.bytes.get(start..self.position).unwrap_or_default();
            let backslashes = natural.iter().rev().take_while(|&&byte| byte == b'\\').count();
            let continued = backslashes % 2 == 1;
            let kept = natural.len() - usize::from(continued);
            logical.text.extend_from_slice(natural.get(..kept).unwrap_or_default());
            logical.span.end = self.position;
            // Nothing follows a line end that is the last byte. Java keeps even a lone backslash there, as an
            // entry with an empty key.
            if !continued || self.position + 1 >= self.bytes.len() {
                return Some(logical);
            }
            self.skip_line_end();
            if logical.text.is_empty() {
                // Java starts afresh, so that a `#` on the next line opens a comment.
                return None;
            }
            self.skip_blanks();
            logical.breaks.push((logical.text.len(), self.line));
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.position += 1;
        }
    }

    /// Steps over LF, CR or CRLF.
    fn skip_line_end(&mut self) {
        if self.peek() == Some(b'\r') {
            self.position += 1;
            if self.peek() == Some(b'\n') {
                self.position += 1;
            }
        } else {
            self.position += 1;
        }
        self.line += 1;
    }
}

/// A line with its continuations, escapes not yet resolved.
struct LogicalLine {
    text: Zeroizing<Vec<u8>>,
    /// Where in `text` each continuation starts, with its line number.
    breaks: Vec<(usize, usize)>,
    line: usize,
    span: Range<usize>,
}

impl LogicalLine {
    fn into_entry(self) -> Result<Entry, ParseError> {
        let (key_end, value_start) = split(&self.text);
        let raw_value = self.text.get(value_start..).unwrap_or_default();
        let (key, _) = self.unescape(0..key_end)?;
        let (value, lone_surrogate) = self.unescape(value_start..self.text.len())?;
        let notes = Notes {
            trailing_blanks: ends_in_unescaped_blank(raw_value),
            windows_path: looks_like_unescaped_windows_path(raw_value),
            utf8: !raw_value.is_ascii() && std::str::from_utf8(raw_value).is_ok(),
            lone_surrogate,
        };
        Ok(Entry { key: key.to_string(), value, line: self.line, span: self.span, notes })
    }

    /// Resolves the escapes of a part of the text; also says whether a lone surrogate was replaced.
    fn unescape(&self, range: Range<usize>) -> Result<(Zeroizing<String>, bool), ParseError> {
        let raw = self.text.get(range.clone()).unwrap_or_default();
        let mut units = Zeroizing::new(Vec::with_capacity(raw.len()));
        let mut rest = raw;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            if byte != b'\\' {
                units.push(u16::from(byte));
                continue;
            }
            // A backslash at the very end cannot occur here: it was taken for a continuation.
            let Some((&escaped, after)) = rest.split_first() else { break };
            rest = after;
            units.push(match escaped {
                b't' => u16::from(b'\t'),
                b'n' => u16::from(b'\n'),
                b'r' => u16::from(b'\r'),
                b'f' => 0x0c,
                b'u' => {
                    let at = range.start + (raw.len() - rest.len());
                    let (unit, after) = four_hex_digits(rest)
                        .ok_or_else(|| ParseError::MalformedUnicodeEscape { line: self.line_of(at) })?;
                    rest = after;
                    unit
                }
                other => u16::from(other),
            });
        }
        Ok(decode_utf16(&units))
    }

    /// Number of the natural line that holds the byte before `offset`.
    fn line_of(&self, offset: usize) -> usize {
        self.breaks.iter().rev().find(|(start, _)| *start < offset).map_or(self.line, |(_, line)| *line)
    }
}

/// Finds the end of the key and the start of the value.
fn split(text: &[u8]) -> (usize, usize) {
    let mut escaped = false;
    let key_end = text
        .iter()
        .position(|&byte| {
            let ends = !escaped && (is_separator(byte) || is_blank(byte));
            escaped = !escaped && byte == b'\\';
            ends
        })
        .unwrap_or(text.len());
    let mut separators = 0;
    let skipped = text.iter().skip(key_end).take_while(|&&byte| {
        separators += usize::from(is_separator(byte));
        is_blank(byte) || (is_separator(byte) && separators == 1)
    });
    (key_end, key_end + skipped.count())
}

fn four_hex_digits(text: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = text.split_at_checked(4)?;
    let mut unit = 0;
    for &digit in digits {
        unit = unit << 4 | u16::try_from(char::from(digit).to_digit(16)?).ok()?;
    }
    Some((unit, rest))
}

fn decode_utf16(units: &[u16]) -> (Zeroizing<String>, bool) {
    // Three bytes a unit is the most that UTF-8 needs, so that the text never moves and leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(units.len() * 3));
    let mut lone = false;
    for unit in char::decode_utf16(units.iter().copied()) {
        lone |= unit.is_err();
        text.push(unit.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    (text, lone)
}

fn ends_in_unescaped_blank(raw: &[u8]) -> bool {
    let Some((&last, before)) = raw.split_last() else { return false };
    let backslashes = before.iter().rev().take_while(|&&byte| byte == b'\\').count();
    is_blank(last) && backslashes % 2 == 0
}

/// `C:\dir` or `C\:\dir`, where one backslash stands where two are needed.
fn looks_like_unescaped_windows_path(raw: &[u8]) -> bool {
    let ([drive, b':', rest @ ..] | [drive, b'\\', b':', rest @ ..]) = raw else { return false };
    drive.is_ascii_alphabetic() && matches!(rest, [b'\\', next, ..] if *next != b'\\')
}

fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0c)
}

fn is_separator(byte: u8) -> bool {
    byte == b'=' || byte == b':'
}

#[cfg(test)]
mod tests;
