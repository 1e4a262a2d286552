//! Compares two states of a file: which keys went, came or have another row. The cost grows with the size of the files,
//! and memory is bounded: when the keys do not fit, the files are read again for each share of them.

use std::hash::{BuildHasher, Hasher};

use icf::CancellationToken;

use super::bits::Bits;
use super::history::headers_do_not_match;
use super::marks::{Fingerprint, Full, MOST_ROWS, Mark, Marks};
use crate::fault::{Fault, Result};
use crate::handover::check;
use crate::lookup::CHECK_EVERY;
use crate::record::Record;
use crate::table::Table;
use crate::version::keyed_hasher;

/// What happened to a row of the new state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Created,
    Updated,
}

/// Row numbers, from 0, of what differs. Of several rows of one key only the first counts.
#[derive(Debug, Default)]
pub(super) struct Differences {
    deleted: Bits,
    created: Bits,
    updated: Bits,
}

impl Differences {
    /// Compares an old and a new state.
    pub(super) fn between(old: &Table, new: &Table, cancellation: &CancellationToken) -> Result<Self> {
        Self::with_room(old, new, cancellation, Marks::with_room_for(new.estimated_rows()))
    }

    fn with_room(old: &Table, new: &Table, cancellation: &CancellationToken, marks: Marks) -> Result<Self> {
        let headers: Vec<_> = old.columns.iter().map(|(_, column)| column.header.clone()).collect();
        let Some(in_old) = new.columns.positions_in(&headers) else {
            return Err(headers_do_not_match(&new.settings.path, &old.settings.path));
        };
        let in_new = (0..in_old.len()).collect();
        let mut comparison = Comparison {
            old: Side { table: old, cells: in_old },
            new: Side { table: new, cells: in_new },
            cancellation,
            marks,
            share: Share { number: 0, bits: 0 },
            found: Self::default(),
            duplicates: 0,
        };
        comparison.run()?;
        if comparison.duplicates > 0 {
            tracing::warn!(
                file = %new.settings.path.display(), rows = comparison.duplicates,
                "Some rows have the key of an earlier row; they are ignored when changes are looked for."
            );
        }
        Ok(comparison.found)
    }

    /// How many rows of the old state are gone.
    pub(super) fn deleted(&self) -> u64 {
        self.deleted.count()
    }

    /// Whether a row of the old state is gone.
    pub(super) fn is_deleted(&self, row: u64) -> bool {
        self.deleted.contains(row)
    }

    /// How many rows of the new state are new or different.
    pub(super) fn changed(&self) -> u64 {
        self.created.count() + self.updated.count()
    }

    /// What happened to a row of the new state.
    pub(super) fn change(&self, row: u64) -> Option<Change> {
        if self.created.contains(row) {
            Some(Change::Created)
        } else {
            self.updated.contains(row).then_some(Change::Updated)
        }
    }
}

/// One of the two states, and where its cells stand in the order of the new one.
struct Side<'a> {
    table: &'a Table,
    cells: Vec<usize>,
}

/// The keys whose fingerprint begins with `number`, written in `bits` bits.
#[derive(Clone, Copy)]
struct Share {
    number: u64,
    bits: u32,
}

impl Share {
    fn contains(self, key: Fingerprint) -> bool {
        self.bits == 0 || key[1] >> (64 - self.bits) == self.number
    }
}

struct Comparison<'a> {
    old: Side<'a>,
    new: Side<'a>,
    cancellation: &'a CancellationToken,
    marks: Marks,
    share: Share,
    found: Differences,
    duplicates: u64,
}

impl Comparison<'_> {
    fn run(&mut self) -> Result<()> {
        const MOST_BITS: u32 = 16;
        while self.share.number < 1 << self.share.bits {
            self.marks.clear();
            if self.compare_share()?.is_ok() {
                self.share.number += 1;
            } else if self.marks.can_grow() {
                self.marks = Marks::with_room_for(self.marks.room().saturating_mul(2));
            } else if self.share.bits < MOST_BITS {
                self.share = Share { number: self.share.number * 2, bits: self.share.bits + 1 };
            } else {
                return Err(Fault::connector("The file has too many rows to be compared with its copy."));
            }
        }
        Ok(())
    }

    /// Compares the keys of one share; `Full` if there are too many of them.
    fn compare_share(&mut self) -> Result<Result<(), Full>> {
        let Self { marks, share, cancellation, duplicates, .. } = self;
        let mut repeated = 0;
        let new = each_row(&self.new, *share, cancellation, |key, row, number| {
            match marks.find(key)? {
                (_, true) => repeated += 1,
                (slot, false) => marks.put(slot, key, row(), Mark::New, number),
            }
            Ok(())
        })?;
        if new.is_err() {
            return Ok(new);
        }
        let old = each_row(&self.old, *share, cancellation, |key, row, number| {
            match marks.find(key)? {
                (slot, false) => marks.put(slot, key, [0; 2], Mark::Old, number),
                (slot, true) => match marks.get(slot) {
                    Some((new_row, Mark::New)) => {
                        let mark = if new_row == row() { Mark::Same } else { Mark::Changed };
                        marks.mark(slot, mark);
                    }
                    _ => repeated += 1,
                },
            }
            Ok(())
        })?;
        if old.is_err() {
            return Ok(old);
        }
        *duplicates += repeated;
        for (mark, number) in marks.iter() {
            match mark {
                Mark::New => self.found.created.insert(number),
                Mark::Changed => self.found.updated.insert(number),
                Mark::Old => self.found.deleted.insert(number),
                Mark::Same => {}
            }
        }
        Ok(Ok(()))
    }
}

/// Tells the rows of a share: fingerprint of the key, that of the row when asked for, and number.
fn each_row(
    side: &Side<'_>,
    share: Share,
    cancellation: &CancellationToken,
    mut tell: impl FnMut(Fingerprint, &dyn Fn() -> Fingerprint, u64) -> Result<(), Full>,
) -> Result<Result<(), Full>> {
    let key = [side.table.columns.key()];
    let mut rows = side.table.rows();
    let mut number = 0;
    while let Some(row) = rows.next()? {
        let key = fingerprint(&row, &key);
        if share.contains(key)
            && let Err(full) = tell(key, &|| fingerprint(&row, &side.cells), number)
        {
            return Ok(Err(full));
        }
        number += 1;
        if number == MOST_ROWS {
            return Err(Fault::connector("The file has too many rows to be compared with its copy."));
        }
        if number.is_multiple_of(CHECK_EVERY) {
            check(cancellation)?;
        }
    }
    Ok(Ok(()))
}

/// The keyed hash of what some cells mean; how they are quoted does not matter.
fn fingerprint(row: &Record<'_>, cells: &[usize]) -> Fingerprint {
    let mut hasher = keyed_hasher().build_hasher();
    for cell in cells {
        match row.content(*cell) {
            None => hasher.write_u64(u64::MAX),
            Some(content) => {
                hasher.write_u64(content.len() as u64);
                hasher.write(&content);
            }
        }
    }
    let half = |which| {
        let mut hasher = hasher.clone();
        hasher.write_u8(which);
        hasher.finish()
    };
    [half(0), half(1)]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::OipConfiguration;
    use crate::profile::ProfileConfiguration;
    use crate::shared::SharedFile;

    fn table(directory: &std::path::Path, name: &str, content: &str) -> Table {
        let path = directory.join(name);
        std::fs::write(&path, content).unwrap();
        let configuration = OipConfiguration { csv_file: Some(path.clone()), ..OipConfiguration::default() };
        let settings = Arc::new(configuration.settings().unwrap());
        Table::of_file(settings, SharedFile::at(&path).unwrap(), std::fs::File::open(&path).unwrap()).unwrap()
    }

    fn rows(numbers: impl Iterator<Item = u64>, value: impl Fn(u64) -> u64) -> String {
        let rows: String = numbers.map(|number| format!("u{number},{}\n", value(number))).collect();
        format!("uid,a\n{rows}")
    }

    /// With a table for ten keys that may not grow, a thousand rows are compared in more than a hundred shares; the outcome
    /// is the same.
    #[test]
    fn shares_do_not_change_the_outcome() {
        let directory = tempfile::tempdir().unwrap();
        let old = table(directory.path(), "old.csv", &rows(0..1000, |n| n));
        let changed = |n| if n % 10 == 3 { n + 1 } else { n };
        let new = table(directory.path(), "new.csv", &rows((5..1005).rev(), changed));
        let cancellation = CancellationToken::new();
        for marks in [Marks::with_room_for(2000), Marks::with_room_for(10).fixed()] {
            let found = Differences::with_room(&old, &new, &cancellation, marks).unwrap();
            assert_eq!((found.deleted(), found.created.count(), found.updated.count()), (5, 5, 99));
            assert!((0..5).all(|row| found.is_deleted(row)) && !found.is_deleted(5));
            assert_eq!(found.change(0), Some(Change::Created));
            // Row 0 is u1004, so u993 is row 11 and the first that changed.
            assert_eq!(found.change(11), Some(Change::Updated));
            assert_eq!(found.change(10), None);
        }
    }

    #[test]
    fn order_of_rows_and_columns_and_quotes_make_no_difference() {
        let directory = tempfile::tempdir().unwrap();
        let old = table(directory.path(), "old.csv", "uid,a,b\nu1,x,\nu2,\"y\",z\n");
        let new = table(directory.path(), "new.csv", "b,uid,a\n\"z\",u2,y\n,u1, x \n");
        let found = Differences::between(&old, &new, &CancellationToken::new()).unwrap();
        assert_eq!((found.deleted(), found.changed()), (0, 0));
    }

    #[test]
    fn of_rows_with_one_key_the_first_counts() {
        let directory = tempfile::tempdir().unwrap();
        let old = table(directory.path(), "old.csv", "uid,a\nu1,x\nu1,y\nu2,x\nu2,y\n");
        let new = table(directory.path(), "new.csv", "uid,a\nu1,x\nu1,z\nu3,a\nu3,b\n");
        let found = Differences::between(&old, &new, &CancellationToken::new()).unwrap();
        assert_eq!((found.deleted(), found.created.count(), found.updated.count()), (1, 1, 0));
        assert!(found.is_deleted(2));
        assert_eq!(found.change(2), Some(Change::Created));
    }
}
