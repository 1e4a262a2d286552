//! Trees and values of every shape.

use icf::{
    Attribute, AttributeSet, BigDecimal, ConnectorObject, GuardedBytes, GuardedString, Locale, ObjectClass,
    QualifiedUid, Script, SortKey, Uid, Value, ValueArray, ValueMap, ValueSet, ValueType,
};
use icf_wire::binary::{Array, ClassRef, Decoder, Encoder, Field, Limits, Map, Object, Profile, Record, Set};
use proptest::prelude::*;
use zeroize::Zeroizing;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,12}", "[a-z]{1,5}", Just("😀\u{0}ä".to_owned())]
}

fn class() -> impl Strategy<Value = ClassRef> {
    let name = prop_oneof![Just("String"), Just("int"), Just("Object"), Just("SearchApiOp"), Just("Unheard")];
    (name, 0..3).prop_map(|(name, dimensions)| (0..dimensions).fold(ClassRef::new(name), |c, _| c.array()))
}

fn leaf() -> impl Strategy<Value = Object> {
    prop_oneof![
        Just(Object::Null),
        any::<bool>().prop_map(Object::Boolean),
        (0_u16..0xd800).prop_map(Object::Character),
        any::<i32>().prop_map(Object::Integer),
        any::<i64>().prop_map(Object::Long),
        any::<f32>().prop_map(Object::Float),
        any::<f64>().prop_map(Object::Double),
        any::<i8>().prop_map(Object::Byte),
        text().prop_map(Object::String),
        text().prop_map(Object::File),
        text().prop_map(Object::Name),
        "-?[0-9]{1,40}".prop_map(Object::BigInteger),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Object::Bytes),
        class().prop_map(Object::Class),
        prop::collection::vec(any::<u16>(), 0..20)
            .prop_map(|units| Object::GuardedString(GuardedString::from_units(Zeroizing::new(units)))),
        prop::collection::vec(any::<u8>(), 0..20)
            .prop_map(|bytes| Object::GuardedBytes(GuardedBytes::new(Zeroizing::new(bytes)))),
        (text(), text()).prop_map(|(uid, revision)| {
            record("Uid", [("uid", Field::Text(Some(uid))), ("revision", Field::Text(Some(revision)))])
        }),
    ]
}

fn record<const N: usize>(type_name: &str, fields: [(&str, Field); N]) -> Object {
    let mut record = Record::new(type_name).unwrap();
    for (name, field) in fields {
        record.set(name, field).unwrap();
    }
    record.into()
}

fn tree() -> impl Strategy<Value = Object> {
    leaf().prop_recursive(4, 60, 6, |inner| {
        let items = || prop::collection::vec(inner.clone(), 0..6);
        let entries = prop::collection::vec((inner.clone(), inner.clone()), 0..4);
        prop_oneof![
            items().prop_map(Object::List),
            (any::<bool>(), items())
                .prop_map(|(case_insensitive, items)| Object::Set(Set { case_insensitive, items })),
            (any::<bool>(), entries)
                .prop_map(|(case_insensitive, entries)| Object::Map(Map { case_insensitive, entries })),
            (class(), items())
                .prop_map(|(component, items)| Object::Array(Box::new(Array { component, items }))),
            (text(), inner.clone()).prop_map(|(name, values)| {
                record("Attribute", [("name", Field::Text(Some(name))), ("Values", Field::Object(values))])
            }),
            (class(), inner.clone(), any::<i32>()).prop_map(|(class, value, order)| {
                record(
                    "ConfigurationProperty",
                    [
                        ("order", Field::I32(order)),
                        ("type", Field::Class(Some(class))),
                        ("value", Field::Object(value)),
                    ],
                )
            }),
            (inner.clone(), inner).prop_map(|(left, right)| {
                let mut filter = Record::new("OrFilter").unwrap();
                filter.push(left);
                filter.push(right);
                filter.into()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn trees_come_back_from_a_stream_as_they_were(
        trees in prop::collection::vec(tree(), 1..5),
        piece in 1_usize..200,
    ) {
        let mut encoder = Encoder::new(Profile::OpenIcf2).echoing_unknown_classes();
        let mut bytes = Vec::new();
        for tree in &trees {
            encoder.encode(tree, &mut bytes).unwrap();
        }
        let mut decoder = Decoder::new(Limits::default());
        let mut read = Vec::new();
        for piece in bytes.chunks(piece) {
            decoder.feed(piece);
            while let Some(object) = decoder.next().unwrap() {
                read.push(object);
            }
        }
        prop_assert_eq!(read, trees);
        prop_assert!(!decoder.is_inside_object());
    }
}

/// Values that attributes may hold.
pub(crate) fn attribute_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        text().prop_map(Value::String),
        any::<bool>().prop_map(Value::Boolean),
        any::<i32>().prop_map(Value::Integer),
        any::<i64>().prop_map(Value::Long),
        any::<f32>().prop_map(Value::Float),
        any::<f64>().prop_map(Value::Double),
        any::<i8>().prop_map(Value::Byte),
        prop::char::range('\0', '\u{d7ff}').prop_map(Value::Character),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Value::Bytes),
        any::<i128>().prop_map(|number| Value::BigInteger(Box::new(number.into()))),
        (any::<i128>(), any::<i32>()).prop_map(|(unscaled, scale)| {
            Value::BigDecimal(Box::new(BigDecimal { unscaled: unscaled.into(), scale }))
        }),
        text().prop_map(|clear| Value::GuardedString(GuardedString::new(&clear))),
        prop::collection::vec(any::<u8>(), 0..20)
            .prop_map(|bytes| Value::GuardedBytes(GuardedBytes::new(Zeroizing::new(bytes)))),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let value = prop_oneof![
            inner.clone(),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::List),
            prop::collection::vec(inner, 0..3)
                .prop_map(|items| Value::Set(ValueSet { case_insensitive: false, items })),
        ];
        let entry = (text().prop_map(Value::String), value);
        (any::<bool>(), prop::collection::vec(entry, 0..4))
            .prop_map(|(case_insensitive, entries)| Value::Map(ValueMap { case_insensitive, entries }))
    })
}

/// Any values.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    let uid =
        || ("[a-z]{1,5}", prop::option::of("[a-z]{1,5}")).prop_map(|(value, revision)| uid(&value, revision));
    let other = prop_oneof![
        attribute_value(),
        text().prop_map(Value::File),
        text().prop_map(Value::Uri),
        (text(), text(), text()).prop_map(|(language, country, variant)| {
            Value::Locale(Box::new(Locale { language, country, variant }))
        }),
        text().prop_map(|class| Value::ObjectClass(class.into())),
        uid().prop_map(Value::Uid),
        (text(), uid()).prop_map(|(class, uid)| {
            Value::QualifiedUid(Box::new(QualifiedUid { object_class: class.into(), uid }))
        }),
        (text(), any::<bool>()).prop_map(|(field, ascending)| Value::SortKey(SortKey { field, ascending })),
        ("[a-z]{1,5}", text())
            .prop_map(|(language, text)| Value::Script(Box::new(Script::try_new(language, text).unwrap()))),
    ];
    other.prop_recursive(3, 20, 4, |inner| {
        let items = || prop::collection::vec(inner.clone(), 0..4);
        let component = prop_oneof![
            Just(ValueType::String),
            Just(ValueType::PrimitiveInteger),
            Just(ValueType::Array(Box::new(ValueType::SortKey))),
        ];
        prop_oneof![
            items().prop_map(Value::List),
            (any::<bool>(), items())
                .prop_map(|(case_insensitive, items)| Value::Set(ValueSet { case_insensitive, items })),
            (any::<bool>(), prop::collection::vec((inner.clone(), inner.clone()), 0..4))
                .prop_map(|(case_insensitive, entries)| Value::Map(ValueMap { case_insensitive, entries })),
            (component, items())
                .prop_map(|(component, items)| Value::Array(Box::new(ValueArray { component, items }))),
        ]
    })
}

fn uid(value: &str, revision: Option<String>) -> Uid {
    let uid = Uid::try_new(value).unwrap();
    revision.into_iter().fold(uid, |uid, revision| uid.with_revision(revision))
}

fn attribute() -> impl Strategy<Value = Attribute> {
    ("[a-z]{1,8}", prop::option::of(prop::collection::vec(attribute_value(), 0..4)))
        .prop_map(|(name, values)| Attribute { name: name.into(), values })
}

/// Sets of attributes with a uid and a name somewhere in them.
pub(crate) fn attributes() -> impl Strategy<Value = AttributeSet> {
    (prop::collection::vec(attribute(), 0..8), any::<bool>(), any::<prop::sample::Index>()).prop_map(
        |(mut attributes, identified, place)| {
            if identified {
                attributes.insert(place.index(attributes.len() + 1), Attribute::single("__NAME__", "n"));
                attributes.insert(place.index(attributes.len()), Attribute::single("__UID__", "u"));
            }
            attributes.into()
        },
    )
}

/// Objects each of whose attributes is there once.
pub(crate) fn object() -> impl Strategy<Value = ConnectorObject> {
    let attributes = prop::collection::vec(attribute(), 0..40);
    ("[a-z]{1,5}", prop::option::of("[a-z]{1,5}"), text(), attributes).prop_map(
        |(value, revision, name, attributes)| {
            let mut object = ConnectorObject::new(ObjectClass::from("person"), uid(&value, revision), name);
            for attribute in attributes {
                if object.attribute(attribute.name.as_str()).is_none() {
                    object.attributes.push(attribute);
                }
            }
            object
        },
    )
}
