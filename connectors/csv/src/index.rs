//! Where in a file the rows of a key are: a hash table from key to byte offset, 8 bytes a slot.
//!
//! It stores no keys: whoever looks up gets offsets at which the key may stand, and reads the records there.

/// A place that is not in use.
const EMPTY: u64 = 0;
/// A place whose row is gone. Offset 0 is the header, so no row has this value.
const GONE: u64 = 1 << OFFSET_BITS;
const OFFSET_BITS: u32 = 40;
const OFFSET_MASK: u64 = (1 << OFFSET_BITS) - 1;
/// Slots looked at for one key at most. Only a file with many rows of one key comes near; it is not indexed.
const LONGEST_RUN: usize = 2048;
/// Bytes of one table at most.
const LARGEST: usize = 32 << 20;
const SLOT: usize = size_of::<u64>();

/// The table cannot take the row: too many rows, too many of one key, or too large a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// An index of the rows of one version of a file.
#[derive(Debug)]
pub(crate) struct Index {
    slots: Vec<u64>,
    /// Slots that are not empty.
    taken: usize,
}

/// A stretch of the file that was replaced by one of another length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shift {
    /// Rows that began at this offset or after it...
    pub(crate) from: u64,
    /// ... now begin so many bytes later.
    pub(crate) by: i64,
}

impl Index {
    /// An index with room for so many rows and a third more. It does not grow: a slot keeps too little of its hash.
    pub(crate) fn with_room_for(rows: u64) -> Self {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let slots = rows.saturating_add(rows / 2).saturating_add(64).min(LARGEST / SLOT);
        Self { slots: vec![EMPTY; slots], taken: 0 }
    }

    /// Adds a row. The hash is that of its key.
    pub(crate) fn insert(&mut self, hash: u64, offset: u64) -> Result<(), Full> {
        if offset > OFFSET_MASK {
            return Err(Full);
        }
        if self.taken + self.taken / 8 >= self.slots.len() {
            return Err(Full);
        }
        let place = self.probe(hash).find(|place| self.slots.get(*place) == Some(&EMPTY)).ok_or(Full)?;
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = tagged(hash, offset);
            self.taken += 1;
        }
        Ok(())
    }

    /// Offsets at which a row with a key of that hash may begin, ascending.
    pub(crate) fn candidates(&self, hash: u64) -> Vec<u64> {
        let tag = tagged(hash, 0);
        let mut offsets: Vec<u64> = self
            .probe(hash)
            .filter_map(|place| self.slots.get(place).copied())
            .take_while(|slot| *slot != EMPTY)
            .filter(|slot| slot & !OFFSET_MASK == tag && slot & OFFSET_MASK != 0)
            .map(|slot| slot & OFFSET_MASK)
            .collect();
        offsets.sort_unstable();
        offsets
    }

    /// Takes out the row at that offset.
    pub(crate) fn remove(&mut self, hash: u64, offset: u64) {
        let slot = tagged(hash, offset);
        if let Some(place) = self.probe(hash).find(|place| self.slots.get(*place) == Some(&slot))
            && let Some(found) = self.slots.get_mut(place)
        {
            *found = GONE;
        }
    }

    /// Moves all rows according to the shifts, which are in ascending order; each counts from the one before.
    pub(crate) fn shift(&mut self, shifts: &[Shift]) -> Result<(), Full> {
        if shifts.is_empty() {
            return Ok(());
        }
        let mut total = 0_i64;
        let sums: Vec<(u64, i64)> = shifts
            .iter()
            .map(|shift| {
                total = total.saturating_add(shift.by);
                (shift.from, total)
            })
            .collect();
        for slot in &mut self.slots {
            let offset = *slot & OFFSET_MASK;
            if offset == 0 {
                continue;
            }
            let before = sums.partition_point(|(from, _)| *from <= offset);
            let by = before.checked_sub(1).and_then(|last| sums.get(last)).map_or(0, |(_, by)| *by);
            let moved = offset.checked_add_signed(by).filter(|moved| *moved <= OFFSET_MASK).ok_or(Full)?;
            *slot = *slot & !OFFSET_MASK | moved;
        }
        Ok(())
    }

    /// Bytes the table takes.
    pub(crate) fn bytes(&self) -> usize {
        self.slots.len() * SLOT
    }

    fn probe(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        let slots = self.slots.len();
        let first = home(hash, slots);
        (first..slots).chain(0..first).take(LONGEST_RUN)
    }
}

/// Where the search for a key begins; spread by the high bits of its hash.
fn home(hash: u64, slots: usize) -> usize {
    usize::try_from((u128::from(hash) * slots as u128) >> 64).unwrap_or(0)
}

/// The low bits of the hash beside the offset: they tell most other keys apart without reading the file.
fn tagged(hash: u64, offset: u64) -> u64 {
    hash << OFFSET_BITS | offset
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::keyed_hash;

    fn hash(key: u64) -> u64 {
        keyed_hash(key)
    }

    #[test]
    fn rows_are_found_removed_and_moved() {
        let mut index = Index::with_room_for(1000);
        for row in 1..=1000 {
            index.insert(hash(row), row * 100).unwrap();
        }
        assert_eq!(index.candidates(hash(7)), [700]);
        index.remove(hash(7), 700);
        assert_eq!(index.candidates(hash(7)), []);
        // Row 5 grew by 3 bytes, row 7 went away.
        index.shift(&[Shift { from: 501, by: 3 }, Shift { from: 701, by: -100 }]).unwrap();
        assert_eq!(index.candidates(hash(5)), [500]);
        assert_eq!(index.candidates(hash(6)), [603]);
        assert_eq!(index.candidates(hash(8)), [703]);
        assert_eq!(index.candidates(hash(1000)), [99_903]);
        assert_eq!(index.candidates(hash(2000)), []);
    }

    #[test]
    fn rows_of_one_key_are_all_found_in_file_order() {
        let mut index = Index::with_room_for(10);
        for offset in [90, 30, 60] {
            index.insert(hash(1), offset).unwrap();
        }
        assert_eq!(index.candidates(hash(1)), [30, 60, 90]);
    }

    #[test]
    fn a_table_refuses_more_than_it_has_room_for_and_a_crowd_of_one_key() {
        let mut index = Index::with_room_for(10);
        let inserted = (1..1000).take_while(|row| index.insert(hash(*row), *row).is_ok()).count();
        assert!((10..100).contains(&inserted), "{inserted}");

        let mut index = Index::with_room_for(100_000);
        let inserted = (1..100_000).take_while(|row| index.insert(hash(1), *row).is_ok()).count();
        assert_eq!(inserted, LONGEST_RUN);
        assert_eq!(index.insert(hash(2), 1 << 41), Err(Full));
    }
}
