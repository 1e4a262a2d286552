//! Values of every type, both ways.

use serde_json::{Value, json};

use crate::ways::{Side, Way, attribute, rows};

rows! {
    attribute_values_of_every_type_come_back_as_sent,
    script_values_of_every_type_come_back_as_sent,
    options_of_every_type_arrive,
    configuration_properties_of_every_type_arrive,
    sync_tokens_of_every_type_arrive,
}

/// What an attribute may hold, with its description on the server's side.
fn attribute_values() -> Vec<(Value, &'static str)> {
    vec![
        (
            json!("text \u{1F600} with \" and \\ and \u{e9}\n"),
            "\"text \u{1F600} with \\\" and \\\\ and \u{e9}\\u000a\"",
        ),
        (json!(""), "\"\""),
        (json!({"char": "\u{e9}"}), "char \"\u{e9}\""),
        (json!(true), "true"),
        (json!(false), "false"),
        (json!({"byte": -128}), "byte -128"),
        (json!({"int": i32::MIN}), "int -2147483648"),
        (json!({"long": i64::MIN}), "long -9223372036854775808"),
        (json!({"float": "3.4028235E38"}), "float 7f7fffff"),
        (json!({"float": "NaN"}), "float 7fc00000"),
        (json!({"double": "-0.0"}), "double 8000000000000000"),
        (json!({"double": "4.9E-324"}), "double 0000000000000001"),
        (json!({"double": "Infinity"}), "double 7ff0000000000000"),
        (
            json!({"bigInteger": "-123456789012345678901234567890"}),
            "bigInteger -123456789012345678901234567890",
        ),
        (json!({"bigDecimal": "1.20E+400"}), "bigDecimal 120 scale -398"),
        (json!({"bigDecimal": "0.00"}), "bigDecimal 0 scale 2"),
        (json!({"bytes": "AP8Q"}), "bytes 00ff10"),
        (json!({"bytes": ""}), "bytes "),
        (json!({"guardedString": "s\u{e9}cret"}), "secret \"s\u{e9}cret\""),
        (json!({"guardedString": ""}), "secret \"\""),
        (json!({"guardedBytes": "AP8Q"}), "secretBytes 00ff10"),
        (
            json!({"map": [["a", {"int": 1}], ["b", {"map": [["c", null]]}]]}),
            "{\"a\": int 1, \"b\": {\"c\": null}}",
        ),
        (json!({"map": [["list", {"list": ["x", {"long": 2}, null]}]]}), "{\"list\": [\"x\", long 2, null]}"),
        (json!(null), "null"),
    ]
}

/// What only options, script arguments and properties may hold.
fn other_values() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"list": ["a", {"list": [null]}]}), "[\"a\", [null]]"),
        (json!({"set": ["a", "b"]}), "set [\"a\", \"b\"]"),
        (json!({"caseInsensitiveMap": [["A", {"int": 1}]]}), "anycase {\"A\": int 1}"),
        (json!({"array": {"of": "java.lang.String", "items": ["a", null]}}), "array of String [\"a\", null]"),
        (json!({"array": {"of": "int", "items": [{"int": 1}]}}), "array of int [int 1]"),
        (json!({"file": "/tmp/x.csv"}), "file \"/tmp/x.csv\""),
        (json!({"uri": "ldap://example.com/"}), "uri \"ldap://example.com/\""),
        (json!({"script": {"language": "groovy", "text": "1 + 1"}}), "script groovy \"1 + 1\""),
        (json!({"uid": {"value": "u1", "revision": "7"}}), "uid \"u1\" revision \"7\""),
        (json!({"objectClass": "__GROUP__"}), "class \"__GROUP__\""),
        (
            json!({"qualifiedUid": {"objectClass": "__GROUP__", "uid": {"value": "g1", "revision": null}}}),
            "qualified class \"__GROUP__\" uid \"g1\"",
        ),
        (json!({"sortKey": {"field": "sn", "ascending": false}}), "sort \"sn\" descending"),
    ]
}

async fn attribute_values_of_every_type_come_back_as_sent(side: Side) {
    for (number, (value, description)) in attribute_values().into_iter().enumerate() {
        let attributes =
            [attribute("__NAME__", json!(format!("n{number}"))), attribute("strings", value.clone())];
        let uid = side.ok("create", json!({"attributes": attributes})).await;
        let call = side.script("lastCall", json!({})).await;
        let expected = format!(
            "create class \"__ACCOUNT__\" null {{__NAME__=[\"n{number}\"], strings=[{description}]}} {{}}"
        );
        assert_eq!(call, expected, "{value}");
        let found = side.ok("get", json!({"uid": uid})).await;
        let attributes = found["attributes"].as_array().expect("attributes");
        assert!(
            attributes.contains(&attribute("strings", value.clone())),
            "{value} came back as {attributes:?}"
        );
    }
    let all: Vec<Value> = attribute_values().into_iter().map(|(value, _)| value).collect();
    let attributes = json!([attribute("__NAME__", json!("all")), {"name": "strings", "values": all}]);
    let uid = side.ok("create", json!({"attributes": attributes})).await;
    let found = side.ok("get", json!({"uid": uid})).await;
    let attributes = found["attributes"].as_array().expect("attributes");
    assert!(attributes.contains(&json!({"name": "strings", "values": all})), "{attributes:?}");
}

async fn script_values_of_every_type_come_back_as_sent(side: Side) {
    for (value, description) in attribute_values().into_iter().chain(other_values()) {
        let arguments = json!({"value": value});
        assert_eq!(
            side.script("describe", arguments.clone()).await,
            format!("{{\"value\": {description}}} {{}}")
        );
        assert_eq!(side.script("echo", arguments).await, value);
    }
}

async fn options_of_every_type_arrive(side: Side) {
    // What Java lets a caller put into options.
    let refused = ["byte ", "bytes ", "bigInteger ", "bigDecimal ", "{", "[", "set ", "anycase "];
    let mut options = json!({"describe": true});
    let mut expected = vec!["\"describe\": true".to_owned()];
    let all = attribute_values().into_iter().chain(other_values());
    let admitted = all.filter(|(_, description)| !refused.iter().any(|start| description.starts_with(start)));
    for (number, (value, description)) in admitted.enumerate() {
        options[format!("o{number:02}")] = value;
        expected.push(format!("\"o{number:02}\": {description}"));
    }
    assert_eq!(expected.len(), 26);
    expected.sort();
    let found = side.ok("search", json!({"options": options})).await;
    let attributes = found["items"][0]["attributes"].as_array().expect("attributes");
    let described = attributes.iter().find(|attribute| attribute["name"] == "options").expect("the options");
    assert_eq!(described["values"][0], format!("{{{}}}", expected.join(", ")));
}

async fn configuration_properties_of_every_type_arrive(side: Side) {
    let strings = |items: Value| json!({"array": {"of": "java.lang.String", "items": items}});
    let sent = [
        ("note", json!("n"), "\"n\""),
        ("stringValue", json!(null), "null"),
        ("primitiveLongValue", json!({"long": -5}), "long -5"),
        ("longValue", json!({"long": 5}), "long 5"),
        ("primitiveCharacterValue", json!({"char": "x"}), "char \"x\""),
        ("characterValue", json!({"char": "y"}), "char \"y\""),
        ("primitiveDoubleValue", json!({"double": "1.5"}), "double 3ff8000000000000"),
        ("doubleValue", json!({"double": "-1.5"}), "double bff8000000000000"),
        ("primitiveFloatValue", json!({"float": "1.0"}), "float 3f800000"),
        ("floatValue", json!({"float": "-1.0"}), "float bf800000"),
        ("primitiveIntValue", json!({"int": 1}), "int 1"),
        ("integerValue", json!({"int": -1}), "int -1"),
        ("primitiveBooleanValue", json!(true), "true"),
        ("booleanValue", json!(false), "false"),
        ("uriValue", json!({"uri": "urn:x"}), "uri \"urn:x\""),
        ("fileValue", json!({"file": "/x"}), "file \"/x\""),
        ("guardedByteArrayValue", json!({"guardedBytes": "AP8Q"}), "secretBytes 00ff10"),
        ("guardedStringValue", json!({"guardedString": "s"}), "secret \"s\""),
        ("scriptValue", json!({"script": {"language": "js", "text": "1"}}), "script js \"1\""),
        ("stringValues", strings(json!(["x", null])), "array of String [\"x\", null]"),
        (
            "primitiveLongValues",
            json!({"array": {"of": "long", "items": [{"long": 1}]}}),
            "array of long [long 1]",
        ),
        (
            "longValues",
            json!({"array": {"of": "java.lang.Long", "items": [{"long": 1}, null]}}),
            "array of Long [long 1, null]",
        ),
        (
            "guardedStringValues",
            json!({"array": {"of": "org.identityconnectors.common.security.GuardedString",
                "items": [{"guardedString": "a"}]}}),
            "array of GuardedString [secret \"a\"]",
        ),
        (
            "uriValues",
            json!({"array": {"of": "java.net.URI", "items": [{"uri": "urn:y"}]}}),
            "array of URI [uri \"urn:y\"]",
        ),
        (
            "primitiveBooleanValues",
            json!({"array": {"of": "boolean", "items": [true]}}),
            "array of boolean [true]",
        ),
        (
            "primitiveCharacterValues",
            json!({"array": {"of": "char", "items": [{"char": "x"}]}}),
            "array of char [char \"x\"]",
        ),
    ];
    let mut configuration = json!({"world": side.world()});
    for (name, value, _) in &sent {
        configuration[name] = value.clone();
    }
    let mut call = crate::ways::script("configuration", json!({}));
    call["configuration"] = configuration;
    let held = side.ok("scriptOnConnector", call).await;
    let held = held["map"].as_array().expect("a map of all properties");
    assert_eq!(held.len(), 42);
    for (name, _, description) in sent {
        assert!(held.contains(&json!([name, description])), "{name}: {held:?}");
    }
    // What was not sent keeps its default.
    assert!(held.contains(&json!(["objects", "int 0"])), "{held:?}");
    assert!(held.contains(&json!(["scriptValues", "null"])), "{held:?}");
}

async fn sync_tokens_of_every_type_arrive(side: Side) {
    for (value, description) in attribute_values() {
        // Java cannot read a request without a token: an answer with the cause of "must not be null".
        if value.is_null() && side.way == Way::Java {
            let refused = side.fails("sync", json!({"options": {"describe": true}})).await;
            assert_eq!(refused.class(), "java.lang.NullPointerException");
            continue;
        }
        let found = side.ok("sync", json!({"token": value, "options": {"describe": true}})).await;
        let attributes = found["items"][0]["object"]["attributes"].as_array().expect("attributes");
        assert!(attributes.contains(&attribute("token", json!(description))), "{value}: {attributes:?}");
    }
}
