//! From a connector's object to a resource.

use icf::{Attribute, ConnectorObject, Value, names};
use serde_json::{Map, Value as Json};

use super::to_json::{natural_json, typed_json};
use super::{ObjectType, Property};

/// The resource that an object is: `_id`, `_rev` if known, then every declared, readable property that is there.
///
/// # Errors
/// A text naming the conversion that is not possible.
pub(crate) fn object_to_json(object_type: &ObjectType, object: &ConnectorObject) -> Result<Json, String> {
    let mut members = Map::new();
    members.insert("_id".to_owned(), object.uid.value().into());
    if let Some(revision) = object.uid.revision() {
        members.insert("_rev".to_owned(), revision.into());
    }
    for property in object_type.properties.iter().filter(|property| property.readable) {
        let Some(json) = member(property, object)? else { continue };
        let left_out = object_type.absent_if_null && json.is_null()
            || object_type.absent_if_empty && json.as_array().is_some_and(Vec::is_empty);
        if !left_out {
            members.insert(property.name.clone(), json);
        }
    }
    Ok(Json::Object(members))
}

fn member(property: &Property, object: &ConnectorObject) -> Result<Option<Json>, String> {
    let native = &property.native_name;
    if native.is(names::NAME) {
        return value(property, &[Value::String(object.name.clone())]).map(Some);
    }
    if native.is(names::UID) {
        return value(property, &[Value::String(object.uid.value().to_owned())]).map(Some);
    }
    let Some(Attribute { values, .. }) = object.attribute(native.as_str()) else { return Ok(None) };
    match values {
        None => Ok(Some(Json::Null)),
        Some(values) => value(property, values).map(Some),
    }
}

fn value(property: &Property, values: &[Value]) -> Result<Json, String> {
    if property.multivalued {
        return Ok(values.iter().map(natural_json).collect());
    }
    match values {
        [] => Ok(Json::Null),
        [value] => typed_json(value, &property.json_type).map_err(|mismatch| mismatch.to_string()),
        _ => Err(format!("The {} attribute is not single value attribute.", property.native_name)),
    }
}

#[cfg(test)]
mod tests {
    use icf::{ObjectClass, Uid};
    use serde_json::json;

    use super::*;
    use crate::types::ObjectTypes;

    fn show(extra: Json, object: &ConnectorObject) -> Result<Json, String> {
        let mut json = json!({"nativeType": "T", "properties": {
            "mail": {"type": "array", "nativeType": "string", "nativeName": "email"},
            "sn": {"type": "string"},
            "name": {"type": "string", "nativeName": "__NAME__"},
            "secret": {"type": "string", "flags": ["NOT_READABLE"]},
        }});
        json.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let types = ObjectTypes::parse(&json!({"t": json})).unwrap();
        object_to_json(types.get("t").unwrap(), object)
    }

    fn object() -> ConnectorObject {
        let uid = Uid::try_new("42").unwrap().with_revision("7");
        ConnectorObject::new(ObjectClass::from("T"), uid, "jd")
    }

    #[test]
    fn only_declared_and_readable_members_are_shown() {
        let object = object()
            .with(Attribute::single("SN", "Doe"))
            .with(Attribute::single("secret", "x"))
            .with(Attribute::single("foreign", "x"))
            .with(Attribute::new("email", vec!["a@x".into()]));
        assert_eq!(
            show(json!({}), &object).unwrap(),
            json!({"_id": "42", "_rev": "7", "mail": ["a@x"], "sn": "Doe", "name": "jd"})
        );
    }

    #[test]
    fn null_and_empty_are_left_out_as_declared() {
        let object = object().with(Attribute::null("sn")).with(Attribute::new("email", vec![]));
        let shown = json!({"_id": "42", "_rev": "7", "mail": [], "name": "jd"});
        assert_eq!(show(json!({}), &object).unwrap(), shown);
        assert_eq!(
            show(json!({"absentIfNull": false, "absentIfEmpty": true}), &object).unwrap(),
            json!({"_id": "42", "_rev": "7", "sn": null, "name": "jd"})
        );
    }

    #[test]
    fn several_values_do_not_fit_a_single_property() {
        let object = object().with(Attribute::new("sn", vec!["a".into(), "b".into()]));
        assert_eq!(show(json!({}), &object).unwrap_err(), "The sn attribute is not single value attribute.");
    }
}
