//! A service that was made for SailPoint: it keeps a few attributes and refuses the others, also where they are only asked
//! for. The file is the usual one, with everything that a user can have.

use std::sync::{Arc, Mutex};

use icf_testkit::http::{FakeService, Reply};
use reqwest::Method;
use serde_json::json;

use crate::directory::Directory;
use crate::scene::{Scene, field, file};
use crate::service::{
    Described, ENTERPRISE, GROUP, USER, attribute, error, list_of, objects, plain, resource_type, schema,
};

fn trimmed() -> Described {
    let parts = ["formatted", "familyName", "givenName"].map(plain);
    let user = [
        attribute("userName", "string", &json!({"required": true, "uniqueness": "server"})),
        attribute("name", "complex", &json!({"subAttributes": parts})),
        plain("displayName"),
        attribute("active", "boolean", &json!({})),
        objects("emails", &json!({})),
        objects("groups", &json!({"mutability": "readOnly"})),
    ];
    let group =
        [attribute("displayName", "string", &json!({"required": true})), objects("members", &json!({}))];
    Described {
        types: list_of(&[
            resource_type("User", "/Users", USER, &[ENTERPRISE]),
            resource_type("Group", "/Groups", GROUP, &[]),
        ]),
        schemas: list_of(&[
            schema(USER, "User", &user),
            schema(ENTERPRISE, "EnterpriseUser", &[plain("department")]),
            schema(GROUP, "Group", &group),
        ]),
        ..Described::standard()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_with_the_schemas_trimmed_for_sailpoint() {
    let state = Arc::new(Mutex::new(Directory::new(trimmed())));
    let shared = Arc::clone(&state);
    let service = FakeService::start(move |request| match request.path.strip_prefix("/scim/v2") {
        None if request.path == "/token" && request.header("authorization") == Some("Basic aWQ6c2VjcmV0") => {
            Reply::json(200, &json!({"access_token": "t1", "expires_in": 3600}))
        }
        Some(below) if request.header("authorization") == Some("Bearer t1") => {
            shared.lock().unwrap().answer(below, request)
        }
        _ => error(401, "", "who is that?"),
    })
    .await;
    let scene = Scene::start("sailpoint", file("sailpoint"), &[("sp.url", service.url(""))]).await;
    let tested = scene.done(Method::POST, "/system/sailpoint?_action=test", None).await;
    assert_eq!(tested["ok"], true, "{tested} {:?}", service.lines());

    let ann = json!({"userName": "ann", "displayName": "Ann A", "nickName": "Annie", "title": "Dr",
        "name": {"familyName": "A", "givenName": "Ann", "middleName": "M", "honorificPrefix": "Dr"},
        "locale": "de", "timezone": "Europe/Berlin", "userType": "staff", "preferredLanguage": "de",
        "profileUrl": "https://example.com/ann", "active": true, "department": "D1",
        "emails": [{"value": "ann@example.com", "type": "work"}]});
    let created = scene.done(Method::POST, "/system/sailpoint/account?_action=create", Some(ann)).await;
    let id = created["_id"].as_str().unwrap().to_owned();
    let held = || state.lock().unwrap().resources["/Users"][&id].clone();
    assert_eq!(held()["name"], json!({"familyName": "A", "givenName": "Ann"}));
    assert_eq!(held()[ENTERPRISE], json!({"department": "D1"}));
    // The tenant asks for every attribute of its file.
    let found = scene.done(Method::GET, "/system/sailpoint/account?_queryFilter=true", None).await;
    assert_eq!((&found["result"][0]["_id"], &found["result"][0]["department"]), (&json!(id), &json!("D1")));
    let asked = service.take().into_iter().rev().find_map(|request| request.parameter("attributes")).unwrap();
    assert!(asked.contains("displayName") && !asked.contains("nickName"), "{asked}");

    let account = format!("/system/sailpoint/account/{id}");
    let changes = json!([
        {"operation": "replace", "field": "/department", "value": "D2"},
        {"operation": "replace", "field": "/title", "value": "Prof"},
        {"operation": "replace", "field": "/active", "value": false},
    ]);
    scene.done(Method::PATCH, &account, Some(changes)).await;
    assert_eq!((&held()[ENTERPRISE]["department"], &held()["active"]), (&json!("D2"), &json!(false)));
    let group = json!({"displayName": "Ops", "members": [{"value": id}]});
    let group = scene.done(Method::POST, "/system/sailpoint/group?_action=create", Some(group)).await;
    let group = format!("/system/sailpoint/group/{}", group["_id"].as_str().unwrap());
    scene.done(Method::PATCH, &group, Some(field("/members", json!([])))).await;
    scene.done(Method::DELETE, &group, None).await;
    scene.done(Method::DELETE, &account, None).await;
    scene.end().await;
    let faults = state.lock().unwrap().faults.clone();
    assert!(faults.is_empty(), "{faults:?}");
}
