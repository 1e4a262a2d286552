//! A connector's schema as a provisioner file writes it.

use icf::{ApiOperation, AttributeFlag, AttributeInfo, ObjectClassInfo, Schema, ValueType};
use serde_json::{Map, Value as Json, json};

use super::native::native_name_of;
use super::to_json::members;

const DRAFT: &str = "http://json-schema.org/draft-03/schema";

/// The names of operations in a provisioner file.
pub(crate) const OPERATION_NAMES: [(&str, ApiOperation); 13] = [
    ("CREATE", ApiOperation::Create),
    ("UPDATE", ApiOperation::Update),
    ("DELETE", ApiOperation::Delete),
    ("TEST", ApiOperation::Test),
    ("SCRIPT_ON_CONNECTOR", ApiOperation::ScriptOnConnector),
    ("SCRIPT_ON_RESOURCE", ApiOperation::ScriptOnResource),
    ("GET", ApiOperation::Get),
    ("RESOLVEUSERNAME", ApiOperation::ResolveUsername),
    ("AUTHENTICATE", ApiOperation::Authenticate),
    ("SEARCH", ApiOperation::Search),
    ("VALIDATE", ApiOperation::Validate),
    ("SYNC", ApiOperation::Sync),
    ("SCHEMA", ApiOperation::Schema),
];

/// `{"objectTypes":…,"operationOptions":…}`
pub(crate) fn schema_to_json(schema: &Schema) -> Json {
    let types = schema.object_classes.iter();
    let types: Map<String, Json> =
        types.map(|info| (info.object_class.as_str().to_owned(), class(info))).collect();
    let operations = OPERATION_NAMES
        .iter()
        .map(|(name, operation)| ((*name).to_owned(), operation_options(schema, *operation)));
    json!({"objectTypes": types, "operationOptions": operations.collect::<Map<_, _>>()})
}

fn class(info: &ObjectClassInfo) -> Json {
    let name = info.object_class.as_str();
    let properties: Map<String, Json> =
        info.attributes.iter().map(|info| (info.name.as_str().to_owned(), property(info))).collect();
    json!({"$schema": DRAFT, "id": name, "type": "object", "nativeType": name, "properties": properties})
}

fn property(info: &AttributeInfo) -> Json {
    let mut property = typed(&info.value_type, info.has(AttributeFlag::Multivalued));
    let native_type = property.shift_remove("nativeType").unwrap_or_default();
    if info.has(AttributeFlag::Required) {
        property.insert("required".to_owned(), true.into());
    }
    property.insert("nativeName".to_owned(), info.name.as_str().into());
    property.insert("nativeType".to_owned(), native_type);
    let shown = [
        AttributeFlag::NotCreatable,
        AttributeFlag::NotUpdateable,
        AttributeFlag::NotReadable,
        AttributeFlag::NotReturnedByDefault,
    ];
    let flags: Vec<&str> =
        shown.into_iter().filter(|flag| info.has(*flag)).map(AttributeFlag::wire_name).collect();
    if !flags.is_empty() {
        property.insert("flags".to_owned(), json!(flags));
    }
    Json::Object(property)
}

fn typed(value_type: &ValueType, multivalued: bool) -> Map<String, Json> {
    let (json_type, native) = native_name_of(value_type);
    if multivalued {
        members([
            ("type", "array".into()),
            ("items", json!({"type": json_type, "nativeType": native})),
            ("nativeType", native.into()),
        ])
    } else {
        members([("type", json_type.into()), ("nativeType", native.into())])
    }
}

fn operation_options(schema: &Schema, operation: ApiOperation) -> Json {
    let names = schema.options_by_operation.get(&operation).map(Vec::as_slice).unwrap_or_default();
    let option = |name: &String| {
        let info = schema.options.iter().find(|info| info.name == *name)?;
        let (value_type, multivalued) = match &info.value_type {
            ValueType::Array(component) => (component.as_ref(), true),
            plain => (plain, false),
        };
        Some((name.clone(), Json::Object(typed(value_type, multivalued))))
    };
    let properties: Map<String, Json> = names.iter().filter_map(option).collect();
    let classes = schema.classes_by_operation.get(&operation).map(Vec::as_slice).unwrap_or_default();
    let features = classes.iter().map(|class| {
        let info = json!({"$schema": DRAFT, "id": "FIX_ME", "type": "object", "properties": properties});
        (class.as_str().to_owned(), json!({"operationOptionInfo": info}))
    });
    json!({"objectFeatures": features.collect::<Map<_, _>>()})
}

#[cfg(test)]
mod tests {
    use icf::{ObjectClass, OperationOptionInfo, SchemaBuilder};

    use super::*;

    #[test]
    fn members_stand_in_the_usual_order() {
        let attribute = AttributeInfo::new("email", ValueType::String)
            .with(AttributeFlag::Multivalued)
            .with(AttributeFlag::Required)
            .with(AttributeFlag::NotUpdateable);
        assert_eq!(
            property(&attribute).to_string(),
            r#"{"type":"array","items":{"type":"string","nativeType":"string"},"required":true,"nativeName":"email","nativeType":"string","flags":["NOT_UPDATEABLE"]}"#
        );
    }

    #[test]
    fn options_stand_under_the_classes_of_their_operation() {
        let supported = [ApiOperation::Search, ApiOperation::Get].into_iter().collect();
        let info = ObjectClassInfo::try_new(ObjectClass::ACCOUNT, vec![]).unwrap();
        let option = OperationOptionInfo { name: "PAGE_SIZE".to_owned(), value_type: ValueType::Integer };
        let schema = SchemaBuilder::new(supported)
            .class(info)
            .option(option, &[ApiOperation::Search])
            .build()
            .unwrap();
        let json = schema_to_json(&schema);
        let search =
            &json["operationOptions"]["SEARCH"]["objectFeatures"]["__ACCOUNT__"]["operationOptionInfo"];
        assert_eq!(search["properties"]["PAGE_SIZE"], json!({"type": "integer", "nativeType": "integer"}));
        assert_eq!(json["operationOptions"]["CREATE"], json!({"objectFeatures": {}}));
        assert_eq!(json["operationOptions"].as_object().unwrap().len(), 13);
    }
}
