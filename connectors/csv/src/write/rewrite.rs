//! Writes an edited copy of a file: whatever an edit does not touch is copied byte for byte.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::plan::{Cells, Changes, Edit};
use super::replacement::Replacement;
use crate::fault::{Fault, Result};
use crate::index::Shift;
use crate::lookup::Span;
use crate::record::Record;
use crate::table::{Table, ends_with_line_end};

/// What the copy looks like compared with the original.
#[derive(Debug)]
pub(super) struct Edited {
    /// How far the rows moved.
    pub(super) shifts: Vec<Shift>,
    /// Where the new rows begin.
    pub(super) appended_at: Vec<u64>,
}

/// Writes the edited copy.
pub(super) fn write(
    table: &Table,
    changes: &Changes,
    new_rows: &[impl AsRef<[u8]>],
    copy: &Replacement,
) -> Result<Edited> {
    let mut editor = Editor { table, copy, read_to: 0, written: 0 };
    let mut shifts = Vec::with_capacity(changes.edits.len());
    for (span, _, edit) in &changes.edits {
        editor.copy_until(span.offset)?;
        let length = match edit {
            Edit::Delete => 0,
            Edit::Change { cells, .. } => editor.change(*span, cells)?,
        };
        editor.read_to = span.end;
        let by =
            i64::try_from(length).unwrap_or(i64::MAX) - i64::try_from(span.end - span.offset).unwrap_or(0);
        shifts.push(Shift { from: span.end, by });
    }
    editor.copy_until(table.end())?;
    let appended_at = editor.append(new_rows)?;
    Ok(Edited { shifts, appended_at })
}

struct Editor<'a> {
    table: &'a Table,
    copy: &'a Replacement,
    /// Offset in the original up to which everything is dealt with.
    read_to: u64,
    written: u64,
}

impl Editor<'_> {
    /// Copies the original unchanged up to an offset; the system does that without our seeing the bytes.
    fn copy_until(&mut self, offset: u64) -> Result<()> {
        let wanted = offset.saturating_sub(self.read_to);
        if wanted == 0 {
            return Ok(());
        }
        let copied = copy_range(&self.table.file, self.read_to, wanted, self.copy.file())
            .map_err(|error| self.copy.fault(error))?;
        if copied != wanted {
            return Err(Fault::busy(&self.table.settings.path));
        }
        self.read_to = offset;
        self.written += copied;
        Ok(())
    }

    /// Writes a row with new cells; the others, and its line end, stay as they are.
    fn change(&mut self, span: Span, cells: &Cells) -> Result<u64> {
        let (mut row, body) = self
            .table
            .record_at(span.offset, |record| (changed_row(self.table, record, cells), record.bytes().len()))?
            .ok_or_else(|| Fault::busy(&self.table.settings.path))?;
        let line_end = self.table.bytes(span.offset + body as u64, span.end)?;
        row.extend_from_slice(&line_end);
        self.put(&row)?;
        Ok(row.len() as u64)
    }

    fn append(&mut self, new_rows: &[impl AsRef<[u8]>]) -> Result<Vec<u64>> {
        if new_rows.is_empty() {
            return Ok(Vec::new());
        }
        let ended =
            ends_with_line_end(self.copy.file(), self.written).map_err(|error| self.copy.fault(error))?;
        if !ended {
            self.put(self.table.line_end().as_bytes())?;
        }
        new_rows
            .iter()
            .map(|row| {
                let begins = self.written;
                self.put(row.as_ref()).map(|()| begins)
            })
            .collect()
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let mut file = self.copy.file();
        file.write_all(bytes).map_err(|error| self.copy.fault(error))?;
        self.written += bytes.len() as u64;
        Ok(())
    }
}

/// Copies a stretch of a file to where another file stands.
pub(crate) fn copy_range(mut from: &File, offset: u64, length: u64, mut to: &File) -> io::Result<u64> {
    from.seek(SeekFrom::Start(offset))?;
    io::copy(&mut from.take(length), &mut to)
}

fn changed_row(table: &Table, record: &Record<'_>, cells: &Cells) -> zeroize::Zeroizing<Vec<u8>> {
    let delimiter = table.settings.dialect.delimiter.as_bytes();
    let length = record.bytes().len() + super::plan::size_of_cells(cells) + 2;
    let mut row = zeroize::Zeroizing::new(Vec::with_capacity(length));
    for column in 0..record.cell_count() {
        if column > 0 {
            row.extend_from_slice(delimiter);
        }
        match cells.get(&column) {
            None => row.extend_from_slice(record.raw(column)),
            Some(cell) => row.extend_from_slice(cell.as_ref().map_or(&[], |cell| cell)),
        }
    }
    row
}
