//! Reading CSV records from bytes: one at a time, with byte offsets, in bounded memory.
//!
//! A quote character anywhere toggles the quoted state, so a record ends at the first line end before which the number of
//! quotes is even. Doubled quotes inside quotes toggle twice and need no rule of their own here; they matter only when a
//! cell's text is wanted ([`Record::text`]).

mod cell;
mod reader;

pub(crate) use cell::Record;
pub(crate) use reader::{ReadError, Records};

/// How much of a file may belong to one record. A broken quote would otherwise swallow the rest of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of a record at most, without its line end.
    pub(crate) record: usize,
    /// Bytes of a cell at most, quotes included.
    pub(crate) cell: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { record: 16 << 20, cell: 8 << 20 }
    }
}

#[cfg(test)]
mod tests;
