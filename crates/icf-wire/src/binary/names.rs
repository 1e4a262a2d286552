//! The names a writer has sent in a stream, and the code of each.

use std::borrow::Cow;
use std::collections::HashMap;

/// Names in the order of their codes, which count from 0.
#[derive(Debug)]
pub(crate) struct Names {
    list: Vec<Cow<'static, str>>,
    /// Kept only for long lists; a few names are found sooner by looking at each.
    index: HashMap<Cow<'static, str>, i32>,
    /// Where literals were found last, by their addresses: an object uses a few of them over and over.
    literals: [Literal; LITERALS],
    /// Counts how often names were forgotten.
    round: u64,
}

/// The code that a literal had in some round.
#[derive(Clone, Copy, Debug, Default)]
struct Literal {
    name: &'static str,
    code: i32,
    round: u64,
}

const SHORT: usize = 24;

/// A power of two.
const LITERALS: usize = 32;

impl Default for Names {
    fn default() -> Self {
        // The empty literal of round 0 is nobody's.
        Self { list: Vec::new(), index: HashMap::new(), literals: [Literal::default(); LITERALS], round: 1 }
    }
}

impl Names {
    /// The code of a name, a new one if it has none yet.
    pub(crate) fn intern(&mut self, name: &'static str) -> i32 {
        let place = Self::place(name);
        if let Some(literal) = self.literals.get(place)
            && literal.round == self.round
            && std::ptr::eq(literal.name, name)
        {
            return literal.code;
        }
        let code = self.find(name).unwrap_or_else(|| self.add(Cow::Borrowed(name)));
        if let Some(literal) = self.literals.get_mut(place) {
            *literal = Literal { name, code, round: self.round };
        }
        code
    }

    /// Literals lie side by side, so the lower bits of their addresses tell them apart.
    fn place(name: &'static str) -> usize {
        let address = name.as_ptr().addr();
        (address ^ (address >> 5)) % LITERALS
    }

    /// As [`intern`](Self::intern), for a name that came from outside.
    pub(crate) fn intern_owned(&mut self, name: &str) -> i32 {
        self.find(name).unwrap_or_else(|| self.add(Cow::Owned(name.to_owned())))
    }

    fn find(&self, name: &str) -> Option<i32> {
        if self.list.len() <= SHORT {
            let position = self.list.iter().position(|known| known == name)?;
            return i32::try_from(position).ok();
        }
        self.index.get(name).copied()
    }

    fn add(&mut self, name: Cow<'static, str>) -> i32 {
        let code = code(self.list.len());
        self.list.push(name);
        if self.list.len() > SHORT {
            let indexed = self.index.len();
            let unindexed = self.list.iter().enumerate().skip(indexed);
            self.index.extend(unindexed.map(|(place, name)| (name.clone(), self::code(place))));
        }
        code
    }

    /// How many names there are.
    pub(crate) const fn len(&self) -> usize {
        self.list.len()
    }

    /// Forgets all names after the first `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        if self.list.len() > len {
            self.list.truncate(len);
            let len = code(len);
            self.round += 1;
            self.index.retain(|_, code| *code < len);
            if self.list.len() <= SHORT {
                self.index.clear();
            }
        }
    }

    /// Names from a position on, with their codes.
    pub(crate) fn since(&self, first: usize) -> impl Iterator<Item = (i32, &str)> {
        self.list.iter().enumerate().skip(first).map(|(place, name)| (code(place), name.as_ref()))
    }
}

/// A stream of more than 2^31 names cannot exist: each takes at least eight bytes of memory.
fn code(place: usize) -> i32 {
    i32::try_from(place).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_from_zero_and_survive_growth_and_roll_back() {
        let mut names = Names::default();
        let texts: Vec<String> = (0..100).map(|n| format!("name {n}")).collect();
        for (place, text) in texts.iter().enumerate() {
            assert_eq!(names.intern_owned(text), code(place));
        }
        for (place, text) in texts.iter().enumerate().rev() {
            assert_eq!(names.intern_owned(text), code(place));
            if place % 7 == 0 {
                names.truncate(place);
                assert_eq!(names.len(), place);
            }
        }
        for text in &texts {
            names.intern_owned(text);
        }
        names.truncate(50);
        assert_eq!(names.intern_owned("name 60"), 50);
        names.truncate(0);
        assert_eq!(names.intern("again"), 0);
        assert_eq!(names.intern("again"), 0);
        for (place, text) in texts.iter().enumerate() {
            assert_eq!(names.intern_owned(text), code(place) + 1);
        }
        names.truncate(0);
        assert_eq!((names.intern("other"), names.intern("again")), (0, 1), "codes of forgotten literals are not used");
        names.truncate(0);
        assert_eq!(names.intern("again"), 0);
        for text in &texts {
            names.intern_owned(text);
        }
        assert_eq!(names.since(99).map(|(code, _)| code).collect::<Vec<_>>(), [99, 100]);
    }
}
