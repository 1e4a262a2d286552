//! Values: what attributes, options, properties, tokens and scripts hold.

use icf::{
    BigDecimal, Locale, ObjectClass, QualifiedUid, Script, SortKey, Uid, Value, ValueArray, ValueMap,
    ValueSet, ValueType,
};

use super::{DecodeError, Raw, Read, Write, Writer, attributes, containers, part, require};
use crate::binary::cipher;
use crate::binary::class::ClassRef;
use crate::binary::cursor::Cursor;
use crate::binary::error::EncodeError;
use crate::binary::number;
use crate::binary::raw::RawClass;
use crate::binary::registry::{self, Content, Leaf, Registered};
use crate::binary::tree;

/// Writes any value.
pub(crate) fn write(w: &mut Writer<'_>, value: &Value) -> Write {
    match value {
        Value::Null => w.null(),
        Value::String(text) => containers::text(w, text),
        Value::Character(c) => leaf(w, "Character", |w| character(w, *c)),
        Value::Integer(value) => containers::integer(w, *value),
        Value::Long(value) => leaf(w, "Long", |w| w.i64(*value)),
        Value::Float(value) => leaf(w, "Float", |w| w.f64(f64::from(*value))),
        Value::Double(value) => leaf(w, "Double", |w| w.f64(*value)),
        Value::Boolean(value) => leaf(w, "Boolean", |w| w.bool(*value)),
        Value::Byte(value) => leaf(w, "Byte", |w| w.i8(*value)),
        Value::Bytes(bytes) => leaf(w, "ByteArray", |w| w.blob(bytes)),
        Value::BigInteger(value) => leaf(w, "BigInteger", |w| w.utf8(&value.to_string())),
        Value::BigDecimal(value) => w.object("BigDecimal", |w| {
            w.text_field("unscaled", Some(&value.unscaled.to_string()))?;
            w.i32_field("scale", value.scale)
        }),
        Value::GuardedString(secret) => leaf(w, "GuardedString", |w| w.blob(&cipher::encrypt_text(secret))),
        Value::GuardedBytes(secret) => {
            leaf(w, "GuardedByteArray", |w| w.blob(&cipher::encrypt_bytes(secret)))
        }
        Value::Map(map) => write_map(w, map),
        Value::List(items) => containers::items(w, "List", items, write),
        Value::Set(set) => w.object("Set", |w| {
            flag(w, set.case_insensitive)?;
            write_items(w, &set.items)
        }),
        Value::Array(array) => w.array(&ClassRef::from(&array.component), |w| write_items(w, &array.items)),
        Value::Uri(text) => leaf(w, "URI", |w| w.utf8(text)),
        Value::File(text) => leaf(w, "File", |w| w.utf8(text)),
        Value::ZonedDateTime(text) => match registry::find("ZonedDateTime") {
            Some(registered) => w.registered(registered, |w| w.anonymous(|w| w.utf8(text))),
            None => Err(EncodeError::NoSuchType("ZonedDateTime".to_owned())),
        },
        Value::Locale(locale) => write_locale(w, locale),
        Value::Script(script) => write_script(w, script),
        Value::ObjectClass(class) => write_object_class(w, class),
        Value::Uid(uid) => attributes::write_uid(w, uid),
        Value::QualifiedUid(qualified) => w.object("QualifiedUid", |w| {
            w.named("ObjectClass", |w| write_object_class(w, &qualified.object_class))?;
            w.named("Uid", |w| attributes::write_uid(w, &qualified.uid))
        }),
        Value::SortKey(key) => w.object("SortKey", |w| {
            w.text_field("field", Some(&key.field))?;
            w.bool_field("isAscending", key.ascending)
        }),
    }
}

fn leaf(
    w: &mut Writer<'_>,
    type_name: &'static str,
    payload: impl FnOnce(&mut Writer<'_>) -> Write,
) -> Write {
    w.object(type_name, |w| w.anonymous(payload))
}

/// A Java character is one UTF-16 code unit.
fn character(w: &mut Writer<'_>, c: char) -> Write {
    if c.len_utf16() > 1 {
        return Err(EncodeError::refused("A Character beyond U+FFFF has no form; use a String"));
    }
    w.utf8(c.encode_utf8(&mut [0; 4]))
}

fn flag(w: &mut Writer<'_>, case_insensitive: bool) -> Write {
    if case_insensitive { w.bool_field("caseInsensitive", true) } else { Ok(()) }
}

fn write_items(w: &mut Writer<'_>, items: &[Value]) -> Write {
    for item in items {
        w.anonymous(|w| write(w, item))?;
    }
    Ok(())
}

/// Writes a map of values.
pub(super) fn write_map(w: &mut Writer<'_>, map: &ValueMap) -> Write {
    w.object("Map", |w| {
        flag(w, map.case_insensitive)?;
        for (key, value) in &map.entries {
            w.anonymous(|w| containers::entry(w, (key, value), write, write))?;
        }
        Ok(())
    })
}

pub(super) fn write_locale(w: &mut Writer<'_>, locale: &Locale) -> Write {
    w.object("Locale", |w| {
        w.text_field("language", Some(&locale.language))?;
        w.text_field("country", Some(&locale.country))?;
        w.text_field("variant", Some(&locale.variant))
    })
}

fn write_script(w: &mut Writer<'_>, script: &Script) -> Write {
    w.object("Script", |w| {
        w.text_field("scriptLanguage", Some(&script.language))?;
        w.named("scriptText", |w| containers::text(w, &script.text))
    })
}

pub(crate) fn write_object_class(w: &mut Writer<'_>, class: &ObjectClass) -> Write {
    w.object("ObjectClass", |w| w.text_field("type", Some(class.as_str())))
}

/// Reads any value.
pub(crate) fn read(raw: &Raw<'_>) -> Read<Value> {
    match raw.class() {
        RawClass::Null => Ok(Value::Null),
        RawClass::Named { dimensions: 0, name } => match name.registered {
            Some(registered) => read_known(raw, registered),
            None => Err(DecodeError::NoSuchType(name.text.clone().into_owned())),
        },
        RawClass::Named { .. } => read_array(raw),
    }
}

/// Only dispatches: what needs room on the stack has a function of its own, off the path of the recursion.
fn read_known(raw: &Raw<'_>, registered: &Registered) -> Read<Value> {
    match registered.content {
        Content::Leaf(Leaf::Map) => read_map(raw).map(Value::Map),
        Content::Leaf(Leaf::List) => read_items(raw).map(Value::List),
        Content::Leaf(Leaf::Set) => read_value_set(raw),
        Content::Leaf(kind) => read_scalar(raw, kind),
        Content::Record(_) => read_record(raw, registered.name),
        Content::ClassOnly => Err(DecodeError::NoSuchType(registered.name.to_owned())),
    }
}

fn read_array(raw: &Raw<'_>) -> Read<Value> {
    let component = match raw.class() {
        RawClass::Named { name, dimensions } => {
            RawClass::Named { name, dimensions: dimensions.saturating_sub(1) }.to_class()
        }
        RawClass::Null => None,
    };
    let component = component.as_ref().map_or(ValueType::Object, ValueType::from);
    Ok(Value::Array(Box::new(ValueArray { component, items: read_items(raw)? })))
}

fn read_value_set(raw: &Raw<'_>) -> Read<Value> {
    let case_insensitive = raw.bool("caseInsensitive", false)?;
    Ok(Value::Set(ValueSet { case_insensitive, items: read_items(raw)? }))
}

fn read_scalar(raw: &Raw<'_>, kind: Leaf) -> Read<Value> {
    let mut content = raw.content()?;
    Ok(match kind {
        Leaf::String => Value::String(text(raw, content)?),
        Leaf::Boolean => Value::Boolean(content.bool()?),
        Leaf::Integer => Value::Integer(content.i32()?),
        Leaf::Long => Value::Long(content.i64()?),
        #[allow(clippy::cast_possible_truncation, reason = "a float travels widened")]
        Leaf::Float => Value::Float(content.f64()? as f32),
        Leaf::Double => Value::Double(content.f64()?),
        Leaf::Byte => Value::Byte(content.i8()?),
        Leaf::Character => {
            let unit = tree::character(raw, content)?;
            Value::Character(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER))
        }
        Leaf::Bytes => Value::Bytes(content.blob(raw.limits())?.to_vec()),
        Leaf::BigInteger => {
            let text = content.utf8(raw.limits())?;
            Value::BigInteger(Box::new(number::integer(&text, raw.limits())?))
        }
        Leaf::GuardedString => Value::GuardedString(cipher::decrypt_text(content.blob(raw.limits())?)?),
        Leaf::GuardedBytes => Value::GuardedBytes(cipher::decrypt_bytes(content.blob(raw.limits())?)?),
        Leaf::Uri => Value::Uri(text(raw, content)?),
        Leaf::File => Value::File(text(raw, content)?),
        Leaf::ZonedDateTime => Value::ZonedDateTime(text(raw, content)?),
        Leaf::Name | Leaf::Class | Leaf::Map | Leaf::List | Leaf::Set => return Err(not_a_value(raw)),
    })
}

fn not_a_value(raw: &Raw<'_>) -> DecodeError {
    DecodeError::refused(format!("An object of type {} is not a value", raw.type_name()))
}

fn text(raw: &Raw<'_>, mut content: Cursor<'_>) -> Read<String> {
    content.utf8(raw.limits()).map(std::borrow::Cow::into_owned)
}

/// Reads the members of a list, set or array; a plain loop, because this recurs.
fn read_items(raw: &Raw<'_>) -> Read<Vec<Value>> {
    let mut items = Vec::new();
    for payload in raw.anonymous() {
        items.push(raw.read_nested(payload, read)?);
    }
    Ok(items)
}

/// Reads a map of values.
pub(crate) fn read_map(raw: &Raw<'_>) -> Read<ValueMap> {
    raw.expect("Map")?;
    let case_insensitive = raw.bool("caseInsensitive", false)?;
    let mut entries = Vec::new();
    for payload in raw.anonymous() {
        entries.push(raw.read_nested(payload, read_entry)?);
    }
    Ok(ValueMap { case_insensitive, entries })
}

fn read_entry(entry: &Raw<'_>) -> Read<(Value, Value)> {
    entry.expect("MapEntry")?;
    let mut parts = entry.anonymous();
    let (Some(key), Some(value)) = (parts.next(), parts.next()) else {
        return Err(DecodeError::NoContent);
    };
    let key = entry.read_nested(key, read)?;
    Ok((key, entry.read_nested(value, read)?))
}

fn read_record(raw: &Raw<'_>, type_name: &str) -> Read<Value> {
    Ok(match type_name {
        "BigDecimal" => {
            let unscaled = raw.text("unscaled")?;
            let unscaled = unscaled.ok_or_else(|| DecodeError::refused("A BigDecimal has no number"))?;
            let unscaled = number::integer(&unscaled, raw.limits())?;
            Value::BigDecimal(Box::new(BigDecimal { unscaled, scale: raw.i32("scale", 0)? }))
        }
        "Locale" => Value::Locale(Box::new(read_locale(raw)?)),
        "Script" => Value::Script(Box::new(read_script(raw)?)),
        "ObjectClass" => Value::ObjectClass(read_object_class(raw)?),
        "Uid" => Value::Uid(attributes::read_uid(raw)?),
        "QualifiedUid" => {
            let class = part(raw, "ObjectClass", "A QualifiedUid needs a class")?;
            let uid = part(raw, "Uid", "A QualifiedUid needs a uid")?;
            let (object_class, uid): (ObjectClass, Uid) =
                (read_object_class(&class)?, attributes::read_uid(&uid)?);
            Value::QualifiedUid(Box::new(QualifiedUid { object_class, uid }))
        }
        "SortKey" => {
            let field = raw.text("field")?.unwrap_or_default().into_owned();
            Value::SortKey(SortKey { field, ascending: raw.bool("isAscending", true)? })
        }
        _ => return Err(not_a_value(raw)),
    })
}

pub(crate) fn read_locale(raw: &Raw<'_>) -> Read<Locale> {
    raw.expect("Locale")?;
    let part = |name| raw.text(name).map(|text| text.unwrap_or_default().into_owned());
    Ok(Locale { language: part("language")?, country: part("country")?, variant: part("variant")? })
}

fn read_script(raw: &Raw<'_>) -> Read<Script> {
    let language = raw.text("scriptLanguage")?.unwrap_or_default().into_owned();
    let text = part(raw, "scriptText", "A Script needs a text")?;
    Ok(Script::try_new(language, containers::read_text(&text)?)?)
}

pub(crate) fn read_object_class(raw: &Raw<'_>) -> Read<ObjectClass> {
    raw.expect("ObjectClass")?;
    let name = raw.text("type")?;
    require(name.is_some(), "An ObjectClass needs a type")?;
    Ok(name.unwrap_or_default().into_owned().into())
}
