//! Trees to bytes.

use super::{Field, Map, Object, Record};
use crate::binary::cipher;
use crate::binary::error::EncodeError;
use crate::binary::registry;
use crate::binary::writer::Writer;

type Result = std::result::Result<(), EncodeError>;

/// Writes an object with all it contains.
pub(crate) fn write(w: &mut Writer<'_>, object: &Object) -> Result {
    match object {
        Object::Null => w.null(),
        Object::Boolean(value) => leaf(w, "Boolean", |w| w.bool(*value)),
        Object::Character(unit) => leaf(w, "Character", |w| w.utf8(&unit_text(*unit))),
        Object::Integer(value) => leaf(w, "Integer", |w| w.i32(*value)),
        Object::Long(value) => leaf(w, "Long", |w| w.i64(*value)),
        Object::Float(value) => leaf(w, "Float", |w| w.f64(f64::from(*value))),
        Object::Double(value) => leaf(w, "Double", |w| w.f64(*value)),
        Object::Byte(value) => leaf(w, "Byte", |w| w.i8(*value)),
        Object::String(text) => leaf(w, "String", |w| w.utf8(text)),
        Object::Uri(text) => leaf(w, "URI", |w| w.utf8(text)),
        Object::File(text) => leaf(w, "File", |w| w.utf8(text)),
        Object::BigInteger(text) => leaf(w, "BigInteger", |w| w.utf8(text)),
        Object::ZonedDateTime(text) => match registry::find("ZonedDateTime") {
            Some(registered) => w.registered(registered, |w| w.anonymous(|w| w.utf8(text))),
            None => Err(EncodeError::NoSuchType("ZonedDateTime".to_owned())),
        },
        Object::Name(text) => leaf(w, "Name", |w| w.utf8(text)),
        Object::Bytes(bytes) => leaf(w, "ByteArray", |w| w.blob(bytes)),
        Object::Class(class) => leaf(w, "Class", |w| w.class(class)),
        Object::GuardedString(secret) => leaf(w, "GuardedString", |w| w.blob(&cipher::encrypt_text(secret))),
        Object::GuardedBytes(secret) => {
            leaf(w, "GuardedByteArray", |w| w.blob(&cipher::encrypt_bytes(secret)))
        }
        Object::Map(map) => w.object("Map", |w| write_map(w, map)),
        Object::List(items) => w.object("List", |w| write_items(w, items)),
        Object::Set(set) => w.object("Set", |w| {
            flag(w, set.case_insensitive)?;
            write_items(w, &set.items)
        }),
        Object::Array(array) => w.array(&array.component, |w| write_items(w, &array.items)),
        Object::Record(record) => w.registered(record.registered, |w| write_record(w, record)),
        Object::Foreign(foreign) => Err(EncodeError::NoSuchType(foreign.type_name.clone())),
    }
}

fn leaf(
    w: &mut Writer<'_>,
    type_name: &'static str,
    payload: impl FnOnce(&mut Writer<'_>) -> Result,
) -> Result {
    w.object(type_name, |w| w.anonymous(payload))
}

/// A lone surrogate has no UTF-8; Java writes a question mark.
fn unit_text(unit: u16) -> String {
    char::from_u32(u32::from(unit)).unwrap_or('?').to_string()
}

/// The mark of case-insensitive maps and sets; others have none.
fn flag(w: &mut Writer<'_>, case_insensitive: bool) -> Result {
    if case_insensitive { w.bool_field("caseInsensitive", true) } else { Ok(()) }
}

fn write_items(w: &mut Writer<'_>, items: &[Object]) -> Result {
    for item in items {
        w.anonymous(|w| write(w, item))?;
    }
    Ok(())
}

fn write_map(w: &mut Writer<'_>, map: &Map) -> Result {
    flag(w, map.case_insensitive)?;
    for (key, value) in &map.entries {
        w.anonymous(|w| {
            w.object("MapEntry", |w| {
                w.anonymous(|w| write(w, key))?;
                w.anonymous(|w| write(w, value))
            })
        })?;
    }
    Ok(())
}

fn write_record(w: &mut Writer<'_>, record: &Record) -> Result {
    for (place, (field_type, field)) in record.record.fields.iter().zip(&record.fields).enumerate() {
        if place == record.record.items_before {
            write_items(w, &record.items)?;
        }
        if field_type.is_in(w.profile()) {
            write_field(w, field_type.name, field)?;
        }
    }
    if record.record.items_before == record.record.fields.len() {
        write_items(w, &record.items)?;
    }
    Ok(())
}

fn write_field(w: &mut Writer<'_>, name: &'static str, field: &Field) -> Result {
    match field {
        Field::Text(text) => w.text_field(name, text.as_deref()),
        Field::I32(value) => w.i32_field(name, *value),
        Field::I64(value) => w.i64_field(name, *value),
        Field::Bool(value) => w.bool_field(name, *value),
        Field::Class(class) => w.class_field(name, class.as_ref()),
        Field::Object(object) => w.named(name, |w| write(w, object)),
    }
}
