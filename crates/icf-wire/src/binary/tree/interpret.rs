//! What a Java peer makes of a tree.
//!
//! Java builds its objects from the inside out, so the innermost broken rule is the one reported.

use std::collections::HashMap;

use super::{Array, Field, Map, Object, Record, Set, rules, uri};
use crate::binary::class::ClassRef;
use crate::binary::error::DecodeError;
use crate::binary::number::is_integer;

type Result<T = Object> = std::result::Result<T, DecodeError>;

pub(super) fn interpret(object: Object) -> Result {
    match object {
        Object::Foreign(foreign) => Err(DecodeError::NoSuchType(foreign.type_name)),
        Object::Class(class) => known(class).map(Object::Class),
        Object::Uri(text) if !uri::is_uri(&text) => Err(DecodeError::refused("A URI is malformed")),
        Object::BigInteger(text) if !is_integer(&text) => {
            Err(DecodeError::refused("A BigInteger is not a number"))
        }
        Object::Map(map) => interpret_map(map),
        Object::List(items) => Ok(Object::List(interpret_all(items)?)),
        Object::Set(set) => interpret_set(set),
        Object::Array(array) => {
            let component = known(array.component)?;
            Ok(Object::Array(Box::new(Array { component, items: interpret_all(array.items)? })))
        }
        Object::Record(record) => interpret_record(*record),
        leaf => Ok(leaf),
    }
}

fn known(class: ClassRef) -> Result<ClassRef> {
    if class.is_known() { Ok(class) } else { Err(DecodeError::NoSuchType(class.name().to_owned())) }
}

fn interpret_all(objects: Vec<Object>) -> Result<Vec<Object>> {
    let mut interpreted = Vec::with_capacity(objects.len());
    for object in objects {
        interpreted.push(interpret(object)?);
    }
    Ok(interpreted)
}

fn interpret_record(mut record: Record) -> Result {
    for field in &mut record.fields {
        match field {
            Field::Object(object) => *object = interpret(std::mem::take(object))?,
            Field::Class(Some(class)) if !class.is_known() => {
                return Err(DecodeError::NoSuchType(class.name().to_owned()));
            }
            _ => {}
        }
    }
    record.items = interpret_all(record.items)?;
    rules::apply(record)
}

fn interpret_map(map: Map) -> Result {
    let mut entries = Vec::with_capacity(map.entries.len());
    for (key, value) in map.entries {
        entries.push((interpret(key)?, interpret(value)?));
    }
    if map.case_insensitive {
        entries = joined(entries)?;
    }
    Ok(Object::Map(Map { case_insensitive: map.case_insensitive, entries }))
}

fn interpret_set(set: Set) -> Result {
    let mut items = interpret_all(set.items)?;
    if set.case_insensitive {
        let members = items.into_iter().map(|item| (item, Object::Null)).collect();
        items = joined(members)?.into_iter().map(|(item, _)| item).collect();
    }
    Ok(Object::Set(Set { case_insensitive: set.case_insensitive, items }))
}

/// Of keys that differ in case only, the first spelling and the last value stay.
fn joined(entries: Vec<(Object, Object)>) -> Result<Vec<(Object, Object)>> {
    let mut joined: Vec<(Object, Object)> = Vec::with_capacity(entries.len());
    let mut places = HashMap::new();
    for (key, value) in entries {
        let key =
            text_of(&key).ok_or_else(|| DecodeError::refused("A case-insensitive key is not a text"))?;
        let place = *places.entry(folded(&key)).or_insert(joined.len());
        match joined.get_mut(place) {
            Some((_, old)) => *old = value,
            None => joined.push((Object::String(key), value)),
        }
    }
    Ok(joined)
}

/// How Java's case-insensitive order compares: every character in upper case, then in lower case.
fn folded(text: &str) -> String {
    let single = |mut many: Box<dyn Iterator<Item = char>>, c| match (many.next(), many.next()) {
        (Some(one), None) => one,
        _ => c,
    };
    text.chars()
        .map(|c| single(Box::new(c.to_uppercase()), c))
        .map(|c| single(Box::new(c.to_lowercase()), c))
        .collect()
}

/// The text Java makes of a scalar.
fn text_of(object: &Object) -> Option<String> {
    Some(match object {
        Object::String(text)
        | Object::Uri(text)
        | Object::File(text)
        | Object::BigInteger(text)
        | Object::ZonedDateTime(text) => text.clone(),
        Object::Boolean(value) => value.to_string(),
        Object::Integer(value) => value.to_string(),
        Object::Long(value) => value.to_string(),
        Object::Byte(value) => value.to_string(),
        Object::Character(unit) => char::from_u32(u32::from(*unit)).unwrap_or('\u{FFFD}').to_string(),
        _ => return None,
    })
}
