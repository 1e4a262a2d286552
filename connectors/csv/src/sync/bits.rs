//! A set of row numbers, one bit each.

/// Row numbers.
#[derive(Debug, Default)]
pub(super) struct Bits {
    words: Vec<u64>,
    count: u64,
}

impl Bits {
    /// Adds a number.
    pub(super) fn insert(&mut self, number: u64) {
        let (word, bit) = place(number);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word)
            && *word & bit == 0
        {
            *word |= bit;
            self.count += 1;
        }
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// How many numbers it holds.
    pub(super) fn count(&self) -> u64 {
        self.count
    }
}

fn place(number: u64) -> (usize, u64) {
    (usize::try_from(number / 64).unwrap_or(usize::MAX), 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_remembered_once() {
        let mut bits = Bits::default();
        for number in [0, 63, 64, 1000, 64] {
            bits.insert(number);
        }
        assert_eq!(bits.count(), 4);
        assert!(bits.contains(64) && bits.contains(1000));
        assert!(!bits.contains(65) && !bits.contains(1_000_000));
    }
}
