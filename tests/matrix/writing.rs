//! Operations that write, those about users, and scripts.

use serde_json::{Value, json};

use crate::ways::{Side, attribute, rows, script};

rows! {
    an_object_is_created_found_changed_and_deleted,
    values_are_replaced_added_and_removed_as_sent,
    a_null_uid_arrives_as_null,
    a_rename_that_changes_the_uid_is_answered,
    revisions_travel_with_uids,
    a_user_is_authenticated_or_refused,
    a_user_name_is_resolved,
    scripts_run_with_arguments_on_connector_and_resource,
    a_null_script_result_arrives_as_null,
    an_unknown_script_language_is_refused,
}

async fn an_object_is_created_found_changed_and_deleted(side: Side) {
    let attributes = [attribute("__NAME__", json!("ann")), attribute("int", json!({"int": 5}))];
    let created = json!({"attributes": attributes});
    assert_eq!(side.ok("create", created.clone()).await, json!({"value": "1", "revision": null}));
    let again = side.fails("create", created).await;
    assert_eq!(again.simple_class(), "AlreadyExistsException");
    assert_eq!(again.message(), "__ACCOUNT__ ann exists.");

    side.ok("update", json!({"uid": "1", "attributes": [attribute("string", json!("x"))]})).await;
    let found = side.ok("get", json!({"uid": "1"})).await;
    assert_eq!(
        found["attributes"],
        json!([
            {"name": "__NAME__", "values": ["ann"]},
            {"name": "__UID__", "values": ["1"]},
            {"name": "int", "values": [{"int": 5}]},
            {"name": "string", "values": ["x"]},
        ])
    );

    side.ok("delete", json!({"uid": "1"})).await;
    assert_eq!(side.ok("get", json!({"uid": "1"})).await, Value::Null);
    let gone = side.fails("delete", json!({"uid": "1"})).await;
    assert_eq!(gone.simple_class(), "UnknownUidException");
    assert_eq!(gone.message(), "No __ACCOUNT__ has the uid 1.");
    let gone = side.fails("update", json!({"uid": "1", "attributes": []})).await;
    assert_eq!(gone.simple_class(), "UnknownUidException");
}

async fn values_are_replaced_added_and_removed_as_sent(side: Side) {
    let strings = |values: Value| json!([{"name": "strings", "values": values}]);
    let options = json!({"RUN_AS_USER": "root"});
    side.ok("create", json!({"attributes": [attribute("__NAME__", json!("ann"))]})).await;
    let cases = [
        ("update", json!(["a", "b"]), json!(["a", "b"]), "update"),
        ("addValues", json!(["b", "c"]), json!(["a", "b", "c"]), "addAttributeValues"),
        ("removeValues", json!(["a", "x"]), json!(["b", "c"]), "removeAttributeValues"),
        ("update", json!([]), json!(null), "update"),
        ("update", json!(["d"]), json!(["d"]), "update"),
        ("update", json!(null), json!(null), "update"),
    ];
    for (op, sent, held, called) in cases {
        let arguments = json!({"uid": "1", "attributes": strings(sent.clone()), "options": options});
        assert_eq!(side.ok(op, arguments).await["value"], "1");
        let call = side.script("lastCall", json!({})).await;
        let sent =
            if sent.is_null() { "null".to_owned() } else { sent.to_string().replace("\",\"", "\", \"") };
        let expected =
            format!(r#"{called} class "__ACCOUNT__" uid "1" {{strings={sent}}} {{"RUN_AS_USER": "root"}}"#);
        assert_eq!(call, expected);
        let found = side.ok("get", json!({"uid": "1"})).await;
        let attributes = found["attributes"].as_array().expect("attributes");
        let found = attributes.iter().find(|attribute| attribute["name"] == "strings");
        assert_eq!(found.map_or(&Value::Null, |attribute| &attribute["values"]), &held, "after {op} {sent}");
    }
    let name = json!({"uid": "1", "attributes": [attribute("__NAME__", json!("bob"))]});
    let refused = side.fails("addValues", name).await;
    assert_eq!(refused.simple_class(), "IllegalArgumentException");
}

async fn a_null_uid_arrives_as_null(side: Side) {
    let to_null = json!({"null": true});
    let create = json!({"attributes": [attribute("__NAME__", json!("ann"))], "options": to_null});
    assert_eq!(side.ok("create", create).await, Value::Null);
    let change = json!({"uid": "1", "attributes": [attribute("string", json!("x"))], "options": to_null});
    for op in ["update", "addValues", "removeValues"] {
        assert_eq!(side.ok(op, change.clone()).await, Value::Null, "{op}");
    }
    let login = json!({"username": "ann", "password": "x", "options": to_null});
    assert_eq!(side.ok("authenticate", login.clone()).await, Value::Null);
    assert_eq!(side.ok("resolveUsername", login).await, Value::Null);
}

async fn a_rename_that_changes_the_uid_is_answered(side: Side) {
    let group =
        |name: &str| json!({"objectClass": "__GROUP__", "attributes": [attribute("__NAME__", json!(name))]});
    assert_eq!(side.ok("create", group("old")).await["value"], "old");
    let mut rename = group("new");
    rename["uid"] = json!("old");
    assert_eq!(side.ok("update", rename).await["value"], "new");
}

async fn revisions_travel_with_uids(side: Side) {
    let with = |revision: Option<&str>| {
        json!({
            "configuration": {"world": side.world(), "revisions": true},
            "uid": {"value": "1", "revision": revision},
            "attributes": [attribute("string", json!("x"))],
        })
    };
    let mut create = with(None);
    create["attributes"] = json!([attribute("__NAME__", json!("ann"))]);
    assert_eq!(side.ok("create", create).await, json!({"value": "1", "revision": "1"}));
    assert_eq!(side.ok("update", with(Some("1"))).await, json!({"value": "1", "revision": "2"}));
    assert_eq!(side.ok("get", with(None)).await["uid"], json!({"value": "1", "revision": "2"}));
    let late = side.fails("update", with(Some("1"))).await;
    assert_eq!((late.simple_class(), late.message()), ("PreconditionFailedException", "The revision is 2."));
    let blind = side.fails("delete", with(None)).await;
    assert_eq!(blind.simple_class(), "PreconditionRequiredException");
    side.ok("delete", with(Some("2"))).await;
}

async fn a_user_is_authenticated_or_refused(side: Side) {
    let secret = |text: &str| json!({"guardedString": text});
    let attributes = [attribute("__NAME__", json!("ann")), attribute("__PASSWORD__", secret("pässw0rd"))];
    side.ok("create", json!({"attributes": attributes})).await;
    let login = |user: &str, password: &str| json!({"username": user, "password": password});
    assert_eq!(side.ok("authenticate", login("ann", "pässw0rd")).await["value"], "1");
    let call = side.script("lastCall", json!({})).await;
    assert_eq!(call, r#"authenticate class "__ACCOUNT__" "ann" secret "pässw0rd" {}"#);
    let wrong = side.fails("authenticate", login("ann", "password")).await;
    assert_eq!((wrong.simple_class(), wrong.message()), ("InvalidPasswordException", "Wrong password."));
    let unknown = side.fails("authenticate", login("bob", "password")).await;
    assert_eq!(
        (unknown.simple_class(), unknown.message()),
        ("InvalidCredentialException", "Unknown user: bob")
    );
    let expire = json!({"uid": "1", "attributes": [attribute("__PASSWORD_EXPIRED__", json!(true))]});
    side.ok("update", expire).await;
    let expired = side.fails("authenticate", login("ann", "pässw0rd")).await;
    assert_eq!(expired.simple_class(), "PasswordExpiredException");
}

async fn a_user_name_is_resolved(side: Side) {
    side.ok("create", json!({"attributes": [attribute("__NAME__", json!("ann"))]})).await;
    assert_eq!(side.ok("resolveUsername", json!({"username": "ann"})).await["value"], "1");
    let unknown = side.fails("resolveUsername", json!({"username": "bob"})).await;
    assert_eq!((unknown.simple_class(), unknown.message()), ("UnknownUidException", "Unknown user: bob"));
}

async fn scripts_run_with_arguments_on_connector_and_resource(side: Side) {
    for (op, place) in [("scriptOnConnector", "connector"), ("scriptOnResource", "resource")] {
        assert_eq!(side.ok(op, script("where", json!({}))).await, place);
        let mut call = script("describe", json!({"n": {"long": 5}, "list": {"list": ["a", null]}}));
        call["options"] = json!({"RUN_AS_USER": "root"});
        let expected = r#"{"list": ["a", null], "n": long 5} {"RUN_AS_USER": "root"}"#;
        assert_eq!(side.ok(op, call).await, expected);
    }
    // Languages compare without case.
    let shouted = json!({"script": {"language": "REFERENCE", "text": "where"}});
    assert_eq!(side.ok("scriptOnConnector", shouted).await, "connector");
    let unknown = side.fails("scriptOnConnector", script("sing", json!({}))).await;
    assert_eq!(unknown.message(), "No script is called 'sing'.");
}

async fn a_null_script_result_arrives_as_null(side: Side) {
    for op in ["scriptOnConnector", "scriptOnResource"] {
        assert_eq!(side.ok(op, script("echo", json!({}))).await, Value::Null);
        let mut call = script("where", json!({}));
        call["options"] = json!({"null": true});
        assert_eq!(side.ok(op, call).await, Value::Null);
    }
}

async fn an_unknown_script_language_is_refused(side: Side) {
    let groovy = json!({"script": {"language": "groovy", "text": "1 + 1"}});
    for op in ["scriptOnConnector", "scriptOnResource"] {
        let refused = side.fails(op, groovy.clone()).await;
        assert_eq!(refused.class(), "java.lang.IllegalArgumentException");
        assert_eq!(refused.message(), "Language not supported: groovy");
    }
}
