//! From a member of a resource to an ICF attribute.

use icf::{Attribute, Value};
use serde_json::Value as Json;

use super::Property;
use super::to_icf::{Mismatch, coerce};

/// A member that cannot become its attribute.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Failed build {property} attribute.")]
pub(crate) struct AttributeError {
    property: String,
    #[source]
    source: Option<Mismatch>,
}

/// Turns a member into an attribute. `None` if there is nothing to send: a password that is null.
pub(crate) fn build_attribute(property: &Property, json: &Json) -> Result<Option<Attribute>, AttributeError> {
    let fail = |source| AttributeError { property: property.name.clone(), source };
    let one = |json: &Json| match json {
        Json::Null => Ok(Value::Null),
        json => coerce(json, &property.value_type).map_err(|mismatch| fail(Some(mismatch))),
    };
    if json.is_null() {
        let left_out = property.is_password();
        return Ok((!left_out).then(|| Attribute::null(property.native_name.clone())));
    }
    let values = match json {
        Json::Array(items) if property.multivalued => items.iter().map(one).collect::<Result<_, _>>()?,
        Json::Array(items) => match items.as_slice() {
            [] => vec![Value::Null],
            [item] => vec![one(item)?],
            _ => return Err(fail(None)),
        },
        lone => vec![one(lone)?],
    };
    if property.is_name() && !matches!(values.as_slice(), [Value::String(_)]) {
        return Err(fail(None));
    }
    Ok(Some(Attribute::new(property.native_name.clone(), values)))
}

/// Turns a value of a query into an attribute of one value.
pub(crate) fn coerce_single(property: &Property, json: &Json) -> Result<Attribute, Mismatch> {
    let value = coerce(json, &property.value_type)?;
    Ok(Attribute::new(property.native_name.clone(), vec![value]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::ObjectTypes;

    fn build(member: &str, json: Json) -> Result<Option<Attribute>, AttributeError> {
        let types = ObjectTypes::parse(&json!({"t": {"nativeType": "T", "properties": {
            "name": {"type": "string", "nativeName": "__NAME__"},
            "sn": {"type": "string"},
            "mail": {"type": "array", "items": {"type": "string"}, "nativeType": "string"},
            "password": {"type": "string", "nativeName": "__PASSWORD__", "nativeType": "JAVA_TYPE_GUARDEDSTRING"},
        }}}))
        .unwrap();
        build_attribute(types.get("t").unwrap().property(member).unwrap(), &json)
    }

    #[test]
    fn shapes_follow_the_declaration() {
        let values = |member, json| build(member, json).unwrap().unwrap().values;
        assert_eq!(values("mail", json!(["a", null])), Some(vec!["a".into(), Value::Null]));
        assert_eq!(values("mail", json!("a")), Some(vec!["a".into()]));
        assert_eq!(values("mail", json!([])), Some(vec![]));
        assert_eq!(values("sn", json!(["a"])), Some(vec!["a".into()]));
        assert_eq!(values("sn", json!([])), Some(vec![Value::Null]));
        assert_eq!(values("sn", Json::Null), None);
        assert_eq!(build("password", Json::Null), Ok(None));
    }

    #[test]
    fn what_does_not_fit_names_the_property() {
        for (member, json) in [("sn", json!(["a", "b"])), ("sn", json!({})), ("name", json!([]))] {
            let error = build(member, json).unwrap_err().to_string();
            assert_eq!(error, format!("Failed build {member} attribute."));
        }
    }
}
