//! An admin portal that hands out an address with the customer in its path and a token. It describes nothing of itself
//! and knows the requests that Entra sends: searches for a name, and PATCH with a path in every operation.

use std::sync::{Arc, Mutex};

use icf_testkit::http::FakeService;
use reqwest::Method;
use serde_json::json;

use crate::directory::Directory;
use crate::scene::{Scene, field, file, holds};
use crate::service::{Described, GROUP, error};

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_with_an_address_and_a_token() {
    let mut directory = Directory::new(Described::standard());
    holds(&mut directory, "/Groups", json!({"id": "g1", "schemas": [GROUP], "displayName": "Admins"}));
    holds(&mut directory, "/Users", json!({"id": "0", "userName": "root", "active": true}));
    let state = Arc::new(Mutex::new(directory));
    let shared = Arc::clone(&state);
    let service = FakeService::start(move |request| {
        if request.header("authorization") != Some("Bearer t-0k3n") {
            return error(401, "", "who is that?");
        }
        let below = request.path.strip_prefix("/tenants/42/s").unwrap_or_default();
        match below.split('/').nth(1) {
            Some("Users" | "Groups") => shared.lock().unwrap().answer(below, request),
            _ => error(404, "", "not there"),
        }
    })
    .await;
    let variables = [("portal.url", service.url("/tenants/42")), ("portal.token", "t-0k3n".to_owned())];
    let scene = Scene::start("portal", file("portal"), &variables).await;
    let tested = scene.done(Method::POST, "/system/portal?_action=test", None).await;
    assert_eq!(tested["ok"], true, "{tested} {:?}", service.lines());

    let ann = json!({"userName": "ann", "name": {"givenName": "Ann"}, "active": true,
        "emails": [{"value": "ann@example.com", "type": "work"}]});
    let created = scene.done(Method::POST, "/system/portal/account?_action=create", Some(ann)).await;
    let id = created["_id"].as_str().unwrap().to_owned();
    let _ = service.take();
    let found =
        scene.done(Method::GET, "/system/portal/account?_queryFilter=userName+eq+%22ann%22", None).await;
    assert_eq!((&found["result"][0]["_id"], &found["resultCount"]), (&json!(id), &json!(1)));
    assert_eq!(found["result"][0]["emails"][0]["value"], "ann@example.com");
    assert_eq!(service.take()[0].parameter("filter").unwrap(), "userName eq \"ann\"");

    let held = |name: &str| state.lock().unwrap().resources["/Users"][&id][name].clone();
    let account = format!("/system/portal/account/{id}");
    scene.done(Method::PATCH, &account, Some(field("/active", false))).await;
    scene.done(Method::PATCH, &account, Some(field("/title", "Dr"))).await;
    assert_eq!((held("active"), held("title")), (json!(false), json!("Dr")));
    let members = || state.lock().unwrap().resources["/Groups"]["g1"]["members"].clone();
    for wanted in [json!([{"value": id}, {"value": "0"}]), json!([{"value": "0"}])] {
        scene.done(Method::PATCH, "/system/portal/group/g1", Some(field("/members", wanted.clone()))).await;
        assert_eq!(members(), wanted);
    }
    for request in service.take().iter().filter(|request| request.method == "PATCH") {
        let operations = request.json()["Operations"].as_array().cloned().unwrap();
        assert!(operations.iter().all(|operation| operation["path"].is_string()), "{operations:?}");
    }
    scene.done(Method::DELETE, &account, None).await;
    assert!(!state.lock().unwrap().resources["/Users"].contains_key(&id));
    let (status, gone) = scene.send(Method::GET, &account, None).await;
    assert_eq!(status, 404, "{gone}");
    scene.end().await;

    let wrong = [("portal.url", service.url("/tenants/42")), ("portal.token", "t-01d".to_owned())];
    let scene = Scene::start("portal", file("portal"), &wrong).await;
    let tested = scene.done(Method::POST, "/system/portal?_action=test", None).await;
    assert_eq!(tested["ok"], false, "{tested}");
    assert!(!tested.to_string().contains("t-01d"), "{tested}");
    scene.end().await;
    // The object that was gone is the only one that was asked for in vain.
    let faults = state.lock().unwrap().faults.clone();
    assert!(
        faults.iter().all(|fault| fault.starts_with(&format!("GET /tenants/42/s/Users/{id}"))),
        "{faults:?}"
    );
}
