//! The codecs of each kind of content: literal bytes, rules, and what other frameworks add.

use std::collections::BTreeMap;

use icf::PropertyValue as _;
use icf::{
    ApiConfiguration, ApiOperation, Attribute, AttributeFlag, AttributeInfo, AttributeSet,
    ConfigurationProperty, ConnectorError, ConnectorInfo, ConnectorKey, ConnectorObject, ErrorKind, Filter,
    GuardedString, Locale, Messages, ObjectClass, ObjectClassInfo, OperationOptionInfo, OperationOptions,
    PoolConfiguration, ResultsHandlerConfiguration, Schema, SortKey, Uid, Value, ValueType,
};
use icf_wire::binary::{
    Blobs, DecodeError, EncodeError, Field, Limits, Map, Object, Profile, Record, Set, encode_one,
    facade_key, read,
};

use super::hex;

fn blobs() -> Blobs {
    Blobs::new(Profile::OpenIcf2)
}

fn limits() -> Limits {
    Limits::default()
}

#[test]
fn an_attribute_without_values_has_its_known_bytes() {
    let set: AttributeSet = vec![Attribute::null("a")].into();
    let bytes = blobs().attributes(&set).unwrap();
    let expected = hex("0000fafb 00000002 00000004
         00000003 536574 00000000  00000009 417474726962757465 00000001
         00000004 6e616d65 00000002  00000006 56616c756573 00000003
         3d00000000 46 0000001f
         3d00000001 4700000002 00000005 00000001 61 4700000003 00000002 3c48 48 48");
    assert_eq!(bytes, expected);
    assert_eq!(read::attributes(&expected, &limits()).unwrap(), set);
}

#[test]
fn a_uid_has_its_known_bytes() {
    let uid = Value::Uid(Uid::try_new("uid-1").unwrap());
    let openicf = "0000fafb 00000002 00000002 00000003 556964 00000000 00000003 756964 00000001
                   3d00000000 4700000001 00000009 00000005 7569642d31 48";
    assert_eq!(blobs().value(&uid).unwrap(), hex(openicf));
    let connid = "0000fafb 00000002 00000003 00000003 556964 00000000 00000003 756964 00000001
                  00000008 6e616d6548696e74 00000002
                  3d00000000 4700000001 00000009 00000005 7569642d31 4700000002 00000002 3c48 48";
    assert_eq!(Blobs::new(Profile::CONNID_1_6).value(&uid).unwrap(), hex(connid));
    assert_eq!(read::value(&hex(connid), &limits()).unwrap(), uid);
}

#[test]
fn longer_disjunctions_stay_disjunctions() {
    let equals = |name: &str| Filter::Equals(Attribute::single(name, 1));
    let filter = equals("a").or(equals("b").or(equals("c").or(equals("d"))));
    let bytes = blobs().filter(&filter).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("AndFilter"));
    assert_eq!(read::filter(&bytes, &limits()).unwrap(), filter);
}

#[test]
fn filters_of_every_kind_come_back() {
    let on = |name: &str| Attribute::single(name, "v");
    let filters = [
        Filter::Equals(Attribute::new("a", vec![1.into(), 2.into()])),
        Filter::uid(&Uid::try_new("u").unwrap()),
        Filter::Contains(on("a")),
        Filter::StartsWith(on("a")),
        Filter::EndsWith(on("__NAME__")),
        Filter::GreaterThan(on("a")),
        Filter::GreaterThanOrEqual(on("a")),
        Filter::LessThan(on("a")),
        Filter::LessThanOrEqual(on("a")),
        Filter::ContainsAllValues(Attribute::new("a", vec![])),
        Filter::Presence("a".into()),
        Filter::ExtendedMatch { operator: "regex".to_owned(), attribute: on("a") },
    ];
    let mut all = filters[0].clone();
    for filter in filters {
        assert_eq!(read::filter(&blobs().filter(&filter).unwrap(), &limits()).unwrap(), filter);
        all = filter.negated().and(all);
    }
    assert_eq!(read::filter(&blobs().filter(&all).unwrap(), &limits()).unwrap(), all);
    let only_connid = Filter::EqualsIgnoreCase(on("a"));
    assert!(matches!(blobs().filter(&only_connid), Err(EncodeError::NoSuchType(_))));
    let bytes = Blobs::new(Profile::CONNID_1_6).filter(&only_connid).unwrap();
    assert_eq!(read::filter(&bytes, &limits()).unwrap(), only_connid);
}

#[test]
fn a_filter_with_a_wrong_operand_is_refused() {
    let bytes = blobs().filter(&Filter::Contains(Attribute::single("a", 1))).unwrap();
    let error = ConnectorError::from(read::filter(&bytes, &limits()).unwrap_err());
    assert_eq!(
        (error.kind(), error.message()),
        (&ErrorKind::IllegalArgument, Some("Value must be a string!"))
    );
}

#[test]
fn what_is_not_a_stream_is_another_error_than_a_broken_rule() {
    let error = ConnectorError::from(read::options(b"\0\0\xca\xfe", &limits()).unwrap_err());
    assert_eq!((error.kind(), error.message()), (&ErrorKind::Connector, Some("Bad magic number: 51966")));
}

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

fn attribute(name: &str, values: Object) -> Object {
    record("Attribute", [("name", text(name)), ("Values", Field::Object(values))])
}

fn set_of(items: Vec<Object>) -> Vec<u8> {
    encode_one(&Object::Set(Set { case_insensitive: false, items }), Profile::OpenIcf2).unwrap()
}

#[test]
fn attributes_called_uid_and_name_are_uid_and_name() {
    let list = |text: &str| Object::List(vec![Object::String(text.to_owned())]);
    let items = vec![attribute("__UID__", list("u")), attribute("__NAME__", list("n"))];
    let object = read::object_attributes(&set_of(items), ObjectClass::ACCOUNT, &limits()).unwrap();
    assert_eq!(object, ConnectorObject::new(ObjectClass::ACCOUNT, Uid::try_new("u").unwrap(), "n"));
}

#[test]
fn of_attributes_with_one_name_the_last_counts() {
    let list = |value: i32| Object::List(vec![Object::Integer(value)]);
    let mut items = vec![record("Uid", [("uid", text("u"))]), Object::Name("n".to_owned())];
    // More than are compared one by one.
    items.extend((0..100).map(|n| attribute(&format!("a{}", n % 50), list(n))));
    items.push(attribute("A7", list(7)));
    let object = read::object_attributes(&set_of(items), ObjectClass::ACCOUNT, &limits()).unwrap();
    assert_eq!(object.attributes.len(), 50);
    assert_eq!(object.attribute("a7").unwrap().single_value(), Some(&Value::Integer(7)));
    assert_eq!(object.attribute("a8").unwrap().single_value(), Some(&Value::Integer(58)));
}

#[test]
fn rules_of_java_classes_are_refusals() {
    let uid = || record("Uid", [("uid", text("u"))]);
    let name = || Object::Name("n".to_owned());
    let one = |object| Object::List(vec![object]);
    for (what, items) in [
        ("no uid", vec![name()]),
        ("no name", vec![uid()]),
        ("blank uid", vec![record("Uid", [("uid", text(" "))]), name()]),
        ("blank revision", vec![record("Uid", [("uid", text("u")), ("revision", text(""))]), name()]),
        ("blank attribute name", vec![uid(), name(), attribute("", Object::Null)]),
        ("an object as value", vec![uid(), name(), attribute("a", one(uid()))]),
        ("a list as value", vec![uid(), name(), attribute("a", one(Object::List(vec![])))]),
        ("values not a list", vec![uid(), name(), attribute("a", Object::Integer(1))]),
        ("a clear password", vec![uid(), name(), attribute("__PASSWORD__", one(Object::String("x".into())))]),
        ("two names in one", vec![uid(), attribute("__NAME__", Object::List(vec![name(), name()]))]),
        ("no attribute at all", vec![uid(), name(), Object::Integer(1)]),
        ("null", vec![uid(), name(), Object::Null]),
    ] {
        let error = read::object_attributes(&set_of(items), ObjectClass::ACCOUNT, &limits());
        assert!(matches!(error, Err(DecodeError::Refused(_))), "{what}: {error:?}");
    }
    let sound = set_of(vec![uid(), name()]);
    assert!(read::object_attributes(&sound, ObjectClass::ACCOUNT, &limits()).is_ok());
    assert!(read::object_attributes(&sound, ObjectClass::ALL, &limits()).is_err());
}

#[test]
fn a_writer_refuses_what_every_reader_refuses() {
    let set = |attribute| AttributeSet::from(vec![attribute]);
    for attribute in [
        Attribute::single(" ", 1),
        Attribute::single("a", ObjectClass::ACCOUNT),
        Attribute::new("__NAME__", vec!["a".into(), "b".into()]),
        Attribute::single("__UID__", ""),
    ] {
        assert!(matches!(blobs().attributes(&set(attribute)), Err(EncodeError::Refused(_))));
    }
    let zoned = set(Attribute::single("a", Value::ZonedDateTime("2024-01-01T00:00Z".to_owned())));
    assert!(matches!(blobs().attributes(&zoned), Err(EncodeError::NoSuchType(_))));
    assert!(Blobs::new(Profile::CONNID_1_6).attributes(&zoned).is_ok());
    assert!(blobs().value(&Value::Character('😀')).is_err());
}

#[test]
fn options_and_tokens_come_back() {
    let options = OperationOptions::default()
        .with_attributes_to_get(["a", "b"])
        .with_sort_keys([SortKey { field: "a".to_owned(), ascending: false }])
        .with("PAGE_SIZE", 10)
        .with("RUN_WITH_PASSWORD", GuardedString::new("x"));
    let bytes = blobs().options(&options).unwrap();
    assert_eq!(read::options(&bytes, &limits()).unwrap(), options);

    let token = read::sync_token(&blobs().value(&Value::Long(5)).unwrap(), &limits()).unwrap();
    assert_eq!(token.value(), &Value::Long(5));
    assert!(read::sync_token(&blobs().value(&Value::Null).unwrap(), &limits()).is_err());
    assert!(read::sync_token(&blobs().value(&Value::File("x".to_owned())).unwrap(), &limits()).is_err());
}

#[test]
fn an_option_of_an_unknown_type_is_refused_and_named() {
    let policy = record("CountPolicy", [("value", text("EXACT"))]);
    let map = Map { case_insensitive: false, entries: vec![(Object::String("X".to_owned()), policy)] };
    let options = record("OperationOptions", [("options", Field::Object(Object::Map(map)))]);
    let bytes = encode_one(&options, Profile::OpenIcf2).unwrap();
    let error = read::options(&bytes, &limits()).unwrap_err().to_string();
    assert!(error.contains("CountPolicy"), "{error}");
}

fn configuration() -> ApiConfiguration {
    let mut host = ConfigurationProperty::new("host", ValueType::String, "localhost".into());
    host.order = 2;
    host.required = true;
    host.operations = [ApiOperation::Search, ApiOperation::Authenticate].into();
    let mut password = ConfigurationProperty::new("password", ValueType::GuardedString, Value::Null);
    password.order = 1;
    password.confidential = true;
    password.value = GuardedString::new("s3cret").into();
    let mut strange =
        ConfigurationProperty::new("strange", ValueType::Other("Future".to_owned()), Value::Null);
    strange.order = 3;
    strange.help_key = None;
    ApiConfiguration {
        producer_buffer_size: 100,
        pooling: true,
        pool: PoolConfiguration { max_objects: 3, ..PoolConfiguration::default() },
        results_handlers: ResultsHandlerConfiguration {
            filtered: false,
            ..ResultsHandlerConfiguration::default()
        },
        properties: vec![password, host, strange],
        timeouts: BTreeMap::from([(ApiOperation::Search, 5000), (ApiOperation::Create, -1)]),
        supported_operations: Some(ApiOperation::ALL.iter().copied().collect()),
    }
}

#[test]
fn facade_keys_come_back_and_are_strict_about_base64() {
    let key = facade_key::encode(&configuration(), Profile::OpenIcf2).unwrap();
    assert_eq!(facade_key::decode(key.as_bytes(), &limits()).unwrap(), configuration());
    for broken in
        [format!("{key}\n"), format!("{key} "), key.trim_end_matches('=').to_owned() + "A", "QQ".into()]
    {
        let error = facade_key::decode(broken.as_bytes(), &limits()).unwrap_err();
        assert_eq!(error.to_string(), "Data is not Base64 encoded.");
    }
    assert_eq!(facade_key::decode(b"QQ==", &limits()), Err(DecodeError::Truncated));
    assert!(facade_key::decode(b"", &limits()).is_err());
}

#[test]
fn facade_keys_of_java_say_what_they_hold() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/binary/facade-key.json");
    let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let key = file["vectors"][0]["base64"].as_str().unwrap();
    let configuration = facade_key::decode(key.as_bytes(), &limits()).unwrap();
    assert!(configuration.pooling);
    assert_eq!(configuration.pool, PoolConfiguration::default());
    assert_eq!(configuration.producer_buffer_size, 100);
    let timeouts = [(ApiOperation::Search, -1), (ApiOperation::Create, 5000)];
    assert_eq!(configuration.timeouts, BTreeMap::from(timeouts));
    let [host, port, password, base_dns, unset] = configuration.properties.as_slice() else {
        panic!("five properties");
    };
    assert_eq!(port.value, Value::Integer(389));
    assert_eq!(password.value, GuardedString::new("secret").into());
    assert_eq!(password.operations, [ApiOperation::Authenticate].into());
    assert_eq!(base_dns.value, vec!["dc=a".to_owned(), "dc=b".to_owned()].to_value());
    assert_eq!(unset.value, Value::Null);
    assert_eq!((host.name.as_str(), &host.value), ("host", &Value::from("localhost")));
    assert_eq!(host.value_type, Some(ValueType::String));
    let supported = [
        ApiOperation::Search,
        ApiOperation::Create,
        ApiOperation::Validate,
        ApiOperation::ScriptOnConnector,
        ApiOperation::Get,
    ];
    assert_eq!(configuration.supported_operations, Some(supported.into()));
}

#[test]
fn secrets_of_a_configuration_are_not_shown() {
    let shown = format!("{:?}", facade_key::decode(b"AAAA", &limits())) + &format!("{:?}", configuration());
    assert!(!shown.contains("s3cret"));
    let request = record("OperationRequest", [("connectorFacadeKey", text("s3cret"))]);
    assert!(!format!("{request:?}").contains("s3cret"));
}

#[test]
fn operations_of_other_frameworks_are_passed_over() {
    let class = |name: &str| Object::Class(icf_wire::binary::ClassRef::new(name));
    let operations = vec![class("LiveSyncApiOp"), class("SearchApiOp"), class("Unheard")];
    let supported = Object::Set(Set { case_insensitive: false, items: operations });
    let entries =
        vec![(class("UpdateDeltaApiOp"), Object::Integer(1)), (class("GetApiOp"), Object::Integer(2))];
    let timeouts = Object::Map(Map { case_insensitive: false, entries });
    let configuration = record(
        "APIConfiguration",
        [("SupportedOperations", Field::Object(supported)), ("timeoutMap", Field::Object(timeouts))],
    );
    let mut bytes = Vec::new();
    let mut encoder = icf_wire::binary::Encoder::new(Profile::CONNID_1_6).echoing_unknown_classes();
    encoder.encode(&configuration, &mut bytes).unwrap();
    let configuration = read::configuration(&bytes, &limits()).unwrap();
    assert_eq!(configuration.supported_operations, Some([ApiOperation::Search].into()));
    assert_eq!(configuration.timeouts, BTreeMap::from([(ApiOperation::Get, 2)]));
    assert_eq!(configuration.pool, PoolConfiguration::default());
}

#[test]
fn connector_infos_and_properties_come_back() {
    let messages =
        Messages::of([("a", "A")]).with(Locale::new("de", ""), [("a".to_owned(), "Ä".to_owned())].into());
    let info = ConnectorInfo {
        display_name_key: "display".to_owned(),
        category_key: None,
        key: ConnectorKey::new("b", "1", "c"),
        messages,
        configuration: ApiConfiguration { supported_operations: None, properties: vec![], ..configuration() },
    };
    let infos = vec![info.clone(), ConnectorInfo { category_key: Some("category".to_owned()), ..info }];
    assert_eq!(read::connector_infos(&blobs().connector_infos(&infos).unwrap(), &limits()).unwrap(), infos);
    assert_eq!(read::connector_infos(&blobs().connector_infos(&[]).unwrap(), &limits()).unwrap(), []);
    let properties = configuration().properties;
    assert_eq!(read::properties(&blobs().properties(&properties).unwrap(), &limits()).unwrap(), properties);
}

#[test]
fn schemas_come_back_and_undeclared_names_are_dropped() {
    let number = AttributeInfo::new("number", ValueType::PrimitiveInteger).with(AttributeFlag::NotUpdateable);
    let person = ObjectClassInfo::try_new("person".into(), vec![number]).unwrap();
    let mut schema = Schema {
        object_classes: vec![ObjectClassInfo { container: true, ..person }],
        options: vec![OperationOptionInfo { name: "o".to_owned(), value_type: ValueType::String }],
        classes_by_operation: BTreeMap::from([
            (ApiOperation::Search, vec!["person".into()]),
            (ApiOperation::Sync, vec![]),
        ]),
        options_by_operation: BTreeMap::from([(ApiOperation::Search, vec!["o".to_owned()])]),
    };
    for profile in [Profile::OpenIcf2, Profile::CONNID_1_6] {
        let bytes = Blobs::new(profile).schema(&schema).unwrap();
        assert_eq!(read::schema(&bytes, &limits()).unwrap(), schema);
    }
    schema.classes_by_operation.insert(ApiOperation::Create, vec!["nobody".into()]);
    let read = read::schema(&blobs().schema(&schema).unwrap(), &limits()).unwrap();
    assert_eq!(read.classes_by_operation[&ApiOperation::Create], vec![]);
}

#[test]
fn a_conjunction_of_one_means_its_member() {
    let member = record(
        "EqualsFilter",
        [("attribute", Field::Object(attribute("a", Object::List(vec![Object::Integer(1)]))))],
    );
    let mut and = Record::new("AndFilter").unwrap();
    and.push(member);
    and.push(Object::Null);
    let bytes = encode_one(&and.into(), Profile::OpenIcf2).unwrap();
    assert_eq!(read::filter(&bytes, &limits()).unwrap(), Filter::Equals(Attribute::single("a", 1)));
}
