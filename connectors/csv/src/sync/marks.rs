//! What a comparison remembers of the rows of two files: fingerprints and a mark, 28 bytes a key, in a table that does
//! not grow.

/// A keyed hash of 128 bits.
pub(super) type Fingerprint = [u64; 2];

/// Bytes of the table at most.
const LARGEST: usize = 40 << 20;
const SLOT: usize = size_of::<u64>() + size_of::<Fingerprint>() + size_of::<u32>();
/// Rows of one file at most.
pub(super) const MOST_ROWS: u64 = 1 << 30;
const NUMBER: u32 = (1 << 30) - 1;

/// What is known of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Only the new file has it so far.
    New,
    /// Both files have it, with equal rows.
    Same,
    /// Both files have it, with different rows.
    Changed,
    /// Only the old file has it.
    Old,
}

/// The table is too full to be fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Keys by fingerprint. Half of the fingerprint chooses the slot, the other half is compared.
pub(super) struct Marks {
    keys: Vec<u64>,
    rows: Vec<Fingerprint>,
    /// 0 is free; else the mark in the two high bits and the row number plus one.
    states: Vec<u32>,
    taken: usize,
    /// Slots at most.
    limit: usize,
}

impl Marks {
    /// A table for about so many keys, as far as the bound allows.
    pub(super) fn with_room_for(keys: u64) -> Self {
        let keys = usize::try_from(keys).unwrap_or(usize::MAX);
        let slots = (keys.saturating_add(keys / 4).saturating_add(64)).min(LARGEST / SLOT);
        let (keys, rows, states) = (vec![0; slots], vec![[0; 2]; slots], vec![0; slots]);
        Self { keys, rows, states, taken: 0, limit: LARGEST / SLOT }
    }

    /// Whether a larger table could be made.
    pub(super) fn can_grow(&self) -> bool {
        self.states.len() < self.limit
    }

    /// The same table, never to be replaced by a larger one.
    #[cfg(test)]
    pub(super) fn fixed(self) -> Self {
        Self { limit: 0, ..self }
    }

    /// How many keys the table was made for.
    pub(super) fn room(&self) -> u64 {
        (self.states.len() as u64).saturating_mul(4) / 5
    }

    /// Forgets all keys.
    pub(super) fn clear(&mut self) {
        self.states.fill(0);
        self.taken = 0;
    }

    /// The slot of a key, and whether the key is there already.
    pub(super) fn find(&self, key: Fingerprint) -> Result<(usize, bool), Full> {
        let slots = self.states.len();
        let home = usize::try_from((u128::from(key[0]) * slots as u128) >> 64).unwrap_or(0);
        for slot in (home..slots).chain(0..home) {
            match self.states.get(slot) {
                Some(0) => {
                    let room = self.taken + self.taken / 8 < slots;
                    return if room { Ok((slot, false)) } else { Err(Full) };
                }
                Some(_) if self.keys.get(slot) == Some(&key[1]) => return Ok((slot, true)),
                _ => {}
            }
        }
        Err(Full)
    }

    /// Puts a key into a free slot.
    pub(super) fn put(&mut self, slot: usize, key: Fingerprint, row: Fingerprint, mark: Mark, number: u64) {
        let number = u32::try_from(number).unwrap_or(NUMBER - 1) + 1;
        let places = (self.keys.get_mut(slot), self.rows.get_mut(slot), self.states.get_mut(slot));
        if let (Some(key_place), Some(row_place), Some(state)) = places {
            *key_place = key[1];
            *row_place = row;
            *state = (mark as u32) << 30 | number;
            self.taken += 1;
        }
    }

    /// The row and the mark of a slot.
    pub(super) fn get(&self, slot: usize) -> Option<(Fingerprint, Mark)> {
        Some((*self.rows.get(slot)?, mark_of(*self.states.get(slot)?)))
    }

    /// Changes the mark of a slot.
    pub(super) fn mark(&mut self, slot: usize, mark: Mark) {
        if let Some(state) = self.states.get_mut(slot) {
            *state = (mark as u32) << 30 | *state & NUMBER;
        }
    }

    /// All marks with their row numbers, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Mark, u64)> {
        self.states
            .iter()
            .filter(|state| **state != 0)
            .map(|state| (mark_of(*state), u64::from((*state & NUMBER).saturating_sub(1))))
    }
}

fn mark_of(state: u32) -> Mark {
    match state >> 30 {
        0 => Mark::New,
        1 => Mark::Same,
        2 => Mark::Changed,
        _ => Mark::Old,
    }
}
