//! Single objects of the reference connector: read, create, update, patch, delete, authenticate, scripts.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::scene::{Side, rows};
use crate::systems::reference;

rows! {
    values_of_every_type_there_and_back,
    an_object_lives_and_dies,
    a_patch_becomes_the_right_calls,
    what_is_there_and_what_is_not,
    a_rename_that_changes_the_identity,
    revisions_are_kept,
    people_authenticate,
    scripts_run_on_both_ends,
    values_that_the_connector_refuses,
}

async fn values_of_every_type_there_and_back(side: Side) {
    reference(&side, json!({})).await;
    let all = json!({
        "name": "everything", "string": "Zoë \"x\"\n😀", "int": -2_147_483_648_i64, "long": 9_007_199_254_740_993_i64,
        "double": 0.5, "boolean": true, "bytes": "AAEC/w==", "bigDecimal": 12.25, "bigInteger": 1_234_567_890_123_456_i64,
        "character": "é", "map": {"a": 1, "b": [null, "x", {"c": true}]}, "strings": ["b", "a", "b"],
        "guardedString": "hidden", "enabled": false,
    });
    let created = side.create("account", all.clone()).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let mut expected = all;
    expected["_id"] = json!("5");
    assert_eq!(created.body, expected);
    assert_eq!(side.read("account/5").await.ok(), expected);
    let found = side.filter("int lt 0").await;
    assert_eq!(found.ids(), ["5"]);
    assert_eq!(found.body["result"][0], expected);
}

async fn an_object_lives_and_dies(side: Side) {
    reference(&side, json!({})).await;
    let user = json!({"_id": "1", "name": "user0", "string": "Surname 0", "int": 0, "boolean": true, "strings": ["s0", "s0"]});
    assert_eq!(side.read("account/1").await.ok(), user);
    let fields = side.read("account/1?_fields=string,hidden").await.ok();
    assert_eq!(fields, json!({"_id": "1", "string": "Surname 0"}));
    let changed = side
        .update("account/1", json!({"string": "new", "strings": [], "int": null, "hidden": "h"}))
        .await
        .ok();
    assert_eq!(changed, json!({"_id": "1", "name": "user0", "string": "new", "boolean": true}));
    let fields = side.read("account/1?_fields=hidden").await.ok();
    assert_eq!(fields, json!({"_id": "1", "hidden": "h"}));
    let deleted = side.on(Method::DELETE, "account/1", None).await.ok();
    assert_eq!(deleted["string"], "new");
    let message = format!("Object 1 not found on system/{}/account", side.system);
    side.read("account/1").await.is_error(404, &message);
}

async fn a_patch_becomes_the_right_calls(side: Side) {
    reference(&side, json!({})).await;
    let patched = side
        .on(
            Method::PATCH,
            "account/2",
            Some(json!([
                {"operation": "add", "field": "/strings/-", "value": "more"},
                {"operation": "remove", "field": "/strings", "value": "s1"},
                {"operation": "replace", "field": "/string", "value": "patched"},
                {"operation": "increment", "field": "/int", "value": 41},
            ])),
        )
        .await
        .ok();
    // Of number 1: s1, s1.
    let expected = json!({"_id": "2", "name": "user1", "string": "patched", "int": 42, "boolean": false, "strings": ["more"]});
    assert_eq!(patched, expected);
    let last = script(&side, "lastCall", "connector", json!({})).await;
    let told = last["actions"][0]["result"].as_str().unwrap();
    assert!(told.starts_with(&format!("{LAST_CALL}, \"CAUD_TRANSACTION_ID\": \"")), "{told}");
}

/// The last of the calls as the connector saw it.
const LAST_CALL: &str = r#"removeAttributeValues class "__ACCOUNT__" uid "2" {strings=["s1"]} {"ATTRS_TO_GET": array of String ["__NAME__", "string", "int", "long", "double", "boolean", "bytes", "bigDecimal", "bigInteger", "character", "map", "strings", "guardedString", "notUpdateable", "__ENABLE__", "__PASSWORD_EXPIRED__"]"#;

async fn what_is_there_and_what_is_not(side: Side) {
    reference(&side, json!({})).await;
    let create = side.create("account", json!({"name": "user1"})).await;
    create.is_error(412, "System object user1 already exists");
    let message = |operation: &str| {
        let context = format!("system/{}/account", side.system);
        format!("Operation {operation} could not find resource 99 on system object: {context}")
    };
    side.on(Method::DELETE, "account/99", None).await.is_error(404, &message("DELETE"));
    side.update("account/99", json!({"string": "x"})).await.is_error(404, &message("UPDATE"));
    let patch = json!([{"operation": "replace", "field": "/string", "value": "x"}]);
    side.on(Method::PATCH, "account/99", Some(patch)).await.is_error(404, &message("PATCH"));
}

async fn a_rename_that_changes_the_identity(side: Side) {
    reference(&side, json!({})).await;
    let created = side.create("group", json!({"name": "staff", "members": ["1", "2"]})).await;
    assert_eq!((created.status, &created.body["_id"]), (201, &json!("staff")));
    let renamed = side.update("group/staff", json!({"name": "crew"})).await.ok();
    assert_eq!(renamed, json!({"_id": "crew", "name": "crew", "members": ["1", "2"]}));
    assert_eq!(side.read("group/staff").await.status, 404);
}

async fn revisions_are_kept(side: Side) {
    reference(&side, json!({"revisions": true})).await;
    let first = side.read("account/1").await.ok();
    let revision = first["_rev"].as_str().unwrap().to_owned();
    let put = async |tag: &str| {
        side.on_with(Method::PUT, "account/1", ("If-Match", tag), Some(json!({"string": "x"}))).await
    };
    put("*").await.is_error(
        428,
        "No resource version for resource 1 has been provided on operation UPDATE for system object: \
        system/SYSTEM/account"
            .replace("SYSTEM", &side.system)
            .as_str(),
    );
    let changed = put(&format!("\"{revision}\"")).await.ok();
    assert_ne!(changed["_rev"], revision.as_str());
    put(&format!("\"{revision}\"")).await.is_error(
        412,
        "The resource version for 1 does not match the version provided on \
        operation UPDATE for system object: system/SYSTEM/account"
            .replace("SYSTEM", &side.system)
            .as_str(),
    );
}

async fn people_authenticate(side: Side) {
    reference(&side, json!({})).await;
    side.create("account", json!({"name": "jd", "password": "p😀"})).await.ok();
    let login = async |name: &str, password: &str| {
        let body = json!({"username": name, "password": password});
        side.on(Method::POST, "account?_action=authenticate", Some(body)).await
    };
    assert_eq!(login("jd", "p😀").await.ok(), json!({"_id": "5"}));
    let refused =
        |what: &str| format!("Invalid {what} has been provided to operation ACTION for system object: null");
    login("jd", "wrong").await.is_error(401, &refused("password"));
    login("nobody", "p").await.is_error(401, &refused("credential"));
    side.update("account/5", json!({"expired": true})).await.ok();
    let expired = "Operation ACTION failed with PasswordExpiredException on system object: null";
    login("jd", "p😀").await.is_error(403, expired);
}

async fn script(side: &Side, id: &str, mode: &str, arguments: Json) -> Json {
    let path =
        format!("/openidm/system/{}?_action=script&scriptId={id}&scriptExecuteMode={mode}", side.system);
    side.post(&path, arguments).await.ok()
}

async fn scripts_run_on_both_ends(side: Side) {
    reference(&side, json!({})).await;
    let value = json!({"value": {"n": 1, "list": ["a", true, null]}});
    let echoed = script(&side, "echo", "connector", value.clone()).await;
    assert_eq!(echoed, json!({"actions": [{"result": value["value"]}]}));
    for (mode, place) in [("connector", "connector"), ("resource", "resource")] {
        let answer = script(&side, "where", mode, json!({})).await;
        assert_eq!(answer, json!({"actions": [{"result": place}]}));
    }
    let locale = script(&side, "locale", "connector", json!({})).await;
    assert_eq!(locale, json!({"actions": [{"result": "en_US"}]}));
    let unknown = script(&side, "nobodyknowsit", "resource", json!({})).await;
    assert_eq!(unknown, json!({"actions": [{"error": "No script is called 'nobody knows it'."}]}));
}

async fn values_that_the_connector_refuses(side: Side) {
    reference(&side, json!({})).await;
    let message = "Attribute value conflicts with the attribute's schema definition on operation UPDATE for system object: 1";
    side.update("account/1", json!({"notUpdateable": "x"})).await.is_error(400, message);
    let created = side.create("account", json!({"name": "new", "notUpdateable": "x"})).await.ok();
    assert_eq!(created["notUpdateable"], "x");
}
