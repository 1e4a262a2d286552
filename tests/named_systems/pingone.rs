//! An environment of PingOne: users with all that SailPoint's documents name of them, groups, populations and roles.

use reqwest::Method;
use serde_json::{Value, json};

use crate::fake::{ENV, PingOne};
use crate::scene::{Scene, field, file};

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_of_pingone() {
    let pingone = PingOne::start().await;
    pingone.group("g1", "Operators");
    pingone.state().populations.insert("default".into(), json!({"id": "default", "name": "Staff"}));
    let variables = [("pingone.url", pingone.service.url("")), ("pingone.environment", ENV.to_owned())];
    let scene = Scene::start("pingone", file("pingone"), &variables).await;
    let tested = scene.done(Method::POST, "/system/pingone?_action=test", None).await;
    assert_eq!(tested["ok"], true, "{tested} {:?}", pingone.service.lines());

    let ann = json!({"username": "ann", "email": "ann@example.com", "password": "Hush-1234",
        "name": {"given": "Ann", "family": "A"}, "address": {"locality": "Graz", "region": "Styria"},
        "type": "staff", "population": {"id": "default"}});
    let created = scene.done(Method::POST, "/system/pingone/User?_action=create", Some(ann)).await;
    let id = created["_id"].as_str().unwrap().to_owned();

    // Can authenticate, locality, MFA enabled, region, status, type and verify status, of all users in one request.
    let before = pingone.asked().len();
    let found = scene.done(Method::GET, "/system/pingone/User?_queryFilter=true", None).await;
    let user = &found["result"][0];
    let read = |user: &Value| {
        ["canAuthenticate", "locality", "mfaEnabled", "region", "status", "type", "verifyStatus"]
            .map(|name| user[name].clone())
    };
    let expected = [
        json!(true),
        json!("Graz"),
        json!(false),
        json!("Styria"),
        json!("OK"),
        json!("staff"),
        json!("NOT_INITIATED"),
    ];
    assert_eq!(read(user), expected, "{user}");
    assert_eq!(pingone.lines()[before..], ["GET /users"]);
    let one = scene.done(Method::GET, "/system/pingone/User?_queryFilter=username+eq+%22ann%22", None).await;
    assert_eq!(read(&one["result"][0]), expected);

    let account = format!("/system/pingone/User/{id}");
    let stored = |path: &str| pingone.state().users[&id].pointer(path).cloned().unwrap_or_default();
    for (name, value, path) in [
        ("enabled", json!(false), "/enabled"),
        ("mfaEnabled", json!(true), "/mfaEnabled"),
        ("status", json!("LOCKED"), "/account/status"),
        ("verifyStatus", json!("ENABLED"), "/verifyStatus"),
        ("type", json!("guest"), "/type"),
        ("locality", json!("Linz"), "/address/locality"),
    ] {
        scene.done(Method::PATCH, &account, Some(field(&format!("/{name}"), value.clone()))).await;
        assert_eq!(stored(path), value, "{name}");
    }
    assert_eq!(stored("/address/region"), "Styria", "what was not named stays");
    let user = scene.done(Method::GET, &account, None).await;
    assert_eq!((&user["status"], &user["mfaEnabled"]), (&json!("LOCKED"), &json!(true)));

    for groups in [json!(["g1"]), json!([])] {
        scene.done(Method::PATCH, &account, Some(field("/memberOfGroupIDs", groups.clone()))).await;
        let members = pingone.state().memberships.get(&id).map_or(0, |groups| groups.len());
        assert_eq!(members, groups.as_array().unwrap().len());
    }
    for (class, name) in [("Group", "Operators"), ("Population", "Staff"), ("Role", "Identity Data Admin")] {
        let all = scene.done(Method::GET, &format!("/system/pingone/{class}?_queryFilter=true"), None).await;
        assert_eq!(all["result"][0]["name"], name, "{all}");
    }
    scene.done(Method::DELETE, &account, None).await;
    assert!(pingone.state().users.is_empty());
    scene.end().await;
}
