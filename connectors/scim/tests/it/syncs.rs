//! Changes.

use icf::{ErrorKind, SyncDelta, SyncDeltaType};
use icf_testkit::http::Reply;
use serde_json::{Value as Json, json};

use crate::harness::{Scim, kind};
use crate::service::{Described, USER, asked, error, list_of, resource_type, schema, standard};

fn changed(id: &str, stamp: &str) -> Json {
    json!({"id": id, "userName": format!("user{id}"), "displayName": id, "meta": {"lastModified": stamp, "version": stamp}})
}

fn ids(deltas: &[SyncDelta]) -> Vec<&str> {
    deltas.iter().map(|delta| delta.uid.value()).collect()
}

#[tokio::test]
async fn scim_y01_the_latest_token_is_the_time_of_the_service() {
    let service = icf_testkit::http::FakeService::start(|_| {
        Reply::scim(200, &json!({})).header("date", "Sat, 31 Jan 2026 12:00:00 GMT")
    })
    .await;
    assert_eq!(Scim::at(&service.url("/s")).latest_token().await.unwrap(), "2026-01-31T12:00:00Z");
    assert_eq!(service.lines(), ["GET /s/ServiceProviderConfig"]);
}

#[tokio::test]
async fn scim_y02_changes_come_oldest_first() {
    let all = list_of(&[
        changed("3", "2026-01-03T00:00:00Z"),
        changed("1", "2026-01-01T00:00:00.5Z"),
        changed("2", "2026-01-02T00:00:00+00:00"),
    ]);
    let service = standard(move |_| Reply::scim(200, &all)).await;
    let scim = Scim::at(&service.url("/s"));
    let (deltas, token) = scim.sync("__ACCOUNT__", "2026-01-01T00:00:00Z").await.unwrap();
    assert_eq!(
        asked(&service)[0].parameter("filter").unwrap(),
        "meta.lastModified ge \"2026-01-01T00:00:00Z\""
    );
    assert_eq!(ids(&deltas), ["1", "2", "3"]);
    assert!(deltas.iter().all(|delta| delta.delta_type == SyncDeltaType::CreateOrUpdate));
    assert_eq!(token, "2026-01-03T00:00:00Z");
    assert_eq!(kind(scim.sync("__ACCOUNT__", "yesterday").await), ErrorKind::InvalidAttributeValue);
}

#[tokio::test]
async fn scim_y03_what_shares_a_stamp_comes_once() {
    let answers = std::sync::Mutex::new(vec![
        list_of(&[changed("1", "2026-01-01T00:00:00Z"), changed("2", "2026-01-01T00:00:00Z")]),
        list_of(&[changed("1", "2026-01-01T00:00:00Z")]),
    ]);
    let service = standard(move |_| {
        let mut answers = answers.lock().unwrap();
        let next = if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() };
        Reply::scim(200, &next)
    })
    .await;
    let scim = Scim::at(&service.url("/s"));
    let (deltas, token) = scim.sync("__ACCOUNT__", "2025-12-31T00:00:00Z").await.unwrap();
    assert_eq!((ids(&deltas), token.as_str()), (vec!["1"], "2026-01-01T00:00:00Z"));
    let (deltas, token) = scim.sync("__ACCOUNT__", &token).await.unwrap();
    assert_eq!(ids(&deltas), ["2"], "it appeared with the same stamp later");
    let (deltas, _) = scim.sync("__ACCOUNT__", &token).await.unwrap();
    assert!(deltas.is_empty());
}

#[tokio::test]
async fn scim_y04_every_class_has_its_endpoint() {
    let mut described = Described::standard();
    let container = "urn:ietf:params:scim:schemas:pam:1.0:Container";
    let types = described.types["Resources"].as_array_mut().unwrap();
    types.push(resource_type("Container", "/Containers", container, &[]));
    let schemas = described.schemas["Resources"].as_array_mut().unwrap();
    schemas.push(schema(container, "Container", &[]));
    let service = described
        .start(|request| match request.path.as_str() {
            "/s/Users" => Reply::scim(200, &list_of(&[changed("u", "2026-01-02T00:00:00Z")])),
            "/s/Groups" => Reply::scim(200, &list_of(&[changed("g", "2026-01-01T00:00:00Z")])),
            "/s/Containers" => Reply::scim(200, &list_of(&[changed("c", "2026-01-03T00:00:00Z")])),
            _ => error(404, "", ""),
        })
        .await;
    let scim = Scim::at(&service.url("/s"));
    let since = "2026-01-01T00:00:00Z";
    for (class, expected) in
        [("__GROUP__", vec!["g"]), ("Container", vec!["c"]), ("__ALL__", vec!["g", "u", "c"])]
    {
        let (deltas, _) = scim.sync(class, since).await.unwrap();
        assert_eq!(ids(&deltas), expected, "{class}");
    }
}

#[tokio::test]
async fn without_stamps_there_are_no_changes() {
    let service =
        standard(|_| Reply::scim(200, &list_of(&[json!({"schemas": [USER], "id": "1", "userName": "a"})])))
            .await;
    let (deltas, token) =
        Scim::at(&service.url("/s")).sync("__ACCOUNT__", "2026-01-01T00:00:00Z").await.unwrap();
    assert_eq!((deltas.len(), token.as_str()), (0, "2026-01-01T00:00:00Z"));
}
