//! From ICF values to JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use icf::{BigInteger, Value};
use serde_json::{Map, Number, Value as Json, json};

use super::java_name;
use super::number::plain;
use super::to_icf::{Mismatch, as_whole};

/// The JSON form a value has by itself.
pub(crate) fn natural_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::String(text) | Value::Uri(text) | Value::File(text) | Value::ZonedDateTime(text) => {
            Json::String(text.clone())
        }
        Value::Character(c) => Json::String(c.to_string()),
        Value::Integer(number) => (*number).into(),
        Value::Long(number) => (*number).into(),
        Value::Byte(number) => (*number).into(),
        Value::Float(_) | Value::Double(_) | Value::BigInteger(_) | Value::BigDecimal(_) => {
            number_json(value).unwrap_or_else(|| Json::String(text(value)))
        }
        Value::Boolean(boolean) => Json::Bool(*boolean),
        Value::Bytes(bytes) => Json::String(STANDARD.encode(bytes)),
        Value::GuardedString(_) | Value::GuardedBytes(_) => Json::String(text(value)),
        Value::Map(map) => {
            let members = map.iter().map(|(key, value)| (text(key), natural_json(value)));
            Json::Object(members.collect())
        }
        Value::List(items) => items.iter().map(natural_json).collect(),
        Value::Set(set) => set.items.iter().map(natural_json).collect(),
        Value::Array(array) => array.items.iter().map(natural_json).collect(),
        Value::Script(script) => json!({"scriptLanguage": script.language, "scriptText": script.text}),
        Value::QualifiedUid(uid) => {
            json!({"_id": uid.uid.value(), "_type": uid.object_class.as_str()})
        }
        Value::Uid(uid) => Json::String(uid.value().to_owned()),
        Value::ObjectClass(class) => Json::String(class.as_str().to_owned()),
        Value::Locale(locale) => Json::String(locale.to_string()),
        Value::SortKey(key) => {
            Json::String(format!("{}{}", if key.ascending { "+" } else { "-" }, key.field))
        }
    }
}

/// The JSON form of a single value whose property declares a JSON type; unknown types get the natural form.
pub(crate) fn typed_json(value: &Value, json_type: &str) -> Result<Json, Mismatch> {
    let converted = match (json_type, value) {
        (_, Value::Null) => Some(Json::Null),
        ("string", Value::Map(_) | Value::List(_) | Value::Set(_) | Value::Array(_)) => None,
        ("string", value) => Some(Json::String(text(value))),
        ("integer", value) => integer(value).and_then(|number| i32::try_from(number).ok()).map(Json::from),
        ("number", Value::String(text)) => decimal_json(text),
        ("number", value) => number_json(value),
        ("boolean", Value::Boolean(boolean)) => Some(Json::Bool(*boolean)),
        ("boolean", Value::String(text)) if text.eq_ignore_ascii_case("true") => Some(Json::Bool(true)),
        ("boolean", Value::String(text)) if text.eq_ignore_ascii_case("false") => Some(Json::Bool(false)),
        ("object", Value::Map(_)) => Some(natural_json(value)),
        ("boolean" | "object", _) => None,
        (_, value) => Some(natural_json(value)),
    };
    converted
        .ok_or_else(|| Mismatch { from: java_name::of_value(value), to: wanted_class(json_type).to_owned() })
}

fn wanted_class(json_type: &str) -> &'static str {
    match json_type {
        "integer" => "java.lang.Integer",
        "number" => "java.lang.Number",
        "boolean" => "java.lang.Boolean",
        "object" => "java.util.Map",
        _ => "java.lang.String",
    }
}

/// A value as text; secrets in clear, as the real product shows them where a provisioner file says so.
fn text(value: &Value) -> String {
    match value {
        Value::BigInteger(number) => number.to_string(),
        Value::BigDecimal(number) => plain(number),
        Value::Float(number) => float_text(f64::from(*number), number.to_string()),
        Value::Double(number) => float_text(*number, number.to_string()),
        Value::GuardedString(secret) => secret.reveal().to_string(),
        Value::GuardedBytes(secret) => String::from_utf8_lossy(secret.reveal()).into_owned(),
        other => match natural_json(other) {
            Json::String(text) => text,
            json => json.to_string(),
        },
    }
}

/// Java writes a point into every floating point number.
fn float_text(number: f64, written: String) -> String {
    if number.is_finite() && number.fract() == 0.0 { format!("{written}.0") } else { written }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(i64::from(*number)),
        Value::Long(number) => Some(*number),
        Value::Byte(number) => Some(i64::from(*number)),
        Value::Boolean(boolean) => Some(i64::from(*boolean)),
        Value::String(text) => text.parse().ok(),
        Value::BigInteger(number) => i64::try_from(number.as_ref()).ok(),
        Value::BigDecimal(number) => i64::try_from(as_whole(number)?).ok(),
        Value::Double(_) | Value::Float(_) => number_json(value)?.as_f64().and_then(whole_double),
        _ => None,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the range is checked")]
fn whole_double(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

/// A JSON number, as far as the JSON library can hold it without loss; larger ones become text at the caller.
fn number_json(value: &Value) -> Option<Json> {
    match value {
        Value::Integer(number) => Some((*number).into()),
        Value::Long(number) => Some((*number).into()),
        Value::Byte(number) => Some((*number).into()),
        // Through its text: 0.1 as a Float is 0.1, not 0.10000000149.
        Value::Float(number) => decimal_json(&number.to_string()),
        Value::Double(number) => Number::from_f64(*number).map(Json::Number),
        Value::BigInteger(number) => big_json(number),
        Value::BigDecimal(number) => match as_whole(number) {
            Some(whole) if number.scale <= 0 => big_json(&whole),
            _ => decimal_json(&plain(number)),
        },
        _ => None,
    }
}

fn big_json(number: &BigInteger) -> Option<Json> {
    i64::try_from(number).map(Json::from).or_else(|_| u64::try_from(number).map(Json::from)).ok()
}

fn decimal_json(text: &str) -> Option<Json> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number.into());
    }
    text.parse::<f64>().ok().and_then(Number::from_f64).map(Json::Number)
}

/// Members of an object from pairs, in order.
pub(super) fn members<const N: usize>(pairs: [(&str, Json); N]) -> Map<String, Json> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use icf::{BigDecimal, GuardedString, ObjectClass, QualifiedUid, Uid, ValueMap};

    use super::*;

    #[test]
    fn natural_forms() {
        assert_eq!(natural_json(&vec![0_u8, 1].into()), json!("AAE="));
        assert_eq!(natural_json(&0.1_f32.into()), json!(0.1));
        let map = ValueMap::default().with("a", Value::List(vec![1.into(), Value::Null]));
        assert_eq!(natural_json(&map.into()), json!({"a": [1, null]}));
        let uid = Uid::try_new("1").unwrap();
        let qualified = QualifiedUid { object_class: ObjectClass::GROUP, uid };
        assert_eq!(
            natural_json(&Value::QualifiedUid(Box::new(qualified))),
            json!({"_id": "1", "_type": "__GROUP__"})
        );
        let huge: BigInteger = "99999999999999999999999".parse().unwrap();
        assert_eq!(natural_json(&huge.into()), json!("99999999999999999999999"));
    }

    #[test]
    fn declared_types_convert() {
        let typed = |value: Value, json_type| typed_json(&value, json_type).unwrap();
        assert_eq!(typed(5.into(), "string"), json!("5"));
        assert_eq!(typed(1.0.into(), "string"), json!("1.0"));
        assert_eq!(typed('x'.into(), "string"), json!("x"));
        assert_eq!(typed(GuardedString::new("p").into(), "string"), json!("p"));
        assert_eq!(typed("7".into(), "integer"), json!(7));
        assert_eq!(typed(true.into(), "integer"), json!(1));
        assert_eq!(typed(5_i64.into(), "integer"), json!(5));
        assert_eq!(typed(BigDecimal { unscaled: 25.into(), scale: 1 }.into(), "number"), json!(2.5));
        assert_eq!(typed(Value::Null, "object"), Json::Null);
    }

    #[test]
    fn impossible_conversions_are_named() {
        let fails = |value: Value, json_type| typed_json(&value, json_type).unwrap_err().to_string();
        assert_eq!(fails("x".into(), "object"), "java.lang.String to java.util.Map");
        assert_eq!(fails(3_000_000_000_i64.into(), "integer"), "java.lang.Long to java.lang.Integer");
        assert_eq!(fails(ValueMap::default().into(), "string"), "java.util.Map to java.lang.String");
        assert_eq!(fails(5.into(), "boolean"), "java.lang.Integer to java.lang.Boolean");
    }
}
