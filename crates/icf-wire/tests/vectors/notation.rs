//! The notation in which vectors describe objects, compared with trees. Knows nothing of our writer.

use icf_wire::binary::{Field, Object, Record};
use serde_json::Value;

pub(crate) type Outcome = Result<(), String>;

/// Stands before four hexadecimal digits for half a surrogate pair, which a Rust string cannot hold.
const LONE: char = '\u{fdd0}';

/// JSON text whose escapes of lone surrogates are replaced by [`LONE`] and their digits.
pub(crate) fn without_lone_surrogates(json: &str) -> String {
    let unit = |at: usize| {
        let digits = json.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut out = String::with_capacity(json.len());
    let mut at = 0;
    while let Some(step) = json[at..].find('\\') {
        out.push_str(&json[at..at + step]);
        at += step;
        match (unit(at), unit(at + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => {
                out.push_str(&json[at..at + 12]);
                at += 12;
            }
            (Some(0xd800..0xe000), _) => {
                out.push_str(&format!("{LONE}{}", &json[at + 2..at + 6]));
                at += 6;
            }
            _ => {
                out.push_str(&json[at..at + 2]);
                at += 2;
            }
        }
    }
    out.push_str(&json[at..]);
    out
}

/// The UTF-16 code units of a described text.
pub(crate) fn units(text: &str) -> Vec<u16> {
    let mut units = Vec::new();
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once(LONE) {
        units.extend(head.encode_utf16());
        units.push(u16::from_str_radix(&tail[..4], 16).unwrap());
        rest = &tail[4..];
    }
    units.extend(rest.encode_utf16());
    units
}

/// A described text as it travels: half a surrogate pair becomes a question mark.
fn as_sent(text: &str) -> String {
    char::decode_utf16(units(text)).map(|c| c.unwrap_or('?')).collect()
}

fn long_text(described: &Value) -> String {
    match described["repeat"].as_array() {
        Some(repeat) => repeat[0].as_str().unwrap().repeat(repeat[1].as_u64().unwrap().try_into().unwrap()),
        None => as_sent(described.as_str().unwrap_or("(no text described)")),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn check(holds: bool, fault: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(fault()) }
}

/// Compares a tree with its description.
pub(crate) fn same(object: &Object, described: &Value) -> Outcome {
    if described.is_null() {
        return check(*object == Object::Null, || format!("null described, got {}", object.type_name()));
    }
    let type_name = described["type"].as_str().ok_or("the description has no type")?;
    check(type_name == object.type_name(), || format!("{type_name} described, got {}", object.type_name()))?;
    same_content(object, described).map_err(|fault| format!("{type_name}: {fault}"))
}

fn same_content(object: &Object, described: &Value) -> Outcome {
    let value = &described["value"];
    let wrong = || format!("{value} described, got {object:?}");
    let is_text = |text: &str| check(text == long_text(value), || "another text".to_owned());
    match object {
        Object::Null => Err("not null".to_owned()),
        Object::Boolean(actual) => check(value.as_bool() == Some(*actual), wrong),
        Object::Character(unit) => {
            let unit = format!("{unit:04x}");
            let lone = described["utf16"].as_str().is_some_and(|unit| ("d800".."e000").contains(&unit));
            check(described["utf16"] == unit || lone && unit == "003f", wrong)
        }
        Object::Integer(actual) => check(value.as_i64() == Some((*actual).into()), wrong),
        Object::Byte(actual) => check(value.as_i64() == Some((*actual).into()), wrong),
        Object::Long(actual) => check(value.as_str() == Some(&actual.to_string()), wrong),
        Object::Float(actual) => same_float(f64::from(*actual), described),
        Object::Double(actual) => same_float(*actual, described),
        Object::String(text)
        | Object::Uri(text)
        | Object::File(text)
        | Object::BigInteger(text)
        | Object::ZonedDateTime(text)
        | Object::Name(text) => is_text(text),
        Object::Bytes(bytes) => check(described["hex"] == hex(bytes), || "other bytes".to_owned()),
        Object::Class(class) => check(described["class"] == class.to_string(), wrong),
        Object::GuardedString(secret) => {
            let clear = described["clear"].as_str().unwrap_or_default();
            check(secret.units() == units(clear), || "another secret".to_owned())
        }
        Object::GuardedBytes(secret) => {
            check(described["clearHex"] == hex(secret.reveal()), || "another secret".to_owned())
        }
        Object::Map(map) => {
            same_flag(map.case_insensitive, described)?;
            let described: Vec<&Value> =
                described["entries"].as_array().ok_or("no entries described")?.iter().collect();
            check(described.len() == map.entries.len(), || "another number of entries".to_owned())?;
            map.entries.iter().zip(described).try_for_each(|((key, value), entry)| {
                same(key, &entry[0])?;
                same(value, &entry[1])
            })
        }
        Object::List(items) => same_items(items, described),
        Object::Set(set) => {
            same_flag(set.case_insensitive, described)?;
            same_items(&set.items, described)
        }
        Object::Array(array) => {
            check(described["componentType"] == array.component.to_string(), || {
                format!("another type of elements: {}", array.component)
            })?;
            same_items(&array.items, described)
        }
        Object::Record(record) => same_record(record, described),
        Object::Foreign(_) => Err("a type nobody knows".to_owned()),
    }
}

fn same_flag(case_insensitive: bool, described: &Value) -> Outcome {
    let wanted = described["caseInsensitive"].as_bool().unwrap_or_default();
    check(case_insensitive == wanted, || "another case-insensitivity".to_owned())
}

fn same_float(actual: f64, described: &Value) -> Outcome {
    let bits =
        if actual.is_nan() { "7ff8000000000000".to_owned() } else { format!("{:016x}", actual.to_bits()) };
    check(described["wire_f64_bits"] == bits, || {
        format!("{} described, got {bits}", described["wire_f64_bits"])
    })
}

fn same_items(items: &[Object], described: &Value) -> Outcome {
    let none = Vec::new();
    let described = described["items"].as_array().unwrap_or(&none);
    check(described.len() == items.len(), || {
        format!("{} items described, got {}", described.len(), items.len())
    })?;
    items.iter().zip(described).try_for_each(|(item, described)| same(item, described))
}

fn same_record(record: &Record, described: &Value) -> Outcome {
    same_items(record.items(), described)?;
    let none = serde_json::Map::new();
    let described = described["fields"].as_object().unwrap_or(&none);
    let order: Vec<&str> =
        record.fields().map(|(name, _)| name).filter(|name| described.contains_key(*name)).collect();
    let described_order: Vec<&str> = described.keys().map(String::as_str).collect();
    check(order == described_order, || format!("fields {described_order:?} described, got {order:?}"))?;
    let absent = Record::new(record.type_name()).unwrap();
    for (name, field) in record.fields() {
        match described.get(name) {
            Some(described) => same_field(field, described).map_err(|fault| format!("{name}: {fault}"))?,
            // Another release's field: the bytes do not hold it.
            None => {
                check(absent.get(name) == Some(field), || format!("{name} not described, got {field:?}"))?
            }
        }
    }
    Ok(())
}

fn same_field(field: &Field, described: &Value) -> Outcome {
    let wrong = || format!("{described} described, got {field:?}");
    match field {
        Field::Text(None) | Field::Class(None) => check(described.is_null(), wrong),
        Field::Text(Some(text)) => check(!described.is_null() && *text == long_text(described), wrong),
        Field::I32(number) => check(described.as_i64() == Some((*number).into()), wrong),
        Field::I64(number) => {
            let text = number.to_string();
            check(described.as_str() == Some(&text) || described.as_i64() == Some(*number), wrong)
        }
        Field::Bool(value) => check(described.as_bool() == Some(*value), wrong),
        Field::Class(Some(class)) => check(described["class"] == class.to_string(), wrong),
        Field::Object(object) => same(object, described),
    }
}
