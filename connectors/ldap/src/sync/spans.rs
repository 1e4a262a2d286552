//! Ranges of numbers that are read one after the other, each small enough that what has to be put in order fits into
//! memory.
//!
//! Servers hand changes out in an order of their own, and say only while they answer how many there are. So a range is
//! read until it turns out to hold too much; then it ends earlier and is read again.

/// How many changes are held while they are put in order.
pub(super) const MOST_HELD: usize = 500;

/// The ranges of a synchronisation.
#[derive(Debug)]
pub(super) struct Spans {
    from: i64,
    /// None reaches as far as there is something.
    to: Option<i64>,
    last: Option<i64>,
    /// Whether the range was made smaller already.
    narrowed: bool,
    finished: bool,
}

impl Spans {
    /// From a number on, up to the last one if that is known.
    pub(super) fn new(first: i64, last: Option<i64>) -> Self {
        let finished = last.is_some_and(|last| first > last);
        Self { from: first, to: last, last, narrowed: false, finished }
    }

    /// The range to read; none when all has been read.
    pub(super) fn present(&self) -> Option<(i64, Option<i64>)> {
        (!self.finished).then_some((self.from, self.to))
    }

    /// An empty place for what the present range holds. One number alone cannot be divided and has room without limit.
    pub(super) fn basket<T>(&self) -> Basket<T> {
        let room = if self.to == Some(self.from) { usize::MAX } else { MOST_HELD };
        Basket { held: Vec::new(), room }
    }

    /// The range holds too much: it is to end earlier.
    pub(super) fn narrow<T>(&mut self, overfull: &Basket<T>) {
        let fits = overfull.last_that_fits().max(self.from);
        self.to = Some(match self.to {
            // What was seen is no guide when it comes in the wrong order; half is.
            Some(to) if self.narrowed || fits >= to => {
                self.from.saturating_add(to.saturating_sub(self.from) / 2)
            }
            _ => fits,
        });
        self.narrowed = true;
    }

    /// The range was read and held so many changes.
    pub(super) fn done(&mut self, count: usize) {
        let Some(to) = self.to.filter(|to| Some(*to) != self.last) else {
            self.finished = true;
            return;
        };
        let width = to.saturating_sub(self.from).saturating_add(1);
        (self.from, self.narrowed) = (to.saturating_add(1), false);
        // As wide as will be about three quarters full if changes go on to be as dense as they were.
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.to = if count < MOST_HELD as i64 / 4 {
            self.last
        } else {
            let width = width.saturating_mul(MOST_HELD as i64 * 3 / 4) / count;
            let to = to.saturating_add(width.max(1));
            Some(self.last.map_or(to, |last| last.min(to)))
        };
    }
}

/// What a range holds.
#[derive(Debug)]
pub(super) struct Basket<T> {
    held: Vec<(i64, T)>,
    room: usize,
}

impl<T> Basket<T> {
    /// Puts a change in; answers whether everything still fits.
    pub(super) fn put(&mut self, number: i64, change: T) -> bool {
        self.held.push((number, change));
        self.held.len() <= self.room
    }

    /// The changes in the order of their numbers.
    pub(super) fn in_order(mut self) -> Vec<(i64, T)> {
        self.held.sort_by_key(|(number, _)| *number);
        self.held
    }

    fn last_that_fits(&self) -> i64 {
        let mut numbers: Vec<i64> = self.held.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        numbers.iter().rev().nth(1).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads numbers range by range; answers what came, and how many were read in all.
    fn read(numbers: &[i64], first: i64, last: Option<i64>) -> (Vec<i64>, usize) {
        let mut spans = Spans::new(first, last);
        let (mut came, mut read) = (Vec::new(), 0);
        while let Some((from, to)) = spans.present() {
            let mut basket = spans.basket();
            let inside = numbers.iter().filter(|n| **n >= from && to.is_none_or(|to| **n <= to));
            let fits = inside.into_iter().all(|number| {
                read += 1;
                basket.put(*number, ())
            });
            if !fits {
                spans.narrow(&basket);
                continue;
            }
            let found = basket.in_order();
            assert!(found.len() <= MOST_HELD);
            spans.done(found.len());
            came.extend(found.into_iter().map(|(number, ())| number));
        }
        (came, read)
    }

    #[test]
    fn ranges_follow_how_dense_changes_are() {
        let sparse = (1..=20_000).map(|number| number * 1000);
        let dense = (20_000_001..20_030_001).collect::<Vec<i64>>();
        let numbers: Vec<i64> = sparse.chain(dense).collect();
        for last in [None, Some(100_000_000)] {
            let (came, read) = read(&numbers, 1, last);
            assert_eq!(came, numbers);
            assert!(read < 2 * numbers.len(), "{read}");
        }
        assert_eq!(read(&numbers, 5, Some(4)).0, []);
    }

    proptest! {
        #[test]
        fn each_number_comes_once_and_in_order(mut numbers in proptest::collection::hash_set(0_i64..100_000, 0..3000), last in proptest::option::of(0_i64..110_000)) {
            let numbers: Vec<i64> = numbers.drain().collect();
            let mut expected: Vec<i64> = numbers.iter().copied().filter(|n| last.is_none_or(|last| *n <= last)).collect();
            expected.sort_unstable();
            prop_assert_eq!(read(&numbers, 0, last).0, expected);
        }
    }
}
