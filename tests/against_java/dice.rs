//! Chance with a seed: the same seed throws the same dice.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

#[derive(Debug)]
pub(crate) struct Dice(StdRng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// True in so many cases of a hundred.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }

    /// From 0 up to and without `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, among: &[&'a T]) -> &'a T {
        among[self.below(among.len())]
    }

    /// One of these, each as often as its weight says.
    pub(crate) fn weighted<T: Copy>(&mut self, among: &[(u32, T)]) -> T {
        let mut at = self.0.random_range(0..among.iter().map(|(weight, _)| weight).sum());
        for (weight, one) in among {
            if at < *weight {
                return *one;
            }
            at -= weight;
        }
        among[0].1
    }

    /// Some of these, in order; none or all of them now and then.
    pub(crate) fn some<T: Clone>(&mut self, among: &[T]) -> Vec<T> {
        let percent = self.weighted(&[(1, 0), (3, 30), (3, 60), (1, 100)]);
        among.iter().filter(|_| self.0.random_range(0..100) < percent).cloned().collect()
    }
}
