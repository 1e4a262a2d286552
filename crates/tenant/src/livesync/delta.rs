//! Changes and tokens as JSON.

use icf::{SyncDelta, SyncDeltaType, SyncToken, Value};
use serde_json::{Map, Value as Json, json};

use crate::types::{
    ObjectType, ObjectTypes, coerce, native_name_of, native_type, natural_json, natural_value, object_to_json,
};

/// A token with the name of its type.
pub(super) fn token_to_json(token: &SyncToken) -> Json {
    let value = token.value();
    let native = value.value_type().map(|value_type| native_name_of(&value_type).1);
    json!({"nativeType": native, "syncToken": natural_json(value)})
}

/// The token of a stored position, in its own type again.
pub(super) fn token_from_json(data: &Json) -> Result<Option<SyncToken>, String> {
    let value = match data.get("syncToken") {
        None | Some(Json::Null) => return Ok(None),
        Some(value) => value,
    };
    let native = data.get("nativeType").and_then(Json::as_str).and_then(|name| native_type(name).ok());
    let value: Value = match native {
        Some(value_type) => coerce(value, &value_type).map_err(|mismatch| mismatch.to_string())?,
        None => natural_value(value),
    };
    SyncToken::try_new(value).map(Some).map_err(|error| error.to_string())
}

/// What the sink is told of a change.
pub(super) fn notification(
    system: &str,
    source: &ObjectType,
    types: &ObjectTypes,
    delta: &SyncDelta,
) -> Result<Json, String> {
    let object_type = object_type_of(source, types, delta)?;
    let object = delta.object.as_ref().map(|object| object_to_json(object_type, object)).transpose()?;
    let (action, old, new) = match delta.delta_type {
        SyncDeltaType::Delete => ("notifyDelete", object, None),
        SyncDeltaType::Create => ("notifyCreate", None, object),
        SyncDeltaType::Update | SyncDeltaType::CreateOrUpdate => ("notifyUpdate", None, object),
    };
    let new = new.map(|mut new| {
        if let (Some(previous), Json::Object(members)) = (&delta.previous_uid, &mut new) {
            members.insert("_previous-id".to_owned(), previous.value().into());
        }
        new
    });
    let mut content = Map::new();
    content.insert("oldValue".to_owned(), old.into());
    if delta.delta_type != SyncDeltaType::Delete {
        content.insert("newValue".to_owned(), new.into());
    }
    Ok(json!({
        "action": action,
        "resourceContainer": format!("system/{system}/{}", object_type.name),
        "resourceId": delta.uid.value(),
        "content": content,
    }))
}

/// The type of a change: by its class, which matters when the source is all classes.
pub(super) fn object_type_of<'a>(
    source: &'a ObjectType,
    types: &'a ObjectTypes,
    delta: &SyncDelta,
) -> Result<&'a ObjectType, String> {
    match delta.class() {
        None => Ok(source),
        Some(class) if *class == source.class => Ok(source),
        Some(class) => types.of_class(class).ok_or_else(|| format!("Unsupported object type: {class}")),
    }
}

/// A change as it stands in a failure.
pub(super) fn delta_to_json(source: &ObjectType, types: &ObjectTypes, delta: &SyncDelta) -> Json {
    let kind = match delta.delta_type {
        SyncDeltaType::CreateOrUpdate => "CREATE_OR_UPDATE",
        SyncDeltaType::Create => "CREATE",
        SyncDeltaType::Update => "UPDATE",
        SyncDeltaType::Delete => "DELETE",
    };
    let object_type = object_type_of(source, types, delta).ok();
    let object = object_type
        .zip(delta.object.as_ref())
        .and_then(|(object_type, object)| object_to_json(object_type, object).ok());
    json!({
        "token": natural_json(delta.token.value()),
        "deltaType": kind,
        "uid": delta.uid.value(),
        "previousUid": delta.previous_uid.as_ref().map(|uid| uid.value()),
        "objectClass": delta.class().map(|class| class.as_str()),
        "object": object,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_keep_their_type() {
        let round = |value: Value| {
            let token = SyncToken::try_new(value).unwrap();
            assert_eq!(token_from_json(&token_to_json(&token)).unwrap(), Some(token.clone()));
            token_to_json(&token)
        };
        assert_eq!(round(5.into()), json!({"nativeType": "integer", "syncToken": 5}));
        assert_eq!(round(5_i64.into()), json!({"nativeType": "JAVA_TYPE_LONG", "syncToken": 5}));
        assert_eq!(round("x".into()), json!({"nativeType": "string", "syncToken": "x"}));
        assert_eq!(round(true.into()), json!({"nativeType": "boolean", "syncToken": true}));
        assert_eq!(
            round(vec![1_u8].into()),
            json!({"nativeType": "JAVA_TYPE_BYTE_ARRAY", "syncToken": "AQ=="})
        );
        assert_eq!(token_from_json(&json!({"syncToken": null})), Ok(None));
        assert!(token_from_json(&json!({"nativeType": "integer", "syncToken": "x"})).is_err());
    }
}
