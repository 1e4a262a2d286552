//! Bytes to trees. Recursion is bounded by the reader's depth; loops are plain, for adaptors would double the stack a
//! level takes in unoptimised builds.

use super::{Array, Field, Foreign, Map, Object, Record, Set};
use crate::binary::cipher;
use crate::binary::class::ClassRef;
use crate::binary::cursor::Cursor;
use crate::binary::error::DecodeError;
use crate::binary::raw::{Raw, RawClass};
use crate::binary::registry::{Content, Items, Kind, Leaf, RecordType, Registered};

type Result<T = Object> = std::result::Result<T, DecodeError>;

/// Reads an object with all it contains.
pub(crate) fn read(raw: &Raw<'_>) -> Result {
    match raw.class() {
        RawClass::Null => Ok(Object::Null),
        RawClass::Named { dimensions: 0, name } => match name.registered {
            Some(registered) => known(raw, registered),
            None => Ok(foreign(raw, &name.text)),
        },
        RawClass::Named { .. } => array(raw),
    }
}

/// Only dispatches: what needs room on the stack has a function of its own, off the path of the recursion.
fn known(raw: &Raw<'_>, registered: &'static Registered) -> Result {
    match &registered.content {
        Content::Leaf(Leaf::Map) => map(raw),
        Content::Leaf(Leaf::List) => list(raw),
        Content::Leaf(Leaf::Set) => set(raw),
        Content::Leaf(kind) => scalar(raw, *kind),
        Content::Record(record_type) => record(raw, registered, record_type),
        Content::ClassOnly => Err(DecodeError::NoSuchType(registered.name.to_owned())),
    }
}

fn array(raw: &Raw<'_>) -> Result {
    let component = component(raw)?;
    Ok(Object::Array(Box::new(Array { component, items: items(raw)? })))
}

fn component(raw: &Raw<'_>) -> Result<ClassRef> {
    let component = match raw.class() {
        RawClass::Named { name, dimensions } => {
            RawClass::Named { name, dimensions: dimensions.saturating_sub(1) }
        }
        RawClass::Null => RawClass::Null,
    };
    component.to_class().ok_or(DecodeError::NoContent)
}

fn list(raw: &Raw<'_>) -> Result {
    items(raw).map(Object::List)
}

fn set(raw: &Raw<'_>) -> Result {
    let case_insensitive = raw.bool("caseInsensitive", false)?;
    Ok(Object::Set(Set { case_insensitive, items: items(raw)? }))
}

fn foreign(raw: &Raw<'_>, type_name: &str) -> Object {
    let fields =
        raw.fields().map(|(name, payload)| (name.map(str::to_owned), payload.rest().to_vec())).collect();
    Object::Foreign(Box::new(Foreign { type_name: type_name.to_owned(), fields }))
}

fn scalar(raw: &Raw<'_>, kind: Leaf) -> Result {
    let mut content = raw.content()?;
    Ok(match kind {
        Leaf::Boolean => Object::Boolean(content.bool()?),
        Leaf::Character => Object::Character(character(raw, content)?),
        Leaf::Integer => Object::Integer(content.i32()?),
        Leaf::Long => Object::Long(content.i64()?),
        #[allow(clippy::cast_possible_truncation, reason = "a float travels widened")]
        Leaf::Float => Object::Float(content.f64()? as f32),
        Leaf::Double => Object::Double(content.f64()?),
        Leaf::Byte => Object::Byte(content.i8()?),
        Leaf::String => Object::String(text(raw, content)?),
        Leaf::Uri => Object::Uri(text(raw, content)?),
        Leaf::File => Object::File(text(raw, content)?),
        Leaf::BigInteger => Object::BigInteger(text(raw, content)?),
        Leaf::ZonedDateTime => Object::ZonedDateTime(text(raw, content)?),
        Leaf::Name => Object::Name(text(raw, content)?),
        Leaf::Bytes => Object::Bytes(content.blob(raw.limits())?.to_vec()),
        Leaf::Class => raw.class_in(content)?.to_class().map_or(Object::Null, Object::Class),
        Leaf::GuardedString => Object::GuardedString(cipher::decrypt_text(content.blob(raw.limits())?)?),
        Leaf::GuardedBytes => Object::GuardedBytes(cipher::decrypt_bytes(content.blob(raw.limits())?)?),
        Leaf::Map | Leaf::List | Leaf::Set => return Err(DecodeError::NoContent),
    })
}

fn text(raw: &Raw<'_>, mut content: Cursor<'_>) -> Result<String> {
    content.utf8(raw.limits()).map(std::borrow::Cow::into_owned)
}

/// The first UTF-16 code unit counts.
pub(crate) fn character(raw: &Raw<'_>, mut content: Cursor<'_>) -> Result<u16> {
    let text = content.utf8(raw.limits())?;
    text.encode_utf16().next().ok_or_else(|| DecodeError::refused("A Character is empty"))
}

fn items(raw: &Raw<'_>) -> Result<Vec<Object>> {
    let mut objects = Vec::new();
    for payload in raw.anonymous() {
        objects.push(raw.read_nested(payload, read)?);
    }
    Ok(objects)
}

fn map(raw: &Raw<'_>) -> Result {
    let case_insensitive = raw.bool("caseInsensitive", false)?;
    let mut entries = Vec::new();
    for payload in raw.anonymous() {
        let entry = raw.nested(payload)?;
        entry.expect("MapEntry")?;
        let mut parts = entry.anonymous();
        let key = parts.next().ok_or(DecodeError::NoContent)?;
        let value = parts.next().ok_or(DecodeError::NoContent)?;
        let key = entry.read_nested(key, read)?;
        entries.push((key, entry.read_nested(value, read)?));
    }
    Ok(Object::Map(Map { case_insensitive, entries }))
}

fn record(raw: &Raw<'_>, registered: &'static Registered, record: &'static RecordType) -> Result {
    let mut fields: Vec<Field> = Vec::with_capacity(record.fields.len());
    for field_type in record.fields {
        let payload = raw.named(field_type.name);
        fields.push(match payload {
            Some(payload) => field(raw, field_type.kind, payload)?,
            None => Field::absent(field_type.kind),
        });
    }
    let mut items = Vec::new();
    let wanted = match record.items {
        Items::None => 0,
        Items::Exactly(count) => count,
        Items::Any => usize::MAX,
    };
    for payload in raw.anonymous().take(wanted) {
        items.push(raw.read_nested(payload, read)?);
    }
    if matches!(record.items, Items::Exactly(count) if items.len() < count) {
        return Err(DecodeError::NoContent);
    }
    Ok(Record { registered, record, fields, items }.into())
}

fn field(raw: &Raw<'_>, kind: Kind, mut payload: Cursor<'_>) -> Result<Field> {
    Ok(match kind {
        Kind::Text(_) => Field::Text(Some(text(raw, payload)?)),
        Kind::I32(_) => Field::I32(payload.i32()?),
        Kind::I64(_) => Field::I64(payload.i64()?),
        Kind::Bool(_) => Field::Bool(payload.bool()?),
        Kind::Class => Field::Class(raw.class_in(payload)?.to_class()),
        Kind::Object | Kind::Constant(..) => Field::Object(raw.read_nested(payload, read)?),
    })
}
