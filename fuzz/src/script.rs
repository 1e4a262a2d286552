//! Bytes as a series of decisions.

/// Hands out decisions until the bytes are used up.
#[derive(Debug)]
pub(crate) struct Script<'a> {
    rest: &'a [u8],
}

impl<'a> Script<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next step; `None` at the end.
    pub(crate) fn step(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// A detail of a step; 0 at the end.
    pub(crate) fn byte(&mut self) -> u8 {
        self.step().unwrap_or(0)
    }

    /// An id or a number in a series: most often one of the first, sometimes less than zero.
    pub(crate) fn small(&mut self) -> i64 {
        match self.byte() {
            byte @ ..224 => i64::from(byte % 12),
            byte => i64::from(byte) - 240,
        }
    }

    /// One of `count` things; `None` if there are none.
    pub(crate) fn choose(&mut self, count: usize) -> Option<usize> {
        let byte = usize::from(self.byte());
        byte.checked_rem(count)
    }

    /// As many bytes as the next one says, or what is left.
    pub(crate) fn bytes(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.rest.len());
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}
