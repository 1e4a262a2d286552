//! The way without a tree writes what the tree writes, and reads what the tree reads.

use icf::{Attribute, AttributeSet, ConnectorObject, ObjectClass, Uid, Value, ValueType};
use icf_wire::binary::{
    Array, Blobs, ClassRef, Field, Limits, Map, Object, Objects, Profile, Record, Set, decode_one,
    encode_one, read,
};
use proptest::prelude::*;

use super::arbitrary;

fn record<const N: usize>(type_name: &str, fields: [(&str, Field); N]) -> Object {
    let mut record = Record::new(type_name).unwrap();
    for (name, field) in fields {
        record.set(name, field).unwrap();
    }
    record.into()
}

fn text(text: &str) -> Field {
    Field::Text(Some(text.to_owned()))
}

fn class_of(value_type: &ValueType) -> ClassRef {
    match value_type {
        ValueType::Array(component) => class_of(component).array(),
        other => ClassRef::new(other.serial_name()),
    }
}

fn tree_of_uid(uid: &Uid) -> Object {
    let revision = Field::Text(uid.revision().map(str::to_owned));
    record("Uid", [("uid", text(uid.value())), ("revision", revision)])
}

fn tree_of_class(class: &ObjectClass) -> Object {
    record("ObjectClass", [("type", text(class.as_str()))])
}

fn trees_of(values: &[Value]) -> Vec<Object> {
    values.iter().map(tree_of).collect()
}

fn tree_of(value: &Value) -> Object {
    match value {
        Value::Null => Object::Null,
        Value::String(text) => Object::String(text.clone()),
        Value::Character(c) => Object::Character(u16::try_from(u32::from(*c)).unwrap()),
        Value::Integer(value) => Object::Integer(*value),
        Value::Long(value) => Object::Long(*value),
        Value::Float(value) => Object::Float(*value),
        Value::Double(value) => Object::Double(*value),
        Value::Boolean(value) => Object::Boolean(*value),
        Value::Byte(value) => Object::Byte(*value),
        Value::Bytes(bytes) => Object::Bytes(bytes.clone()),
        Value::BigInteger(number) => Object::BigInteger(number.to_string()),
        Value::BigDecimal(number) => {
            let unscaled = text(&number.unscaled.to_string());
            record("BigDecimal", [("unscaled", unscaled), ("scale", Field::I32(number.scale))])
        }
        Value::GuardedString(secret) => Object::GuardedString(secret.clone()),
        Value::GuardedBytes(secret) => Object::GuardedBytes(secret.clone()),
        Value::Map(map) => Object::Map(Map {
            case_insensitive: map.case_insensitive,
            entries: map.iter().map(|(key, value)| (tree_of(key), tree_of(value))).collect(),
        }),
        Value::List(items) => Object::List(trees_of(items)),
        Value::Set(set) => {
            Object::Set(Set { case_insensitive: set.case_insensitive, items: trees_of(&set.items) })
        }
        Value::Array(array) => {
            let component = class_of(&array.component);
            Object::Array(Box::new(Array { component, items: trees_of(&array.items) }))
        }
        Value::Uri(text) => Object::Uri(text.clone()),
        Value::File(text) => Object::File(text.clone()),
        Value::ZonedDateTime(text) => Object::ZonedDateTime(text.clone()),
        Value::Locale(locale) => record(
            "Locale",
            [
                ("language", text(&locale.language)),
                ("country", text(&locale.country)),
                ("variant", text(&locale.variant)),
            ],
        ),
        Value::Script(script) => {
            let body = Field::Object(Object::String(script.text.clone()));
            record("Script", [("scriptLanguage", text(&script.language)), ("scriptText", body)])
        }
        Value::ObjectClass(class) => tree_of_class(class),
        Value::Uid(uid) => tree_of_uid(uid),
        Value::QualifiedUid(qualified) => {
            let class = Field::Object(tree_of_class(&qualified.object_class));
            record(
                "QualifiedUid",
                [("ObjectClass", class), ("Uid", Field::Object(tree_of_uid(&qualified.uid)))],
            )
        }
        Value::SortKey(key) => {
            record("SortKey", [("field", text(&key.field)), ("isAscending", Field::Bool(key.ascending))])
        }
    }
}

fn tree_of_attribute(attribute: &Attribute) -> Object {
    match attribute.name.as_str() {
        "__UID__" => tree_of_uid(&Uid::try_new(attribute.as_str().unwrap()).unwrap()),
        "__NAME__" => Object::Name(attribute.as_str().unwrap().to_owned()),
        name => {
            let values =
                attribute.values.as_ref().map_or(Object::Null, |values| Object::List(trees_of(values)));
            record("Attribute", [("name", text(name)), ("Values", Field::Object(values))])
        }
    }
}

fn tree_of_set(attributes: &AttributeSet) -> Object {
    let items = attributes.iter().map(tree_of_attribute).collect();
    Object::Set(Set { case_insensitive: false, items })
}

fn tree_of_object(object: &ConnectorObject) -> Object {
    let mut items = vec![tree_of_uid(&object.uid), Object::Name(object.name.clone())];
    items.extend(object.attributes.iter().map(tree_of_attribute));
    Object::Set(Set { case_insensitive: false, items })
}

const PROFILES: [Profile; 2] = [Profile::OpenIcf2, Profile::CONNID_1_6];

proptest! {
    #[test]
    fn values(value in arbitrary::value()) {
        for profile in PROFILES {
            let bytes = Blobs::new(profile).value(&value).unwrap();
            let tree = tree_of(&value);
            prop_assert_eq!(&bytes[..], encode_one(&tree, profile).unwrap());
            prop_assert_eq!(&decode_one(&bytes, &Limits::default()).unwrap(), &tree);
            prop_assert_eq!(&read::value(&bytes, &Limits::default()).unwrap(), &value);
        }
    }

    #[test]
    fn sets_of_attributes(attributes in arbitrary::attributes()) {
        for profile in PROFILES {
            let bytes = Blobs::new(profile).attributes(&attributes).unwrap();
            let tree = tree_of_set(&attributes);
            prop_assert_eq!(&bytes[..], encode_one(&tree, profile).unwrap());
            prop_assert_eq!(&decode_one(&bytes, &Limits::default()).unwrap(), &tree);
            prop_assert_eq!(&read::attributes(&bytes, &Limits::default()).unwrap(), &attributes);
        }
    }

    #[test]
    fn objects_one_after_another(objects in prop::collection::vec(arbitrary::object(), 1..4)) {
        let mut blobs = Blobs::new(Profile::OpenIcf2);
        let mut reader = Objects::new(Limits::default());
        for object in objects.iter().chain(&objects) {
            let bytes = blobs.object_attributes(object).unwrap();
            let tree = tree_of_object(object);
            prop_assert_eq!(&bytes[..], encode_one(&tree, Profile::OpenIcf2).unwrap());
            prop_assert_eq!(&decode_one(&bytes, &Limits::default()).unwrap(), &tree);
            let class = object.object_class.clone();
            prop_assert_eq!(&reader.read(&bytes, class.clone()).unwrap(), object);
            prop_assert_eq!(&read::object_attributes(&bytes, class, &Limits::default()).unwrap(), object);
            let whole = blobs.connector_object(object).unwrap();
            prop_assert_eq!(&read::connector_object(&whole, &Limits::default()).unwrap(), object);
        }
    }
}
