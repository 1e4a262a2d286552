//! Puts the numbered items of a stream in order and drops repeated ones.

use std::collections::BTreeMap;

/// Items numbered from `first` without gaps, whatever order and how often they arrive.
#[derive(Debug)]
pub(super) struct Reorder<T> {
    next: i64,
    held: BTreeMap<i64, T>,
}

/// What became of an arriving item.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Taken; it may have completed a run.
    New,
    /// It was there before.
    Repeated,
}

impl<T> Reorder<T> {
    /// A stream whose first item has this number.
    #[must_use]
    pub(super) const fn new(first: i64) -> Self {
        Self { next: first, held: BTreeMap::new() }
    }

    /// Takes an item.
    pub(super) fn push(&mut self, number: i64, item: T) -> Arrival {
        if number < self.next || self.held.contains_key(&number) {
            return Arrival::Repeated;
        }
        self.held.insert(number, item);
        Arrival::New
    }

    /// The next item in order, if it has arrived.
    pub(super) fn pop(&mut self) -> Option<T> {
        let item = self.held.remove(&self.next)?;
        self.next += 1;
        Some(item)
    }

    /// Whether everything up to this number was popped.
    #[must_use]
    pub(super) const fn is_past(&self, last: i64) -> bool {
        self.next > last
    }

    /// How many items wait for an earlier one.
    #[must_use]
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_order_with_repeats_comes_out_once_and_in_order(
            mut arrivals in prop::collection::vec(1_i64..=40, 0..200),
        ) {
            arrivals.extend(1..=40);
            let mut stream = Reorder::new(1);
            let mut out = Vec::new();
            for number in arrivals {
                stream.push(number, number);
                out.extend(std::iter::from_fn(|| stream.pop()));
            }
            prop_assert_eq!(out, (1..=40).collect::<Vec<_>>());
            prop_assert_eq!(stream.held(), 0);
            prop_assert!(stream.is_past(40));
        }
    }
}
