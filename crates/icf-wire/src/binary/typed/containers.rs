//! Lists, sets and maps of one kind of thing.

use super::{DecodeError, Raw, Read, Write, Writer};
use crate::binary::class::ClassRef;

/// Writes a list or a set.
pub(crate) fn items<T>(
    w: &mut Writer<'_>,
    container: &'static str,
    items: impl IntoIterator<Item = T>,
    write: impl Fn(&mut Writer<'_>, T) -> Write,
) -> Write {
    w.object(container, |w| {
        for item in items {
            w.anonymous(|w| write(w, item))?;
        }
        Ok(())
    })
}

/// Writes a map.
pub(crate) fn map<K, V>(
    w: &mut Writer<'_>,
    entries: impl IntoIterator<Item = (K, V)>,
    key: impl Fn(&mut Writer<'_>, K) -> Write,
    value: impl Fn(&mut Writer<'_>, V) -> Write,
) -> Write {
    items(w, "Map", entries, |w, entry| self::entry(w, entry, &key, &value))
}

/// Writes an entry of a map.
pub(super) fn entry<K, V>(
    w: &mut Writer<'_>,
    (key, value): (K, V),
    write_key: impl Fn(&mut Writer<'_>, K) -> Write,
    write_value: impl Fn(&mut Writer<'_>, V) -> Write,
) -> Write {
    w.object("MapEntry", |w| {
        w.anonymous(|w| write_key(w, key))?;
        w.anonymous(|w| write_value(w, value))
    })
}

/// Writes a text as an object.
pub(crate) fn text(w: &mut Writer<'_>, text: &str) -> Write {
    w.object("String", |w| w.anonymous(|w| w.utf8(text)))
}

/// Writes a class as an object.
pub(super) fn class(w: &mut Writer<'_>, class: &ClassRef) -> Write {
    w.object("Class", |w| w.anonymous(|w| w.class(class)))
}

/// Writes a number as an object.
pub(super) fn integer(w: &mut Writer<'_>, value: i32) -> Write {
    w.object("Integer", |w| w.anonymous(|w| w.i32(value)))
}

/// The members of a list, set or array in a field; none if the field is absent or null.
pub(crate) fn members<'a>(raw: &Raw<'a>, field: &str) -> Read<Vec<Raw<'a>>> {
    raw.object(field)?.map_or(Ok(Vec::new()), |container| elements(&container))
}

/// The members of a list, set or array.
pub(crate) fn elements<'a>(container: &Raw<'a>) -> Read<Vec<Raw<'a>>> {
    if container.name().is_some() && !container.is("List") && !container.is("Set") {
        return Err(DecodeError::refused(format!("Expected a list or a set, got {}", container.type_name())));
    }
    container.items().collect()
}

/// The keys and values of a map in a field; none if the field is absent or null.
pub(super) fn entries<'a>(raw: &Raw<'a>, field: &str) -> Read<Vec<(Raw<'a>, Raw<'a>)>> {
    raw.object(field)?.map_or(Ok(Vec::new()), |map| pairs(&map))
}

/// The keys and values of a map.
pub(super) fn pairs<'a>(map: &Raw<'a>) -> Read<Vec<(Raw<'a>, Raw<'a>)>> {
    map.expect("Map")?;
    map.items().map(|entry| pair(&entry?)).collect()
}

/// Key and value of an entry.
pub(super) fn pair<'a>(entry: &Raw<'a>) -> Read<(Raw<'a>, Raw<'a>)> {
    entry.expect("MapEntry")?;
    let mut parts = entry.items();
    let mut part = || parts.next().unwrap_or(Err(DecodeError::NoContent));
    Ok((part()?, part()?))
}

/// The text of a `String` object.
pub(crate) fn read_text(raw: &Raw<'_>) -> Read<String> {
    raw.expect("String")?;
    raw.content()?.utf8(raw.limits()).map(std::borrow::Cow::into_owned)
}

/// The class of a `Class` object.
pub(super) fn read_class(raw: &Raw<'_>) -> Read<ClassRef> {
    raw.expect("Class")?;
    let class = raw.class_in(raw.content()?)?;
    class.to_class().ok_or_else(|| DecodeError::refused("A class is null"))
}
