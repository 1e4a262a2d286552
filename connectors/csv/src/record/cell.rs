//! A record that was read: where it stands, and its cells as raw bytes or as text.

use std::borrow::Cow;

use crate::dialect::{Dialect, line_end_length, trimmed_bytes};

/// Where a cell stands within its record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Whether a quote character occurs in it.
    pub(super) quoted: bool,
}

/// One record of a file.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(super) dialect: &'a Dialect,
    pub(super) bytes: &'a [u8],
    pub(super) cells: &'a [Extent],
    /// Offset of its first byte.
    pub(crate) offset: u64,
    /// Offset after its line end.
    pub(crate) end: u64,
    /// Number of its first line, from 1.
    pub(crate) line: u64,
}

impl<'a> Record<'a> {
    /// How many cells it has; at least one.
    pub(crate) fn cell_count(&self) -> usize {
        self.cells.len()
    }

    /// The bytes of the whole record without its line end.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether a line end follows; the last record of a file may lack it.
    pub(crate) fn is_terminated(&self) -> bool {
        self.end - self.offset > self.bytes.len() as u64
    }

    /// The bytes of a cell as they stand in the file; empty if there is no such cell.
    pub(crate) fn raw(&self, index: usize) -> &'a [u8] {
        self.cells
            .get(index)
            .and_then(|cell| self.bytes.get(cell.start as usize..cell.end as usize))
            .unwrap_or_default()
    }

    /// The bytes of a cell's value: unquoted, trimmed, every line end a line feed. `None` for no value.
    pub(crate) fn content(&self, index: usize) -> Option<Cow<'a, [u8]>> {
        let raw = self.raw(index);
        if raw.is_empty() {
            return None;
        }
        if !self.cells.get(index).is_some_and(|cell| cell.quoted) {
            return Some(Cow::Borrowed(trimmed_bytes(raw)));
        }
        let quote = self.dialect.quote.as_bytes();
        let inner = raw.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        match inner {
            Some([]) if self.dialect.quoted_empty_is_null => None,
            Some(inner) if is_plain(inner, self.dialect) => Some(Cow::Borrowed(trimmed_bytes(inner))),
            _ => Some(Cow::Owned(unquoted(raw, quote))),
        }
    }

    /// The text of a cell's value; `None` for no value.
    pub(crate) fn text(&self, index: usize) -> Option<Cow<'a, str>> {
        let charset = self.dialect.charset;
        Some(match self.content(index)? {
            Cow::Borrowed(bytes) => charset.decode(bytes),
            Cow::Owned(bytes) => Cow::Owned(charset.decode(&bytes).into_owned()),
        })
    }
}

/// Whether the inside of a quoted cell is its value as it stands.
fn is_plain(inner: &[u8], dialect: &Dialect) -> bool {
    let first = dialect.quote.first();
    !inner.iter().any(|byte| *byte == first || *byte == b'\r')
}

fn unquoted(raw: &[u8], quote: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(raw.len());
    let mut inside = false;
    let mut rest = raw;
    while let Some(byte) = rest.first() {
        let after_quote = rest.strip_prefix(quote);
        rest = if let Some(after) = after_quote {
            match after.strip_prefix(quote).filter(|_| inside) {
                Some(after_pair) => {
                    value.extend_from_slice(quote);
                    after_pair
                }
                None => {
                    inside = !inside;
                    after
                }
            }
        } else if let Some(length) = line_end_length(rest) {
            value.push(b'\n');
            rest.get(length..).unwrap_or_default()
        } else {
            value.push(*byte);
            rest.get(1..).unwrap_or_default()
        };
    }
    let kept = trimmed_bytes(&value);
    if kept.len() == value.len() { value } else { kept.to_vec() }
}
