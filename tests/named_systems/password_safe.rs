//! BeyondTrust Password Safe: accounts, groups, membership and permissions, with a refresh token that rotates in between.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use icf_testkit::http::{FakeService, Received, Reply};
use reqwest::Method;
use serde_json::{Value, json};

use crate::directory::Directory;
use crate::scene::{Scene, field, file, holds};
use crate::service::{
    Described, GROUP, USER, attribute, error, list_of, objects, plain, resource_type, schema,
};

const LINKED: &str = "urn:ietf:params:scim:schemas:pam:1.0:LinkedObject";
const PERMISSION: &str = "urn:ietf:params:scim:schemas:pam:1.0:ContainerPermission";

/// What Password Safe says of itself: few attributes, and permissions that are those of groups.
fn described() -> Described {
    let parts = ["formatted", "familyName", "givenName"].map(plain);
    let reference = |name: &str| {
        let parts = ["value", "display", "$ref"].map(plain);
        attribute(name, "complex", &json!({"required": true, "subAttributes": parts}))
    };
    let user = [
        attribute("userName", "string", &json!({"required": true, "uniqueness": "server"})),
        attribute("name", "complex", &json!({"subAttributes": parts})),
        plain("displayName"),
        attribute("active", "boolean", &json!({})),
        attribute("password", "string", &json!({"mutability": "writeOnly", "returned": "never"})),
        objects("emails", &json!({})),
    ];
    let group =
        [attribute("displayName", "string", &json!({"required": true})), objects("members", &json!({}))];
    let rights = attribute("rights", "string", &json!({"multiValued": true}));
    Described {
        types: list_of(&[
            resource_type("User", "/Users", USER, &[LINKED]),
            resource_type("Group", "/Groups", GROUP, &[LINKED]),
            resource_type("ContainerPermission", "/ContainerPermissions", PERMISSION, &[]),
        ]),
        schemas: list_of(&[
            schema(USER, "User", &user),
            schema(GROUP, "Group", &group),
            schema(LINKED, "LinkedObject", &["source", "nativeIdentifier"].map(plain)),
            schema(PERMISSION, "ContainerPermission", &[reference("container"), reference("group"), rights]),
        ]),
        ..Described::standard()
    }
}

struct Safe {
    directory: Directory,
    /// How often a refresh token was used up.
    rotated: u32,
    /// Whether the access token in use has ended.
    ended: bool,
    faults: Vec<String>,
}

fn answer(safe: &mut Safe, request: &Received) -> Reply {
    if request.path == "/scim/oauth/token" {
        let expected = format!("grant_type=refresh_token&refresh_token=refresh-{}", safe.rotated);
        if request.header("authorization").is_some() || request.text() != expected {
            safe.faults.push(format!("token request {}", request.text()));
            return Reply::json(400, &json!({"error": "invalid_grant"}));
        }
        safe.rotated += 1;
        safe.ended = false;
        let (access, refresh) = (format!("access-{}", safe.rotated), format!("refresh-{}", safe.rotated));
        return Reply::json(
            200,
            &json!({"access_token": access, "refresh_token": refresh, "expires_in": 3600}),
        );
    }
    let bearer = format!("Bearer access-{}", safe.rotated);
    if safe.ended || request.header("authorization") != Some(bearer.as_str()) {
        return error(401, "", "expired");
    }
    match request.path.strip_prefix("/scim/v2") {
        Some(below) => safe.directory.answer(below, request),
        None => error(404, "", "no such path"),
    }
}

fn lock(state: &Mutex<Safe>) -> MutexGuard<'_, Safe> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The ids of the group's members.
fn members(safe: &Safe) -> Vec<Value> {
    let group = &safe.directory.resources["/Groups"]["g1"];
    group["members"].as_array().into_iter().flatten().map(|member| member["value"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_asked_of_password_safe() {
    let mut directory = Directory::new(described());
    holds(&mut directory, "/Groups", json!({"id": "g1", "schemas": [GROUP], "displayName": "Operators"}));
    let safe = Safe { directory, rotated: 0, ended: false, faults: Vec::new() };
    let state = Arc::new(Mutex::new(safe));
    let shared = Arc::clone(&state);
    let service = FakeService::start(move |request| answer(&mut lock(&shared), request)).await;
    let scene = Scene::start("beyondtrust", file("beyondtrust"), &[("pws.url", service.url(""))]).await;
    let tested = scene.done(Method::POST, "/system/beyondtrust?_action=test", None).await;
    assert_eq!(tested["ok"], true, "{tested} {:?} {:?}", lock(&state).faults, service.lines());
    assert_eq!(lock(&state).rotated, 1);

    // Groups and accounts are discovered.
    let groups = scene.done(Method::GET, "/system/beyondtrust/group?_queryFilter=true", None).await;
    assert_eq!(groups["result"][0]["displayName"], "Operators", "{groups}");
    let ann = json!({"userName": "ann", "name": {"familyName": "A", "givenName": "Ann", "middleName": "M"},
        "active": true, "title": "not kept there"});
    let created = scene.done(Method::POST, "/system/beyondtrust/account?_action=create", Some(ann)).await;
    let id = created["_id"].as_str().unwrap().to_owned();
    let held = |name: &str| lock(&state).directory.resources["/Users"][&id][name].clone();
    assert_eq!(held("name"), json!({"familyName": "A", "givenName": "Ann"}));
    let found =
        scene.done(Method::GET, "/system/beyondtrust/account?_queryFilter=userName+eq+%22ann%22", None).await;
    assert_eq!(found["result"][0]["_id"], id.as_str(), "{found}");
    let everybody = scene.done(Method::GET, "/system/beyondtrust/account?_queryFilter=true", None).await;
    assert_eq!(everybody["resultCount"], 1, "{everybody}");

    // The access token ends; what is used then is the refresh token that replaced the configured one.
    assert_eq!(lock(&state).rotated, 1, "one token serves the tenant's new configuration, too");
    lock(&state).ended = true;
    let group = format!("/system/beyondtrust/group/{}", groups["result"][0]["_id"].as_str().unwrap());
    scene.done(Method::PATCH, &group, Some(field("/members", json!([{"value": id}])))).await;
    assert_eq!(members(&lock(&state)), [json!(id)]);
    assert_eq!(lock(&state).rotated, 2);
    scene.done(Method::PATCH, &group, Some(field("/members", json!([])))).await;
    assert!(members(&lock(&state)).is_empty());

    let account = format!("/system/beyondtrust/account/{id}");
    for active in [false, true] {
        scene.done(Method::PATCH, &account, Some(field("/active", json!(active)))).await;
        assert_eq!(held("active"), active);
    }
    let name = json!({"familyName": "B", "givenName": "Ann"});
    scene.done(Method::PATCH, &account, Some(field("/name", name.clone()))).await;
    assert_eq!((held("name"), held("userName")), (name, json!("ann")));
    let permission =
        json!({"container": {"value": "5"}, "group": {"value": "g1"}, "rights": ["Read", "Requester"]});
    scene
        .done(Method::POST, "/system/beyondtrust/containerPermission?_action=create", Some(permission))
        .await;
    let permissions = lock(&state).directory.resources["/ContainerPermissions"].clone();
    let permission = permissions.values().next().unwrap();
    assert_eq!(permission["rights"], json!(["Read", "Requester"]));
    assert_eq!(
        (&permission["group"], &permission["container"]),
        (&json!({"value": "g1"}), &json!({"value": "5"}))
    );
    scene.done(Method::DELETE, &account, None).await;
    assert!(!lock(&state).directory.resources["/Users"].contains_key(&id));

    // After a restart of the server there is only what the tenant kept.
    let scene = scene.with_another_server("beyondtrust").await;
    let groups = scene.done(Method::GET, "/system/beyondtrust/group?_queryFilter=true", None).await;
    assert_eq!(groups["resultCount"], 1, "{groups}");
    assert_eq!(lock(&state).rotated, 3);
    scene.end().await;
    let Safe { directory, faults, .. } = &*lock(&state);
    assert!(faults.is_empty() && directory.faults.is_empty(), "{faults:?} {:?}", directory.faults);
}
