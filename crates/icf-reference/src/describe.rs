//! One text for each value, equal in Rust and in Java.

use std::fmt::Write as _;

use icf::{Attribute, AttributeSet, Filter, OperationOptions, Uid, Value, ValueMap};

/// The description of a value; the README lays down its form. It reveals secrets: they are a test's own.
#[must_use]
pub fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) | Value::ZonedDateTime(text) => quoted(text),
        Value::Character(c) => format!("char {}", quoted(&c.to_string())),
        Value::Integer(n) => format!("int {n}"),
        Value::Long(n) => format!("long {n}"),
        Value::Byte(n) => format!("byte {n}"),
        Value::Float(n) => format!("float {:08x}", if n.is_nan() { 0x7fc0_0000 } else { n.to_bits() }),
        Value::Double(n) => {
            format!("double {:016x}", if n.is_nan() { 0x7ff8_0000_0000_0000 } else { n.to_bits() })
        }
        Value::Boolean(flag) => flag.to_string(),
        Value::Bytes(bytes) => format!("bytes {}", hex(bytes)),
        Value::BigInteger(n) => format!("bigInteger {n}"),
        Value::BigDecimal(n) => format!("bigDecimal {} scale {}", n.unscaled, n.scale),
        Value::GuardedString(secret) => format!("secret {}", quoted(&secret.reveal())),
        Value::GuardedBytes(secret) => format!("secretBytes {}", hex(secret.reveal())),
        Value::Map(map) => describe_map(map),
        Value::List(items) => list(items),
        Value::Set(set) => format!("set [{}]", sorted(set.items.iter().map(describe))),
        Value::Array(array) => format!("array of {} {}", array.component, list(&array.items)),
        Value::Uri(text) => format!("uri {}", quoted(text)),
        Value::File(text) => format!("file {}", quoted(text)),
        Value::Locale(locale) => format!("locale {}", quoted(&locale.to_string())),
        Value::Script(script) => format!("script {} {}", script.language, quoted(&script.text)),
        Value::ObjectClass(class) => format!("class {}", quoted(class.as_str())),
        Value::Uid(uid) => describe_uid(uid),
        Value::QualifiedUid(uid) => {
            format!("qualified class {} {}", quoted(uid.object_class.as_str()), describe_uid(&uid.uid))
        }
        Value::SortKey(key) => {
            let order = if key.ascending { "ascending" } else { "descending" };
            format!("sort {} {order}", quoted(&key.field))
        }
    }
}

pub(crate) fn describe_uid(uid: &Uid) -> String {
    match uid.revision() {
        None => format!("uid {}", quoted(uid.value())),
        Some(revision) => format!("uid {} revision {}", quoted(uid.value()), quoted(revision)),
    }
}

pub(crate) fn describe_attribute(attribute: &Attribute) -> String {
    let values = attribute.values.as_ref().map_or_else(|| "null".to_owned(), |values| list(values));
    format!("{}={values}", attribute.name)
}

pub(crate) fn describe_attributes(attributes: &AttributeSet) -> String {
    format!("{{{}}}", sorted(attributes.iter().map(describe_attribute)))
}

pub(crate) fn describe_options(options: &OperationOptions) -> String {
    describe_map(&options.options)
}

pub(crate) fn describe_filter(filter: Option<&Filter>) -> String {
    let Some(filter) = filter else { return "null".to_owned() };
    let two = |left, right| format!("{}, {}", describe_filter(Some(left)), describe_filter(Some(right)));
    let (kind, operands) = match filter {
        Filter::And(left, right) => ("and", two(left, right)),
        Filter::Or(left, right) => ("or", two(left, right)),
        Filter::Not(inner) => ("not", describe_filter(Some(inner))),
        Filter::Equals(attribute) => ("equals", describe_attribute(attribute)),
        Filter::Contains(attribute) => ("contains", describe_attribute(attribute)),
        Filter::StartsWith(attribute) => ("startsWith", describe_attribute(attribute)),
        Filter::EndsWith(attribute) => ("endsWith", describe_attribute(attribute)),
        Filter::GreaterThan(attribute) => ("greaterThan", describe_attribute(attribute)),
        Filter::GreaterThanOrEqual(attribute) => ("greaterThanOrEqual", describe_attribute(attribute)),
        Filter::LessThan(attribute) => ("lessThan", describe_attribute(attribute)),
        Filter::LessThanOrEqual(attribute) => ("lessThanOrEqual", describe_attribute(attribute)),
        Filter::ContainsAllValues(attribute) => ("containsAllValues", describe_attribute(attribute)),
        Filter::EqualsIgnoreCase(attribute) => ("equalsIgnoreCase", describe_attribute(attribute)),
        Filter::Presence(name) => ("presence", name.to_string()),
        Filter::ExtendedMatch { operator, attribute } => {
            ("extended", format!("{operator}, {}", describe_attribute(attribute)))
        }
    };
    format!("{kind}({operands})")
}

fn describe_map(map: &ValueMap) -> String {
    let entries = sorted(map.iter().map(|(key, value)| format!("{}: {}", describe(key), describe(value))));
    let any_case = if map.case_insensitive { "anycase " } else { "" };
    format!("{any_case}{{{entries}}}")
}

fn list(items: &[Value]) -> String {
    format!("[{}]", items.iter().map(describe).collect::<Vec<_>>().join(", "))
}

fn sorted(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    items.sort_by(|left, right| left.encode_utf16().cmp(right.encode_utf16()));
    items.join(", ")
}

pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
