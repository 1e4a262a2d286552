//! BeyondTrust Password Safe: accounts, groups, membership and permissions, with a refresh token that rotates in between.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use icf_testkit::http::{FakeService, Received, Reply};
use reqwest::Method;
use serde_json::{Value, json};

use crate::scene::{Scene, file};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PERMISSION: &str = "urn:ietf:params:scim:schemas:pam:1.0:ContainerPermission";
/// What a user may hold there, besides what every resource has.
const KNOWN: [&str; 9] =
    ["schemas", "id", "userName", "name", "displayName", "active", "emails", "password", "externalId"];

#[derive(Default)]
struct Safe {
    users: BTreeMap<String, Value>,
    members: Vec<String>,
    permissions: Vec<Value>,
    next: u32,
    /// How often a refresh token was used up.
    rotated: u32,
    /// Whether the access token in use has ended.
    ended: bool,
    faults: Vec<String>,
}

fn list(resources: &[Value]) -> Reply {
    Reply::scim(200, &json!({"totalResults": resources.len(), "Resources": resources}))
}

fn refused(status: u16, detail: &str) -> Reply {
    Reply::scim(status, &json!({"status": status.to_string(), "detail": detail}))
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
        return refused(401, "expired");
    }
    let Some(path) = request.path.strip_prefix("/scim/v2") else { return refused(404, "no such path") };
    match (request.method.as_str(), path.split('/').skip(1).collect::<Vec<_>>().as_slice()) {
        ("GET", ["ServiceProviderConfig"]) => {
            Reply::scim(200, &json!({"patch": {"supported": true}, "filter": {"supported": true}}))
        }
        ("GET", ["ResourceTypes"]) => list(&[
            json!({"name": "User", "endpoint": "/Users", "schema": USER}),
            json!({"name": "Group", "endpoint": "/Groups", "schema": GROUP}),
            json!({"name": "ContainerPermission", "endpoint": "/ContainerPermissions", "schema": PERMISSION}),
        ]),
        ("GET", ["Schemas"]) => refused(404, "not there"),
        ("GET", ["Users"]) => list(&safe.users.values().cloned().collect::<Vec<_>>()),
        ("GET", ["Groups"]) => list(&[group(safe)]),
        ("GET", ["Groups", "g1"]) => Reply::scim(200, &group(safe)),
        ("POST", ["Users"]) => create(safe, &request.json()),
        ("GET", ["Users", id]) => {
            safe.users.get(*id).map_or_else(|| refused(404, "unknown"), |user| Reply::scim(200, user))
        }
        ("PATCH", ["Users", id]) => change(safe, id, &request.json()),
        ("DELETE", ["Users", id]) => match safe.users.remove(*id) {
            Some(_) => Reply::status(204),
            None => refused(404, "unknown"),
        },
        ("PATCH", ["Groups", "g1"]) => members(safe, &request.json()),
        ("POST", ["ContainerPermissions"]) => {
            let mut permission = request.json();
            if permission.get("user").is_some() || permission["group"]["value"] != "g1" {
                return refused(400, "permissions are those of groups");
            }
            permission["id"] = "p1".into();
            safe.permissions.push(permission.clone());
            Reply::scim(201, &permission)
        }
        _ => refused(404, "no such path"),
    }
}

fn group(safe: &Safe) -> Value {
    let members: Vec<_> = safe.members.iter().map(|id| json!({"value": id})).collect();
    json!({"schemas": [GROUP], "id": "g1", "displayName": "Operators", "members": members})
}

fn unknown(safe: &mut Safe, body: &Value) -> Option<Reply> {
    let wrong = body.as_object().unwrap().keys().find(|key| !KNOWN.contains(&key.as_str()))?;
    safe.faults.push(format!("attribute {wrong}"));
    Some(refused(400, "an attribute that Password Safe does not have"))
}

fn create(safe: &mut Safe, body: &Value) -> Reply {
    if let Some(refusal) = unknown(safe, body) {
        return refusal;
    }
    safe.next += 1;
    let id = safe.next.to_string();
    let mut user = body.clone();
    user["id"] = id.as_str().into();
    user.as_object_mut().unwrap().remove("password");
    safe.users.insert(id, user.clone());
    Reply::scim(201, &user)
}

fn change(safe: &mut Safe, id: &str, body: &Value) -> Reply {
    for operation in body["Operations"].as_array().unwrap() {
        assert_eq!(operation["op"], "replace", "{operation}");
        if let Some(refusal) = unknown(safe, &operation["value"]) {
            return refusal;
        }
        let Some(user) = safe.users.get_mut(id) else { return refused(404, "unknown") };
        user.as_object_mut().unwrap().extend(operation["value"].as_object().unwrap().clone());
    }
    Reply::status(204)
}

fn members(safe: &mut Safe, body: &Value) -> Reply {
    for operation in body["Operations"].as_array().unwrap() {
        match operation["op"].as_str().unwrap() {
            "add" => {
                let ids = operation["value"].as_array().unwrap().iter();
                safe.members.extend(ids.map(|member| member["value"].as_str().unwrap().to_owned()));
            }
            "remove" => {
                assert!(operation.get("value").is_none());
                let path = operation["path"].as_str().unwrap();
                safe.members.retain(|id| path != "members" && path != format!("members[value eq \"{id}\"]"));
            }
            other => panic!("{other}"),
        }
    }
    Reply::status(204)
}

fn lock(state: &Mutex<Safe>) -> MutexGuard<'_, Safe> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_asked_of_password_safe() {
    let state: Arc<Mutex<Safe>> = Arc::default();
    let shared = Arc::clone(&state);
    let service = FakeService::start(move |request| answer(&mut lock(&shared), request)).await;
    let scene = Scene::start("beyondtrust", file("beyondtrust"), &[("pws.url", service.url(""))]).await;
    let tested = scene.done(Method::POST, "/system/beyondtrust?_action=test", None).await;
    assert_eq!(tested["ok"], true, "{tested} {:?} {:?}", lock(&state).faults, service.lines());

    // Groups and accounts are discovered.
    let groups = scene.done(Method::GET, "/system/beyondtrust/group?_queryFilter=true", None).await;
    assert_eq!(groups["result"][0]["displayName"], "Operators", "{groups}");
    let ann = json!({"userName": "ann", "name": {"familyName": "A", "givenName": "Ann", "middleName": "M"},
        "active": true, "title": "not kept there"});
    let created = scene.done(Method::POST, "/system/beyondtrust/account?_action=create", Some(ann)).await;
    let id = created["_id"].as_str().unwrap().to_owned();
    assert!(lock(&state).users[&id]["name"].get("middleName").is_none());
    let found =
        scene.done(Method::GET, "/system/beyondtrust/account?_queryFilter=userName+eq+%22ann%22", None).await;
    assert_eq!(found["result"][0]["_id"], id.as_str(), "{found}");

    // The access token ends; what is used then is the refresh token that replaced the configured one.
    assert_eq!(lock(&state).rotated, 1);
    lock(&state).ended = true;
    let group = format!("/system/beyondtrust/group/{}", groups["result"][0]["_id"].as_str().unwrap());
    let with = |ids: Value| json!([{"operation": "replace", "field": "/members", "value": ids}]);
    scene.done(Method::PATCH, &group, Some(with(json!([{"value": id}])))).await;
    assert_eq!(lock(&state).members, std::slice::from_ref(&id));
    assert_eq!(lock(&state).rotated, 2);
    scene.done(Method::PATCH, &group, Some(with(json!([])))).await;
    assert!(lock(&state).members.is_empty());

    let account = format!("/system/beyondtrust/account/{id}");
    for active in [false, true] {
        let change = json!([{"operation": "replace", "field": "/active", "value": active}]);
        scene.done(Method::PATCH, &account, Some(change)).await;
        assert_eq!(lock(&state).users[&id]["active"], active);
    }
    let permission =
        json!({"container": {"value": "5"}, "group": {"value": "g1"}, "rights": ["Read", "Requester"]});
    scene
        .done(Method::POST, "/system/beyondtrust/containerPermission?_action=create", Some(permission))
        .await;
    assert_eq!(lock(&state).permissions[0]["rights"], json!(["Read", "Requester"]));
    scene.done(Method::DELETE, &account, None).await;
    assert!(!lock(&state).users.contains_key(&id));
    assert!(lock(&state).faults.is_empty(), "{:?}", lock(&state).faults);
    scene.end().await;
}
