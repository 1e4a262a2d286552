//! JSON and ICF values. Depth is bounded: what is nested more than 128 deep is refused, not followed.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use icf::{ConnectorError, Value, ValueMap};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

/// Text that is not the JSON it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoJson(String);

impl From<serde_json::Error> for NoJson {
    fn from(error: serde_json::Error) -> Self {
        // The parser's own text may quote the value.
        let what = match error.classify() {
            serde_json::error::Category::Eof => "it ends too early",
            serde_json::error::Category::Data => "another kind of value is expected",
            serde_json::error::Category::Io | serde_json::error::Category::Syntax => {
                "it is not JSON, or nested too deep"
            }
        };
        Self(format!("{what} (line {}, column {})", error.line(), error.column()))
    }
}

/// Reads a whole text.
///
/// # Errors
/// Text that is not JSON, or nested more than 128 deep.
pub fn parse(text: &[u8]) -> Result<Json, NoJson> {
    Ok(serde_json::from_slice(text)?)
}

/// The members of an object, not yet parsed; they borrow from the text.
#[derive(Debug)]
pub struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads the outline of an object.
    ///
    /// # Errors
    /// Text that is not an object.
    pub fn parse(text: &'a [u8]) -> Result<Self, NoJson> {
        Ok(serde_json::from_slice(text)?)
    }

    /// The member of that name, compared without case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// The names, in order.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_ref())
    }

    /// The member of that name as a value.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Json> {
        serde_json::from_str(self.get(name)?.get()).ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Outline;
        impl<'de> Visitor<'de> for Outline {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    members.push((key, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Outline)
    }
}

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// A list in a text, looked through once: a bare array, or the array in one member of an object. Its elements are not yet
/// parsed; it is known where they stand.
#[derive(Debug)]
pub struct Listing<'a> {
    others: Members<'a>,
    elements: Option<Vec<&'a RawValue>>,
    start: usize,
}

impl<'a> Listing<'a> {
    /// Reads the outline of a text; `name` is that of the member which holds the list, compared without case.
    ///
    /// # Errors
    /// Text that is neither array nor object, or a member of that name that is neither array nor null.
    pub fn parse(text: &'a [u8], name: &str) -> Result<Self, NoJson> {
        let start = text.as_ptr().addr();
        if text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
            let elements = Some(serde_json::from_slice(text)?);
            return Ok(Self { others: Members(Vec::new()), elements, start });
        }
        let mut reader = serde_json::Deserializer::from_slice(text);
        let (others, elements) = reader.deserialize_map(ListOutline(name))?;
        reader.end()?;
        Ok(Self { others, elements, start })
    }

    /// Another member of the object as a value.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Json> {
        self.others.value(name)
    }

    /// Whether there is a list; null is an empty one.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        self.elements.is_some()
    }

    /// Where the elements stand in the text that was read.
    #[must_use]
    pub fn into_places(self) -> Vec<Range<usize>> {
        let place = |raw: &RawValue| {
            // They are slices of the text.
            let start = raw.get().as_ptr().addr() - self.start;
            start..start + raw.get().len()
        };
        self.elements.unwrap_or_default().into_iter().map(place).collect()
    }
}

struct ListOutline<'n>(&'n str);

impl<'de> Visitor<'de> for ListOutline<'_> {
    type Value = (Members<'de>, Option<Vec<&'de RawValue>>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut others, mut elements) = (Vec::new(), None);
        while let Some(Key(key)) = map.next_key()? {
            if key.eq_ignore_ascii_case(self.0) {
                elements = Some(map.next_value::<Option<Vec<_>>>()?.unwrap_or_default());
            } else {
                others.push((key, map.next_value()?));
            }
        }
        Ok((Members(others), elements))
    }
}

/// The member of an object, its name compared without case.
#[must_use]
pub fn member<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// JSON as an ICF value: integers are `Long`, other numbers `Double`, objects `Map`, arrays `List`.
#[must_use]
pub fn to_value(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => truth.into(),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => integer.into(),
            None => number.as_f64().map_or_else(|| number.to_string().into(), Value::from),
        },
        Json::String(text) => text.into(),
        // A list in a list cannot be an attribute's value; its text can.
        Json::Array(items) => Value::List(
            items
                .into_iter()
                .map(|item| if item.is_array() { item.to_string().into() } else { to_value(item) })
                .collect(),
        ),
        Json::Object(members) => {
            let entries = members.into_iter().map(|(key, value)| (key.into(), to_value(value))).collect();
            Value::Map(ValueMap { case_insensitive: false, entries })
        }
    }
}

/// An ICF value as JSON. A guarded text is revealed: what it goes into is on its way to the service.
///
/// # Errors
/// `InvalidAttributeValueException` for a type that JSON has no form for.
pub fn from_value(value: &Value) -> Result<Json, ConnectorError> {
    Ok(match value {
        Value::Null => Json::Null,
        Value::String(text) | Value::ZonedDateTime(text) | Value::Uri(text) => text.as_str().into(),
        Value::Character(c) => c.to_string().into(),
        Value::Integer(number) => (*number).into(),
        Value::Long(number) => (*number).into(),
        Value::Byte(number) => (*number).into(),
        Value::Float(number) => f64::from(*number).into(),
        Value::Double(number) => (*number).into(),
        Value::Boolean(truth) => (*truth).into(),
        Value::BigInteger(number) => match number.to_string().parse::<serde_json::Number>() {
            Ok(number) => Json::Number(number),
            Err(_) => number.to_string().into(),
        },
        Value::GuardedString(secret) => secret.reveal().as_str().into(),
        Value::Bytes(bytes) => {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD.encode(bytes).into()
        }
        Value::List(items) => items.iter().map(from_value).collect::<Result<Vec<_>, _>>()?.into(),
        Value::Set(set) => set.items.iter().map(from_value).collect::<Result<Vec<_>, _>>()?.into(),
        Value::Array(array) => array.items.iter().map(from_value).collect::<Result<Vec<_>, _>>()?.into(),
        Value::Map(map) => {
            let mut members = Map::new();
            for (key, item) in map.iter() {
                let key = key.as_str().ok_or_else(|| unsuited(value))?;
                members.insert(key.to_owned(), from_value(item)?);
            }
            Json::Object(members)
        }
        other => return Err(unsuited(other)),
    })
}

fn unsuited(value: &Value) -> ConnectorError {
    ConnectorError::invalid_attribute_value(format!(
        "A value of type {} cannot be sent as JSON; use texts, numbers, truth values, lists and maps with text keys.",
        value.type_name()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_without_case_and_borrowed() {
        let text = br#"{"totalResults":2,"x\u0041":null}"#;
        let members = Members::parse(text).unwrap();
        assert_eq!(members.value("TotalResults"), Some(2.into()));
        assert!(members.get("xa").is_some());
        assert!(Members::parse(b"[]").is_err() && Members::parse(b"{").is_err());
    }

    #[test]
    fn a_list_is_found_bare_and_in_its_member() {
        let listed = |text: &str| {
            let list = Listing::parse(text.as_bytes(), "Resources").ok()?;
            let places = list.into_places().into_iter();
            Some(places.map(|place| text[place].to_owned()).collect::<Vec<_>>())
        };
        let both = Some(vec![r#"{"a":1}"#.to_owned(), r#"{"b":[2]}"#.to_owned()]);
        assert_eq!(listed(r#"{"totalResults":2,"RESOURCES":[ {"a":1} ,{"b":[2]}],"x":{}} "#), both);
        assert_eq!(listed(" [ {\"a\":1},{\"b\":[2]}]"), both);
        assert_eq!(listed(r#"{"Resources":null}"#), Some(Vec::new()));
        assert_eq!(listed("{}"), Some(Vec::new()));
        for broken in ["", "1", r#"{"Resources":{}}"#, r#"{"Resources":[1}"#, "{} x", "[] x"] {
            assert_eq!(listed(broken), None, "{broken}");
        }
        let list = Listing::parse(br#"{"count":3,"Resources":[1]}"#, "resources").unwrap();
        assert_eq!((list.value("Count"), list.is_there()), (Some(3.into()), true));
    }

    #[test]
    fn deep_nesting_is_refused_without_a_deep_stack() {
        let deep = "[".repeat(1_000_000);
        assert!(parse(deep.as_bytes()).is_err());
        let closed = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(parse(closed.as_bytes()).is_err());
        let member = format!(r#"{{"a":{closed}}}"#);
        assert!(Members::parse(member.as_bytes()).is_ok_and(|members| members.value("a").is_none()));
    }

    #[test]
    fn messages_do_not_quote() {
        let error = parse(br#"{"password":s3cret}"#).unwrap_err();
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }

    #[test]
    fn numbers_keep_their_kind() {
        assert_eq!(to_value(parse(b"5").unwrap()), Value::Long(5));
        assert_eq!(to_value(parse(b"5.5").unwrap()), Value::Double(5.5));
        assert_eq!(to_value(parse(b"[[1]]").unwrap()), Value::List(vec!["[1]".into()]));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_end_in_an_answer(bytes: Vec<u8>) {
            let _ = parse(&bytes);
            if let Ok(members) = Members::parse(&bytes) {
                let _ = members.value("a");
            }
        }
    }
}
