//! From one JSON value to one ICF value.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use icf::{BigDecimal, BigInteger, GuardedBytes, GuardedString, Script, Value, ValueMap, ValueType};
use num_bigint::ToBigInt;
use serde_json::{Map, Number, Value as Json};

use super::java_name;
use super::number::{big_decimal, big_integer, integer_part};

/// A value that cannot be what is wanted; the text is the one that callers of the real product see.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{from} to {to}")]
pub(crate) struct Mismatch {
    /// Java class of what is there.
    pub(crate) from: String,
    /// Java class of what is wanted.
    pub(crate) to: String,
}

/// Turns a JSON value that is not null into a value of that type.
pub(crate) fn coerce(json: &Json, wanted: &ValueType) -> Result<Value, Mismatch> {
    let value = match wanted.boxed() {
        ValueType::String => text(json).map(Value::String),
        ValueType::Uri => json.as_str().map(|text| Value::Uri(text.to_owned())),
        ValueType::File => json.as_str().map(|text| Value::File(text.to_owned())),
        ValueType::Boolean => boolean(json).map(Value::Boolean),
        ValueType::Integer => integer(json).map(Value::Integer),
        ValueType::Long => long(json).map(Value::Long),
        ValueType::Byte => whole(json).and_then(|n| i8::try_from(n).ok()).map(Value::Byte),
        ValueType::Double => double(json).map(Value::Double),
        #[allow(clippy::cast_possible_truncation, reason = "a Float holds what a Float can hold")]
        ValueType::Float => double(json).map(|number| Value::Float(number as f32)),
        ValueType::BigInteger => whole(json).map(|number| Value::BigInteger(Box::new(number))),
        ValueType::BigDecimal => decimal(json).map(|number| Value::BigDecimal(Box::new(number))),
        ValueType::Character => json.as_str().and_then(|text| text.chars().next()).map(Value::Character),
        ValueType::Bytes => json.as_str().and_then(|text| STANDARD.decode(text).ok()).map(Value::Bytes),
        ValueType::GuardedString => json.as_str().map(|text| Value::GuardedString(GuardedString::new(text))),
        ValueType::GuardedBytes => {
            json.as_str().map(|text| Value::GuardedBytes(GuardedBytes::new(text.as_bytes().to_vec().into())))
        }
        ValueType::Map => json.as_object().map(|members| Value::Map(map(members))),
        ValueType::Script => script(json),
        ValueType::Object => Some(natural_value(json)),
        ValueType::Array(component) => array(json, &component),
        _ => None,
    };
    value
        .ok_or_else(|| Mismatch { from: java_name::of_json(json).to_owned(), to: java_name::of_type(wanted) })
}

/// The value that a JSON value is by itself: integers as small as they fit, other numbers Double.
pub(crate) fn natural_value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(boolean) => Value::Boolean(*boolean),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(natural_value).collect()),
        Json::Object(members) => Value::Map(map(members)),
        Json::Number(number) => natural_number(number),
    }
}

fn natural_number(number: &Number) -> Value {
    if let Some(number) = number.as_i64() {
        return i32::try_from(number).map_or(Value::Long(number), Value::Integer);
    }
    match number.as_u64() {
        Some(number) => Value::BigInteger(Box::new(BigInteger::from(number))),
        None => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
    }
}

fn map(members: &Map<String, Json>) -> ValueMap {
    let entries = members.iter().map(|(name, value)| (name.as_str().into(), natural_value(value))).collect();
    ValueMap { case_insensitive: false, entries }
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(boolean) => Some(boolean.to_string()),
        _ => None,
    }
}

fn boolean(json: &Json) -> Option<bool> {
    match json {
        Json::Bool(boolean) => Some(*boolean),
        Json::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Json::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Json::Number(number) => match number.as_i64()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        _ => None,
    }
}

fn integer(json: &Json) -> Option<i32> {
    match json {
        Json::Bool(boolean) => Some(i32::from(*boolean)),
        other => whole(other).and_then(|number| i32::try_from(number).ok()),
    }
}

fn long(json: &Json) -> Option<i64> {
    whole(json).and_then(|number| i64::try_from(number).ok())
}

/// An integer of any size; a floating point number counts if it has no fraction.
fn whole(json: &Json) -> Option<BigInteger> {
    match json {
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Some(number.into()),
            (_, Some(number)) => Some(number.into()),
            _ => number.as_f64().filter(|number| number.fract() == 0.0).and_then(|number| number.to_bigint()),
        },
        Json::String(text) => big_integer(text),
        _ => None,
    }
}

fn double(json: &Json) -> Option<f64> {
    match json {
        Json::Number(number) => number.as_f64(),
        Json::String(text) if big_decimal(text).is_some() => text.parse().ok(),
        _ => None,
    }
}

fn decimal(json: &Json) -> Option<BigDecimal> {
    match json {
        Json::Number(number) => big_decimal(&number.to_string()),
        Json::String(text) => big_decimal(text),
        _ => None,
    }
}

fn script(json: &Json) -> Option<Value> {
    let member = |name| json.get(name).and_then(Json::as_str);
    let script = match json {
        Json::String(text) => Script::try_new("groovy", text.as_str()),
        _ => Script::try_new(member("scriptLanguage")?, member("scriptText")?),
    };
    script.ok().map(|script| Value::Script(Box::new(script)))
}

/// Arrays of characters come from one string, other arrays from a list; a lone value is a list of one.
fn array(json: &Json, component: &ValueType) -> Option<Value> {
    let items: Vec<Value> = match json {
        Json::String(text) if component.boxed() == ValueType::Character => {
            text.chars().map(Value::Character).collect()
        }
        Json::Array(items) => items
            .iter()
            .map(|item| if item.is_null() { Ok(Value::Null) } else { coerce(item, component) })
            .collect::<Result<_, _>>()
            .ok()?,
        lone => vec![coerce(lone, component).ok()?],
    };
    Some(Value::Array(Box::new(icf::ValueArray { component: component.clone(), items })))
}

/// Whether a decimal number is whole, for results.
pub(super) fn as_whole(number: &BigDecimal) -> Option<BigInteger> {
    integer_part(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ok(json: Json, wanted: ValueType) -> Value {
        coerce(&json, &wanted).unwrap()
    }

    fn fails(json: Json, wanted: ValueType) -> String {
        coerce(&json, &wanted).unwrap_err().to_string()
    }

    #[test]
    fn texts_numbers_and_truth_values() {
        assert_eq!(ok(json!(5), ValueType::String), "5".into());
        assert_eq!(ok(json!(true), ValueType::String), "true".into());
        assert_eq!(ok(json!("TRUE"), ValueType::Boolean), true.into());
        assert_eq!(ok(json!(0), ValueType::PrimitiveBoolean), false.into());
        assert_eq!(ok(json!("7"), ValueType::Integer), 7.into());
        assert_eq!(ok(json!(5.0), ValueType::PrimitiveInteger), 5.into());
        assert_eq!(ok(json!(true), ValueType::Integer), 1.into());
        assert_eq!(ok(json!(2_147_483_648_i64), ValueType::Long), 2_147_483_648_i64.into());
        assert_eq!(ok(json!(3), ValueType::Double), 3.0.into());
        assert_eq!(ok(json!("2.5"), ValueType::Float), 2.5_f32.into());
        assert_eq!(ok(json!("-8"), ValueType::Byte), (-8_i8).into());
        assert_eq!(ok(json!("xyz"), ValueType::PrimitiveCharacter), 'x'.into());
        let big = BigDecimal { unscaled: 150.into(), scale: 2 };
        assert_eq!(ok(json!("1.50"), ValueType::BigDecimal), big.into());
    }

    #[test]
    fn bytes_secrets_and_maps() {
        assert_eq!(ok(json!("AAE="), ValueType::Bytes), vec![0_u8, 1].into());
        assert_eq!(ok(json!("p"), ValueType::GuardedString), GuardedString::new("p").into());
        let nested = json!({"a": 1, "b": 3_000_000_000_i64, "c": 1.5, "d": [null, "x"], "e": u64::MAX});
        let Value::Map(map) = ok(nested, ValueType::Map) else { panic!("not a map") };
        assert_eq!(map.get("a"), Some(&1.into()));
        assert_eq!(map.get("b"), Some(&3_000_000_000_i64.into()));
        assert_eq!(map.get("c"), Some(&1.5.into()));
        assert_eq!(map.get("d"), Some(&Value::List(vec![Value::Null, "x".into()])));
        assert_eq!(map.get("e"), Some(&BigInteger::from(u64::MAX).into()));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        assert_eq!(fails(json!("x"), ValueType::Map), "java.lang.String to java.util.Map");
        assert_eq!(fails(json!("abc"), ValueType::Integer), "java.lang.String to java.lang.Integer");
        assert_eq!(
            fails(json!(2_147_483_648_i64), ValueType::Integer),
            "java.lang.Long to java.lang.Integer"
        );
        assert_eq!(fails(json!(5.5), ValueType::Integer), "java.lang.Double to java.lang.Integer");
        assert_eq!(fails(json!(2), ValueType::Boolean), "java.lang.Integer to java.lang.Boolean");
        assert_eq!(fails(json!("%"), ValueType::Bytes), "java.lang.String to [B");
    }

    #[test]
    fn arrays_of_configuration_properties() {
        let array = |component: ValueType| ValueType::Array(Box::new(component));
        let texts =
            |items: &[&str]| Value::Array(Box::new(icf::ValueArray::of_strings(items.iter().copied())));
        assert_eq!(ok(json!(["a", "b"]), array(ValueType::String)), texts(&["a", "b"]));
        assert_eq!(ok(json!("a"), array(ValueType::String)), texts(&["a"]));
        let chars =
            icf::ValueArray { component: ValueType::PrimitiveCharacter, items: vec!['h'.into(), 'i'.into()] };
        assert_eq!(ok(json!("hi"), array(ValueType::PrimitiveCharacter)), Value::Array(Box::new(chars)));
    }
}
