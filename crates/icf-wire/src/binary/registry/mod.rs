//! Every type name of OpenICF and ConnId, with the fields its objects have.

mod table;

use std::sync::LazyLock;

use super::profile::{Profile, Since};

/// A type name.
#[derive(Debug)]
pub(crate) struct Registered {
    /// The name on the wire.
    pub(crate) name: &'static str,
    /// Who knows it.
    pub(crate) since: Since,
    /// What an object of it holds.
    pub(crate) content: Content,
}

/// What an object of a type holds.
#[derive(Debug)]
pub(crate) enum Content {
    /// One value in one anonymous field, or a container.
    Leaf(Leaf),
    /// Named fields, items, or both.
    Record(RecordType),
    /// Nothing: the name occurs as a class value only.
    ClassOnly,
}

/// Kinds of values without named fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaf {
    Boolean,
    Character,
    Integer,
    Long,
    Float,
    Double,
    Byte,
    String,
    Uri,
    File,
    BigInteger,
    ZonedDateTime,
    Name,
    Bytes,
    Class,
    GuardedString,
    GuardedBytes,
    Map,
    List,
    Set,
}

/// A type with fields.
#[derive(Debug)]
pub(crate) struct RecordType {
    /// Fields in writing order.
    pub(crate) fields: &'static [FieldType],
    /// What stands in fields without a name.
    pub(crate) items: Items,
    /// Before which of the fields the items are written.
    pub(crate) items_before: usize,
    /// For an enumeration its constants, one of which the only field holds.
    pub(crate) constants: &'static [&'static str],
}

impl RecordType {
    /// The place of the field of that name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

/// How many objects a record holds in fields without a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Items {
    /// None.
    None,
    /// Exactly that many; fewer are an error, more are ignored.
    Exactly(usize),
    /// Any number.
    Any,
}

/// A named field.
#[derive(Debug)]
pub(crate) struct FieldType {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it holds, and the value of an absent one.
    pub(crate) kind: Kind,
    /// Who knows it.
    since: Since,
}

impl FieldType {
    /// Whether that peer's writer writes the field.
    pub(crate) fn is_in(&self, profile: Profile) -> bool {
        profile.has(self.since)
    }
}

/// What a field holds, and the value of an absent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text; null is absence.
    Text(Option<&'static str>),
    /// A number.
    I32(i32),
    /// A number.
    I64(i64),
    /// A truth value.
    Bool(bool),
    /// A class; null is absence.
    Class,
    /// An object; null is written.
    Object,
    /// An object of the enumeration of that name; absent means that constant.
    Constant(&'static str, &'static str),
}

/// The type of that name.
pub(crate) fn find(name: &str) -> Option<&'static Registered> {
    let first = slot_of(name);
    // Most slots are empty, so this soon ends.
    for slot in first..first + SLOTS {
        match BY_NAME.get(slot % SLOTS).copied().flatten() {
            Some(registered) if registered.name == name => return Some(registered),
            Some(_) => {}
            None => return None,
        }
    }
    None
}

/// A power of two far above the number of types.
const SLOTS: usize = 1024;

/// Each type in the first free slot from that of its name on. Every object that is read brings a dozen names; to find
/// them in the sorted table took a good part of the reading.
static BY_NAME: LazyLock<[Option<&'static Registered>; SLOTS]> = LazyLock::new(|| {
    let mut slots = [None; SLOTS];
    for registered in table::TYPES {
        let (before, from_there) = slots.split_at_mut(slot_of(registered.name));
        if let Some(free) = from_there.iter_mut().chain(before).find(|slot| slot.is_none()) {
            *free = Some(registered);
        }
    }
    slots
});

fn slot_of(name: &str) -> usize {
    let bytes = name.as_bytes();
    let byte = |place: usize| bytes.get(place).copied().map_or(0, usize::from);
    let last = bytes.len().saturating_sub(1);
    (bytes.len() * 257 + byte(0) * 37 + byte(last / 2) * 101 + byte(last) * 7) % SLOTS
}

#[cfg(test)]
pub(crate) fn all() -> &'static [Registered] {
    table::TYPES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::{ConnIdRelease, Profile};

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(all().is_sorted_by(|left, right| left.name < right.name));
        for registered in all() {
            assert!(std::ptr::eq(find(registered.name).unwrap(), registered));
        }
        assert!(["", "string", "Strin", "Stringg", "\u{fc}"].iter().all(|name| find(name).is_none()));
    }

    #[test]
    fn each_framework_knows_124_names() {
        let count = |profile: Profile| all().iter().filter(|entry| profile.has(entry.since)).count();
        assert_eq!(count(Profile::OpenIcf2), 124);
        assert_eq!(count(Profile::ConnId(ConnIdRelease::V1_6_0)), 124);
    }

    #[test]
    fn no_type_has_more_fields_than_a_reader_collects_at_once() {
        for registered in all() {
            if let Content::Record(record) = &registered.content {
                assert!(record.fields.len() <= 10, "{}", registered.name);
                assert!(record.items_before <= record.fields.len());
            }
        }
    }
}
