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
    /// Whether the names so far are those of the round before, under the same codes.
    repeats: bool,
    /// How many names the round before had.
    before: usize,
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
const LITERALS: usize = 64;

/// At how many places a literal may be.
const PROBES: usize = 4;

/// Literals lie side by side, so the lower bits of their addresses tell them apart.
#[inline]
fn place(name: &'static str, step: usize) -> usize {
    let address = name.as_ptr().addr();
    ((address ^ (address >> 6)) + step) % LITERALS
}

impl Default for Names {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            index: HashMap::new(),
            literals: [Literal::default(); LITERALS],
            // So that the empty literals are of no round that counts.
            round: 2,
            repeats: false,
            before: 0,
        }
    }
}

impl Names {
    /// The code of a name, a new one if it has none yet.
    #[inline]
    pub(crate) fn intern(&mut self, name: &'static str) -> i32 {
        match self.literals.get(place(name, 0)) {
            Some(known) if known.round == self.round && std::ptr::eq(known.name, name) => known.code,
            _ => self.intern_anew(name),
        }
    }

    fn intern_anew(&mut self, name: &'static str) -> i32 {
        // Its own place, one that nobody has used lately, or as a last resort somebody else's.
        let lately = self.round - 1;
        let free = |literal: &Literal| std::ptr::eq(literal.name, name) || literal.round < lately;
        let place = (0..PROBES)
            .map(|step| place(name, step))
            .find(|place| self.literals.get(*place).is_some_and(free));
        let place = place.unwrap_or_else(|| self::place(name, 0));
        let known = self.literals.get(place).copied().filter(|known| std::ptr::eq(known.name, name));
        let next = code(self.list.len());
        let code = match known {
            Some(known) if known.round == self.round => known.code,
            // Objects of one kind use the same names in the same order. If all were the same so far, and this one came
            // next, it comes next again, and no name before it has its text.
            Some(known)
                if self.repeats && known.round == lately && known.code == next && next < code(SHORT) =>
            {
                self.list.push(Cow::Borrowed(name));
                next
            }
            _ => self.find(name).unwrap_or_else(|| self.add(Cow::Borrowed(name))),
        };
        if let Some(literal) = self.literals.get_mut(place) {
            *literal = Literal { name, code, round: self.round };
        }
        code
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
        self.repeats = false;
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

    /// Forgets all names.
    pub(crate) fn restart(&mut self) {
        self.before = self.list.len();
        self.repeats = true;
        self.round += 1;
        self.list.clear();
        self.index.clear();
    }

    /// Whether the names since [`restart`](Self::restart) are exactly those between the two restarts before.
    pub(crate) const fn are_those_before(&self) -> bool {
        self.repeats && self.list.len() == self.before
    }

    /// Forgets all names after the first `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        if self.list.len() > len {
            self.repeats = false;
            self.round += 2;
            self.list.truncate(len);
            let len = code(len);
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
        assert_eq!(
            (names.intern("other"), names.intern("again")),
            (0, 1),
            "codes of forgotten literals are not used"
        );
        names.truncate(0);
        assert_eq!(names.intern("again"), 0);
        for text in &texts {
            names.intern_owned(text);
        }
        assert_eq!(names.since(99).map(|(code, _)| code).collect::<Vec<_>>(), [99, 100]);
    }
    #[test]
    fn a_list_like_the_one_before_is_seen_to_be_that() {
        let mut names = Names::default();
        let mut use_all = |list: &[&'static str]| {
            names.restart();
            for _ in 0..2 {
                for (place, name) in list.iter().enumerate() {
                    assert_eq!(names.intern(name), code(place), "{list:?}");
                }
            }
            assert!(names.since(0).map(|(_, name)| name).eq(list.iter().copied()));
            names.are_those_before()
        };
        assert!(!use_all(&["a", "b", "c"]));
        assert!(use_all(&["a", "b", "c"]));
        assert!(use_all(&["a", "b", "c"]));
        assert!(!use_all(&["a", "c"]));
        assert!(!use_all(&["a", "c", "b"]), "longer than before");
        assert!(!use_all(&["a", "c"]), "shorter than before");
        assert!(use_all(&["a", "c"]));
        assert!(!use_all(&["c", "a"]));
        assert!(!use_all(&["x"]));
        assert!(!use_all(&["a", "c"]), "known from long ago");
    }

    #[test]
    fn more_literals_than_there_are_places_have_their_codes() {
        static LITERALS: [&str; 3] = ["the first", "the second", "the third"];
        let parts: Vec<&'static str> = LITERALS
            .iter()
            .flat_map(|text| (1..text.len()).map(|end| &text[..end]))
            .chain(MORE.split(' '))
            .collect();
        let mut names = Names::default();
        for _ in 0..3 {
            names.restart();
            let mut codes = HashMap::new();
            for name in parts.iter().chain(&parts) {
                let known = codes.len();
                let code = names.intern(name);
                assert_eq!(code, *codes.entry(*name).or_insert_with(|| super::code(known)), "{name}");
            }
        }
    }

    const MORE: &str = "aa ab ac ad ae af ag ah ai aj ak al am an ao ap aq ar as at au av aw ax ay az ba bb bc bd be bf \
                        bg bh bi bj bk bl bm bn bo bp bq br bs bt bu bv bw bx by bz ca cb cc cd ce cf cg ch ci cj ck";
}
