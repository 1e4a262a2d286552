//! The streaming reader: bytes in, records out.

use std::io::{self, Read};

use thiserror::Error;

use super::Limits;
use super::cell::{Extent, Record};
use crate::charset::Charset;
use crate::dialect::{Dialect, Mark};

/// Why no record could be read.
#[derive(Debug, Error)]
pub(crate) enum ReadError {
    /// The source failed.
    #[error("reading failed")]
    Io(#[from] io::Error),
    /// A quote was opened and never closed.
    #[error("a quote opened in line {first} is not closed by line {last}, the end of the file")]
    UnterminatedQuote {
        /// Line on which the record begins.
        first: u64,
        /// Last line of the file.
        last: u64,
        /// Offset of the record.
        offset: u64,
    },
    /// A record is too long.
    #[error("the record in line {line} is longer than {limit} bytes; a quote may be missing")]
    RecordTooLong {
        /// Line on which the record begins.
        line: u64,
        /// The limit in bytes.
        limit: usize,
    },
    /// A cell is too long.
    #[error("a cell of the record in line {line} is longer than {limit} bytes")]
    CellTooLong {
        /// Line on which the record begins.
        line: u64,
        /// The limit in bytes.
        limit: usize,
    },
}

/// What a byte may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Ordinary,
    /// The first byte of the quote, of the delimiter, or of both.
    Mark,
    LineFeed,
    CarriageReturn,
}

enum Found {
    Quote,
    Delimiter,
    Neither,
}

/// How long a record is.
struct Scanned {
    body: usize,
    whole: usize,
    lines: u64,
}

/// Reads records one after the other. After an error it must not be asked again.
pub(crate) struct Records<R> {
    source: R,
    dialect: Dialect,
    classes: [Class; 256],
    limits: Limits,
    buffer: Vec<u8>,
    /// Bytes read at a time.
    step: usize,
    /// Where in the buffer the next record begins.
    start: usize,
    /// How much of the buffer holds data.
    filled: usize,
    /// Offset in the file of the beginning of the buffer.
    base: u64,
    line: u64,
    ended: bool,
    cells: Vec<Extent>,
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl<R: Read> Records<R> {
    /// Reads a file from its beginning; a byte order mark is skipped.
    ///
    /// `buffer` is how many bytes are read at a time.
    pub(crate) fn new(source: R, dialect: Dialect, limits: Limits, buffer: usize) -> Result<Self, ReadError> {
        let mut records = Self::at(source, dialect, limits, buffer, 0, 1);
        if dialect.charset == Charset::Utf8 {
            while records.filled < BYTE_ORDER_MARK.len() && records.fill(1)? {}
            if records.buffer.get(..records.filled).is_some_and(|data| data.starts_with(BYTE_ORDER_MARK)) {
                records.start = BYTE_ORDER_MARK.len();
            }
        }
        Ok(records)
    }

    /// Reads from where a record begins: at that offset and line of the file, to which `source` is already positioned.
    pub(crate) fn at(
        source: R,
        dialect: Dialect,
        limits: Limits,
        buffer: usize,
        offset: u64,
        line: u64,
    ) -> Self {
        let mut classes = [Class::Ordinary; 256];
        classes[usize::from(b'\n')] = Class::LineFeed;
        classes[usize::from(b'\r')] = Class::CarriageReturn;
        classes[usize::from(dialect.delimiter.first())] = Class::Mark;
        classes[usize::from(dialect.quote.first())] = Class::Mark;
        Self {
            source,
            dialect,
            classes,
            limits,
            buffer: vec![0; buffer.max(64)],
            step: buffer.max(64),
            start: 0,
            filled: 0,
            base: offset,
            line,
            ended: false,
            cells: Vec::new(),
        }
    }

    /// Offset at which the next record, or a blank line before it, begins.
    pub(crate) fn position(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Number of the line there.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The next record; `None` at the end. Blank lines are skipped.
    pub(crate) fn next(&mut self) -> Result<Option<Record<'_>>, ReadError> {
        loop {
            let Some(scanned) = self.scan()? else { return Ok(None) };
            let (offset, line) = (self.position(), self.line);
            let begin = self.start;
            self.start += scanned.whole;
            self.line += scanned.lines;
            if self.is_blank(begin, scanned.body) {
                continue;
            }
            return Ok(Some(Record {
                dialect: &self.dialect,
                bytes: self.buffer.get(begin..begin + scanned.body).unwrap_or_default(),
                cells: &self.cells,
                offset,
                end: offset + scanned.whole as u64,
                line,
            }));
        }
    }

    fn is_blank(&self, begin: usize, length: usize) -> bool {
        let one_unquoted = matches!(self.cells.as_slice(), [cell] if !cell.quoted);
        one_unquoted
            && self.buffer.get(begin..begin + length).is_some_and(|line| line.iter().all(|b| *b <= b' '))
    }

    /// Finds the end of the record at `start` and the cells on the way. All positions are relative to `start`, because
    /// filling moves the data.
    fn scan(&mut self) -> Result<Option<Scanned>, ReadError> {
        self.cells.clear();
        let mut at = 0;
        let mut cell = Extent { start: 0, end: 0, quoted: false };
        let mut quoted = false;
        let mut breaks = 0;
        loop {
            let rest = self.buffer.get(self.start + at..self.filled).unwrap_or_default();
            let special = rest.iter().position(|byte| self.classes[usize::from(*byte)] != Class::Ordinary);
            let Some(ordinary) = special else {
                at += rest.len();
                if self.fill(at)? {
                    continue;
                }
                return self.finish(at, at, quoted, breaks, cell);
            };
            at += ordinary;
            let rest = rest.get(ordinary..).unwrap_or_default();
            let class = rest.first().map_or(Class::Ordinary, |byte| self.classes[usize::from(*byte)]);
            match class {
                Class::Ordinary => {}
                Class::Mark => match self.mark_at(rest) {
                    None if self.fill(at)? => {}
                    None | Some(Found::Neither) => at += 1,
                    Some(Found::Quote) => {
                        quoted = !quoted;
                        cell.quoted = true;
                        at += self.dialect.quote.as_bytes().len();
                    }
                    Some(Found::Delimiter) => {
                        let after = at + self.dialect.delimiter.as_bytes().len();
                        if !quoted {
                            self.close_cell(cell, at)?;
                            cell = Extent { start: position(after), end: 0, quoted: false };
                        }
                        at = after;
                    }
                },
                Class::LineFeed | Class::CarriageReturn => {
                    if class == Class::CarriageReturn && rest.len() == 1 && self.fill(at + 1)? {
                        continue;
                    }
                    let after =
                        at + if rest_is_crlf(&self.buffer, self.start + at, self.filled) { 2 } else { 1 };
                    breaks += 1;
                    if !quoted {
                        return self.finish(at, after, quoted, breaks, cell);
                    }
                    at = after;
                }
            }
        }
    }

    /// Which mark stands at the beginning of some bytes; `None` if too few are there to tell.
    fn mark_at(&self, bytes: &[u8]) -> Option<Found> {
        let quote = matches_mark(bytes, self.dialect.quote);
        let delimiter = matches_mark(bytes, self.dialect.delimiter);
        match (quote, delimiter) {
            (Some(true), _) => Some(Found::Quote),
            (_, Some(true)) => Some(Found::Delimiter),
            (Some(false), Some(false)) => Some(Found::Neither),
            _ => None,
        }
    }

    fn finish(
        &mut self,
        body: usize,
        whole: usize,
        quoted: bool,
        lines: u64,
        cell: Extent,
    ) -> Result<Option<Scanned>, ReadError> {
        if whole == 0 {
            return Ok(None);
        }
        if quoted {
            return Err(ReadError::UnterminatedQuote {
                first: self.line,
                last: self.line + lines,
                offset: self.position(),
            });
        }
        if body > self.limits.record {
            return Err(self.too_long());
        }
        self.close_cell(cell, body)?;
        Ok(Some(Scanned { body, whole, lines }))
    }

    fn close_cell(&mut self, cell: Extent, end: usize) -> Result<(), ReadError> {
        let end = position(end);
        if (end - cell.start) as usize > self.limits.cell {
            return Err(ReadError::CellTooLong { line: self.line, limit: self.limits.cell });
        }
        self.cells.push(Extent { end, ..cell });
        Ok(())
    }

    fn too_long(&self) -> ReadError {
        ReadError::RecordTooLong { line: self.line, limit: self.limits.record }
    }

    /// Makes room for a longer record. Of a large buffer only what is read into becomes memory, and the allocator gives it
    /// back to the system as a whole.
    fn grow(&mut self) {
        const LARGE: usize = 1 << 20;
        const LARGEST: usize = 33 << 20;
        let doubled = self.buffer.len().saturating_mul(2);
        let length =
            if doubled < LARGE { doubled } else { self.limits.record.saturating_add(64).max(LARGEST) };
        let mut larger = vec![0; length.max(self.buffer.len() + 64)];
        let data = self.buffer.get(..self.filled).unwrap_or_default();
        if let Some(place) = larger.get_mut(..data.len()) {
            place.copy_from_slice(data);
        }
        self.buffer = larger;
        self.step = self.step.max(length / 128);
    }

    /// Reads more behind the data there is; `record` is how much of it belongs to the present record. False at the end.
    fn fill(&mut self, record: usize) -> Result<bool, ReadError> {
        if self.ended {
            return Ok(false);
        }
        if record > self.limits.record {
            return Err(self.too_long());
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.base += self.start as u64;
            self.filled -= self.start;
            self.start = 0;
        }
        if self.filled == self.buffer.len() {
            self.grow();
        }
        let room = self.buffer.len().min(self.filled + self.step);
        let room = self.buffer.get_mut(self.filled..room).unwrap_or_default();
        loop {
            match self.source.read(room) {
                Ok(0) => self.ended = true,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            }
            return Ok(!self.ended);
        }
    }
}

/// Positions within a record fit: records are limited to less than 4 GiB.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn rest_is_crlf(buffer: &[u8], at: usize, filled: usize) -> bool {
    buffer.get(at..filled).is_some_and(|rest| rest.starts_with(b"\r\n"))
}

/// Whether the bytes begin with the mark; `None` if too few are there to tell.
fn matches_mark(bytes: &[u8], mark: Mark) -> Option<bool> {
    let mark = mark.as_bytes();
    if bytes.len() < mark.len() && mark.starts_with(bytes) {
        return None;
    }
    Some(bytes.starts_with(mark))
}
