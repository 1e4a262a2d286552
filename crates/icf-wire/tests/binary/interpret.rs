//! Trees as a Java peer understands them.

use icf::GuardedString;
use icf_wire::binary::{ClassRef, DecodeError, Field, Map, Object, Record, Set};

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

fn string(text: &str) -> Object {
    Object::String(text.to_owned())
}

fn set(items: Vec<Object>) -> Field {
    Field::Object(Object::Set(Set { case_insensitive: false, items }))
}

fn attribute(name: &str, values: Option<Vec<Object>>) -> Object {
    let values = values.map_or(Object::Null, Object::List);
    record("Attribute", [("name", text(name)), ("Values", Field::Object(values))])
}

fn uid(value: &str) -> Object {
    record("Uid", [("uid", text(value))])
}

fn class(name: &str) -> Field {
    Field::Object(record("ObjectClass", [("type", text(name))]))
}

fn object(class_name: &str, attributes: Vec<Object>) -> Object {
    record("ConnectorObject", [("ObjectClass", class(class_name)), ("Attributes", set(attributes))])
}

fn john() -> Object {
    object("person", vec![uid("1"), Object::Name("john".to_owned())])
}

fn on(filter: &str, attribute: Object) -> Object {
    record(filter, [("attribute", Field::Object(attribute))])
}

fn constant(enumeration: &str, name: &str) -> Object {
    record(enumeration, [("value", text(name))])
}

fn delta(delta_type: &str, uid_value: &str, object: Object) -> Object {
    let token = record("SyncToken", [("value", Field::Object(Object::Long(1)))]);
    record(
        "SyncDelta",
        [
            ("SyncDeltaType", Field::Object(constant("SyncDeltaType", delta_type))),
            ("SyncToken", Field::Object(token)),
            ("ObjectClass", class("PERSON")),
            ("Uid", Field::Object(uid(uid_value))),
            ("ConnectorObject", Field::Object(object)),
        ],
    )
}

fn info(name: &str, value_type: &str, flags: &[&str]) -> Object {
    let class = Field::Class(Some(ClassRef::new(value_type)));
    let mut info = Record::new("AttributeInfo").unwrap();
    info.set("name", text(name)).unwrap();
    info.set("type", class).unwrap();
    for flag in flags {
        info.push(constant("AttributeInfoFlag", flag));
    }
    info.into()
}

#[test]
fn sound_trees_stay_as_they_are() {
    let one = || Some(vec![string("x")]);
    let secret = || Object::GuardedString(GuardedString::new("x"));
    for sound in [
        john(),
        delta("UPDATE", "1", john()),
        delta("DELETE", "1", Object::Null),
        attribute("a", None),
        attribute("a", Some(vec![])),
        attribute("__PASSWORD__", Some(vec![secret()])),
        attribute("__PASSWORD__", Some(vec![])),
        on("ContainsFilter", attribute("a", one())),
        on("GreaterThanFilter", attribute("a", Some(vec![Object::Integer(1)]))),
        on("EqualsFilter", uid("1")),
        on("StartsWithFilter", Object::Name("j".to_owned())),
        on("ContainsAllValuesFilter", attribute("a", Some(vec![]))),
        info("a", "int", &["NOT_READABLE", "NOT_RETURNED_BY_DEFAULT"]),
        info("a", "ConnectorObjectReference", &[]),
        record(
            "ObjectClassInfo",
            [("type", text("")), ("AttributeInfos", set(vec![info("__NAME__", "String", &[])]))],
        ),
        Object::Class(ClassRef::new("int").array()),
        Object::Uri("urn:a:b".to_owned()),
    ] {
        assert_eq!(sound.clone().interpret(), Ok(sound));
    }
}

#[test]
fn what_java_refuses_is_refused() {
    let two = || Some(vec![string("x"), string("y")]);
    let options = |value| {
        let map = Map { case_insensitive: false, entries: vec![(string("o"), value)] };
        record("OperationOptions", [("options", Field::Object(Object::Map(map)))])
    };
    let empty = |type_name: &str| Object::from(Record::new(type_name).unwrap());
    for (what, broken) in [
        ("a blank uid", uid("  ")),
        ("a blank revision", record("Uid", [("uid", text("u")), ("revision", text(""))])),
        ("a blank attribute name", attribute("", None)),
        ("an attribute value of another type", attribute("a", Some(vec![john()]))),
        (
            "a map with other keys",
            attribute(
                "a",
                Some(vec![Object::Map(Map {
                    case_insensitive: false,
                    entries: vec![(Object::Integer(1), Object::Null)],
                })]),
            ),
        ),
        ("a clear password", attribute("__PASSWORD__", Some(vec![string("x")]))),
        ("two uids", attribute("__UID__", two())),
        ("a class without type", empty("ObjectClass")),
        ("an object of all classes", object("__ALL__", vec![uid("1"), Object::Name("n".to_owned())])),
        ("an object without name", object("person", vec![uid("1")])),
        ("an object without uid", object("person", vec![Object::Name("n".to_owned())])),
        ("a token without value", empty("SyncToken")),
        ("a delta without object", delta("CREATE", "1", Object::Null)),
        ("a delta of another object", delta("UPDATE", "2", john())),
        ("a qualified uid without parts", empty("QualifiedUid")),
        ("a script without language", record("Script", [("scriptText", Field::Object(string("x")))])),
        ("an option of another type", options(constant("CountPolicy", "NONE"))),
        ("an option with a list", options(Object::List(vec![]))),
        ("an unknown constant", constant("SyncDeltaType", "RENAME")),
        ("a filter without attribute", empty("EqualsFilter")),
        ("a comparison with uid", on("GreaterThanFilter", uid("1"))),
        ("a comparison with bytes", on("LessThanFilter", attribute("a", Some(vec![Object::Bytes(vec![])])))),
        ("a text filter on two values", on("EndsWithFilter", attribute("a", two()))),
        ("a text filter on a number", on("ContainsFilter", attribute("a", Some(vec![Object::Integer(1)])))),
        ("all of no values", on("ContainsAllValuesFilter", attribute("a", None))),
        ("an unreadable attribute returned by default", info("a", "String", &["NOT_READABLE"])),
        ("a clear password in a schema", info("__PASSWORD__", "String", &[])),
        ("an attribute of another type", info("a", "Object", &[])),
        (
            "a class without name",
            record("ObjectClassInfo", [("type", text("x")), ("AttributeInfos", set(vec![]))]),
        ),
        ("a schema without maps", empty("Schema")),
        ("a number without digits", empty("BigDecimal")),
        ("a number with letters", Object::BigInteger("1_0".to_owned())),
        ("a uri with blanks", Object::Uri("a b".to_owned())),
        (
            "a key of two parts",
            record("ConnectorKey", [("bundleName", text("b")), ("bundleVersion", text("1"))]),
        ),
        ("an unknown batch task", empty("UpdateBatchTask")),
        ("something broken in a list", Object::List(vec![uid("")])),
    ] {
        let refused = broken.interpret();
        assert!(matches!(refused, Err(DecodeError::Refused(_))), "{what}: {refused:?}");
    }
    let unknown =
        Object::Set(Set { case_insensitive: false, items: vec![Object::Class(ClassRef::new("Future"))] });
    assert_eq!(unknown.interpret(), Err(DecodeError::NoSuchType("Future".to_owned())));
}

#[test]
fn attributes_of_reserved_names_are_what_they_are_called() {
    let one = || Some(vec![string("x")]);
    assert_eq!(attribute("__UID__", one()).interpret(), Ok(uid("x")));
    assert_eq!(attribute("__NAME__", one()).interpret(), Ok(Object::Name("x".to_owned())));
    assert_eq!(attribute("__uid__", one()).interpret(), Ok(attribute("__uid__", one())));
}

#[test]
fn keys_that_differ_in_case_are_one_key() {
    let map = |entries| Object::Map(Map { case_insensitive: true, entries });
    let entries = vec![
        (string("Mail"), Object::Integer(1)),
        (string("b"), Object::Integer(2)),
        (string("MAIL"), Object::Integer(3)),
        (Object::Integer(7), Object::Null),
    ];
    let joined = vec![
        (string("Mail"), Object::Integer(3)),
        (string("b"), Object::Integer(2)),
        (string("7"), Object::Null),
    ];
    assert_eq!(map(entries).interpret(), Ok(map(joined)));
    let set = |items| Object::Set(Set { case_insensitive: true, items });
    assert_eq!(set(vec![string("a"), string("A")]).interpret(), Ok(set(vec![string("a")])));
}

#[test]
fn what_java_fills_in_is_filled_in() {
    let hello = Object::from(Record::new("HelloResponse").unwrap()).interpret().unwrap();
    let hello = hello.as_record("HelloResponse").unwrap();
    assert_eq!(*hello.object("ConnectorInfos"), Object::List(vec![]));
    assert_eq!(*hello.object("exception"), Object::Null);

    let configuration = Object::from(Record::new("APIConfiguration").unwrap()).interpret().unwrap();
    let configuration = configuration.as_record("APIConfiguration").unwrap();
    let pool =
        configuration.object("connectorPoolConfiguration").as_record("ObjectPoolConfiguration").unwrap();
    assert_eq!(pool.get("maxObjects"), Some(&Field::I32(10)));

    let values = || Field::Object(Object::List(vec![]));
    let delta = record("AttributeDelta", [("ValuesToAdd", values()), ("ValuesToReplace", values())]);
    let delta = delta.interpret().unwrap();
    assert_eq!(*delta.as_record("AttributeDelta").unwrap().object("ValuesToReplace"), Object::Null);
}
