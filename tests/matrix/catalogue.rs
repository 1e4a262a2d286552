//! What the server says of its connectors.

use serde_json::{Value, json};

use crate::ways::{self, Side, Way, connector_key, rows};

rows! {
    forty_connectors_are_announced_in_a_message_beyond_64_kib,
    properties_of_every_type_are_announced_alike,
    texts_come_in_the_language_that_is_asked_for,
    messages_of_the_connector_follow_the_callers_locale,
    null_for_a_primitive_is_refused,
    a_property_of_another_type_is_refused,
    a_configuration_is_validated,
    the_schema_says_the_same_as_javas,
    a_null_schema_arrives_as_null,
    a_connector_is_tested,
    [openicf:
        a_configuration_that_the_connector_changes_is_told,
    ]
}

async fn reference(side: &Side, locale: &str) -> Value {
    let arguments = json!({"peer": side.peer().name(), "locale": locale});
    let all = side.driver().call("connectors", arguments).await.expect("the connectors");
    let all = all.as_array().expect("connectors are a list");
    all.iter().find(|one| one["connectorKey"] == connector_key()).expect("the reference connector").clone()
}

async fn forty_connectors_are_announced_in_a_message_beyond_64_kib(side: Side) {
    let many = if side.way == Way::Java { 2 } else { 40 };
    // The bundled connectors are there, too, and they become more.
    assert!(side.peer().connectors_at_least(many).await.len() >= many);
}

async fn properties_of_every_type_are_announced_alike(side: Side) {
    let mut java = reference(&ways::side(Way::Java, "catalogue").await, "en").await;
    let found = reference(&side, "en").await;
    if side.way == Way::C {
        strip(&mut java);
    }
    assert_eq!(found["properties"].as_array().map(Vec::len), Some(42));
    assert_eq!(found, java);
}

/// Takes away what does not travel to ConnId.
fn strip(value: &mut Value) {
    let travels = |name: &str| {
        !["BatchApiOp", "ConnectorEventSubscriptionApiOp", "SyncEventSubscriptionApiOp"].contains(&name)
    };
    match value {
        Value::Object(members) => {
            members.retain(|name, _| travels(name));
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => {
            items.retain(|item| item.as_str().is_none_or(travels));
            items.iter_mut().for_each(strip);
        }
        _ => {}
    }
}

async fn texts_come_in_the_language_that_is_asked_for(side: Side) {
    assert_eq!(reference(&side, "en").await["displayName"], "Reference connector");
    assert_eq!(reference(&side, "de_AT").await["displayName"], "Referenzkonnektor");
    assert_eq!(reference(&side, "fr").await["displayName"], "Reference connector");
}

async fn messages_of_the_connector_follow_the_callers_locale(side: Side) {
    let arguments = json!({"key": "greeting", "arguments": {"list": ["Ann", {"int": 1234}, null]}});
    for (locale, expected) in [
        ("en", "Hello Ann, you have 1,234 new messages: it's null"),
        ("de", "Hallo Ann, 1.234 neue Nachrichten f\u{fc}r dich: null"),
        ("de_AT", "Hallo Ann, 1\u{a0}234 neue Nachrichten f\u{fc}r dich: null"),
        ("de_CH", "Hallo Ann, 1\u{2019}234 neue Nachrichten f\u{fc}r dich: null"),
        ("fr", "Hello Ann, you have 1\u{202f}234 new messages: it's null"),
    ] {
        let mut call = ways::script("message", arguments.clone());
        call["locale"] = json!(locale);
        assert_eq!(side.ok("scriptOnConnector", call).await, expected, "{locale}");
        let mut call = ways::script("locale", json!({}));
        call["locale"] = json!(locale);
        assert_eq!(side.ok("scriptOnConnector", call).await, locale);
    }
    let fallback = json!({"key": "only.english"});
    let mut call = ways::script("message", fallback);
    call["locale"] = json!("de");
    assert_eq!(side.ok("scriptOnConnector", call).await, "Only in English");
    let unknown = json!({"key": "zz", "default": "as {0} is"});
    assert_eq!(side.script("message", unknown).await, "as {0} is");
}

async fn a_configuration_that_the_connector_changes_is_told(side: Side) {
    let mut call = ways::script("configure", json!({"note": "changed"}));
    call["reportConfigurationChanges"] = json!(true);
    call["waitForChangeMillis"] = json!(3000);
    let arguments = side.peer().arguments(side.operation("scriptOnConnector", call));
    let mut running = side.driver().begin("operate", arguments).await;
    let told = running.next().await;
    let told = told["properties"].as_array().expect("an event with properties");
    assert_eq!((told.len(), &told[0]["name"], &told[0]["value"]), (1, &json!("note"), &json!("changed")));
    running.answer().await.expect("the script");
}

async fn null_for_a_primitive_is_refused(side: Side) {
    let refused = side.fails("test", json!({"configuration": {"primitiveIntValue": null}})).await;
    assert_eq!(refused.simple_class(), "ConfigurationException");
    // Java does not say which.
    assert!(side.way == Way::Java || refused.message().contains("primitiveIntValue"), "{refused}");
}

async fn a_property_of_another_type_is_refused(side: Side) {
    for (name, value) in [
        ("primitiveIntValue", json!({"long": 5})),
        ("longValue", json!({"int": 5})),
        ("stringValue", json!({"int": 5})),
        ("stringValues", json!("not an array")),
    ] {
        for op in ["test", "validate", "search"] {
            let refused = side.fails(op, json!({"configuration": {name: value}})).await;
            assert_eq!(refused.simple_class(), "ConfigurationException", "{op} {name}: {refused}");
            assert!(refused.message().contains(name), "{op} {name}: {refused}");
        }
    }
}

async fn a_configuration_is_validated(side: Side) {
    side.ok("validate", json!({})).await;
    let blank = side.fails("validate", json!({"configuration": {"world": " "}})).await;
    assert_eq!(blank.simple_class(), "ConfigurationException");
    assert_eq!(blank.message(), "The name of the world is missing.");
}

async fn the_schema_says_the_same_as_javas(side: Side) {
    let mut java = ways::side(Way::Java, "schema").await.ok("schema", json!({})).await;
    if side.way == Way::C {
        strip(&mut java);
    }
    let found = side.ok("schema", json!({})).await;
    assert_eq!(found["objectClasses"].as_array().map(Vec::len), Some(3));
    assert_eq!(found["options"].as_array().map(Vec::len), Some(8));
    assert_eq!(found, java);
}

fn with_fault(side: &Side, fault: &str) -> Value {
    let faults = json!({"array": {"of": "java.lang.String", "items": [fault]}});
    json!({"configuration": {"world": side.world(), "faults": faults}})
}

async fn a_null_schema_arrives_as_null(side: Side) {
    assert_eq!(side.ok("schema", with_fault(&side, "schema=null")).await, Value::Null);
    let none = side.ok("latestSyncToken", with_fault(&side, "latestSyncToken=null")).await;
    assert_eq!(none, Value::Null);
}

async fn a_connector_is_tested(side: Side) {
    side.ok("test", json!({})).await;
    let down = side.fails("test", with_fault(&side, "test=ConnectionFailedException")).await;
    assert_eq!(down.simple_class(), "ConnectionFailedException");
    assert_eq!(down.message(), "asked for ConnectionFailedException");
    for fault in ["init=ConnectorIOException", "checkAlive=ConnectorIOException"] {
        let refused = side.fails("test", with_fault(&side, fault)).await;
        assert_eq!(refused.simple_class(), "ConnectorIOException", "{fault}");
    }
    let invalid = side.fails("validate", with_fault(&side, "validate=ConnectorSecurityException")).await;
    assert_eq!(invalid.simple_class(), "ConnectorSecurityException");
}
