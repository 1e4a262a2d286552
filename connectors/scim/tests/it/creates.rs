//! Creating objects.

use icf::{AttributeSet, ErrorKind, Value, ValueMap};
use icf_testkit::http::Reply;
use serde_json::json;

use crate::harness::{Scim, attributes, failure, kind, list, no_options, secret, texts};
use crate::service::{ENTERPRISE, USER, asked, error, lines, list_of, standard, user};

fn created(id: &str) -> Reply {
    Reply::scim(201, &user(id, "ann"))
}

#[tokio::test]
async fn scim_r01_core_extension_and_password_find_their_places() {
    let service = standard(|_| created("42")).await;
    let name = ValueMap::default().with("familyName", "Ann").with("givenName", "A");
    let email =
        ValueMap::default().with("value", "ann@example.com").with("type", "work").with("primary", true);
    let attributes = attributes([
        ("__NAME__", "ann".into()),
        ("name", Value::Map(name)),
        ("emails", Value::Map(email)),
        ("department", "D1".into()),
        ("level", "7".into()),
        ("__PASSWORD__", secret("pw")),
        ("roles", "admin".into()),
        ("active", "false".into()),
        ("title", Value::Null),
    ]);
    let scim = Scim::at(&service.url("/s"));
    assert_eq!(scim.create("__ACCOUNT__", attributes).await.unwrap(), "42");
    let asked = asked(&service);
    assert_eq!((asked[0].method.as_str(), asked[0].path.as_str()), ("POST", "/s/Users"));
    assert_eq!(asked[0].header("content-type"), Some("application/scim+json; charset=utf-8"));
    assert_eq!(asked[0].header("accept"), Some("application/scim+json, application/json;q=0.9"));
    assert_eq!(asked[0].header("user-agent"), Some("PingIdentityConnector"));
    assert_eq!(
        asked[0].json(),
        json!({
            "schemas": [USER, ENTERPRISE],
            "userName": "ann",
            "name": {"familyName": "Ann", "givenName": "A"},
            "emails": [{"value": "ann@example.com", "type": "work", "primary": true}],
            ENTERPRISE: {"department": "D1", "level": 7},
            "password": "pw",
            "roles": [{"value": "admin"}],
            "active": false,
        })
    );
}

#[tokio::test]
async fn scim_r02_the_name_alone_is_the_user_name() {
    let service = standard(|_| created("1")).await;
    Scim::at(&service.url("/s")).create("__ACCOUNT__", texts([("__NAME__", "ann")])).await.unwrap();
    assert_eq!(asked(&service)[0].json(), json!({"schemas": [USER], "userName": "ann"}));
    let service = standard(|_| created("1")).await;
    let both = texts([("__NAME__", "ann"), ("userName", "wins")]);
    Scim::at(&service.url("/s")).create("__ACCOUNT__", both).await.unwrap();
    assert_eq!(asked(&service)[0].json()["userName"], "wins");
}

#[tokio::test]
async fn every_spelling_of_an_extension_attribute_is_understood() {
    let map = Value::Map(ValueMap::default().with("employeeNumber", "5").with("manager", "m1"));
    for set in [
        texts([
            ("__NAME__", "a"),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "5"),
        ]),
        texts([
            ("__NAME__", "a"),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.employeeNumber", "5"),
        ]),
        attributes([("__NAME__", "a".into()), (ENTERPRISE, map)]),
    ] {
        let service = standard(|_| created("1")).await;
        Scim::at(&service.url("/s")).create("__ACCOUNT__", set).await.unwrap();
        let sent = asked(&service)[0].json();
        assert_eq!(sent[ENTERPRISE]["employeeNumber"], "5", "{sent}");
        if sent[ENTERPRISE].get("manager").is_some() {
            assert_eq!(sent[ENTERPRISE]["manager"], json!({"value": "m1"}));
        }
    }
}

#[tokio::test]
async fn scim_r03_the_location_names_the_object() {
    let service = standard(|request| {
        Reply::status(201)
            .header("location", &format!("http://{}/s/Users/4%202", request.header("host").unwrap()))
    })
    .await;
    let uid = Scim::at(&service.url("/s")).create("__ACCOUNT__", texts([("__NAME__", "ann")])).await.unwrap();
    assert_eq!(uid, "4 2");
}

#[tokio::test]
async fn without_body_and_location_the_object_is_searched() {
    let service = standard(|request| match request.method.as_str() {
        "POST" => Reply::status(201),
        _ => Reply::scim(200, &list_of(&[user("9", "ann")])),
    })
    .await;
    let uid = Scim::at(&service.url("/s")).create("__ACCOUNT__", texts([("__NAME__", "ann")])).await.unwrap();
    assert_eq!(uid, "9");
}

#[tokio::test]
async fn scim_r04_a_conflict_means_that_it_exists() {
    let service = standard(|_| error(409, "", "taken")).await;
    let (kind, message) =
        failure(Scim::at(&service.url("/s")).create("__ACCOUNT__", texts([("__NAME__", "ann")])).await);
    assert_eq!(kind, ErrorKind::AlreadyExists);
    assert!(message.contains("taken"), "{message}");
}

#[tokio::test]
async fn scim_r05_a_breach_of_uniqueness_means_that_it_exists() {
    let service = standard(|_| error(400, "uniqueness", "taken")).await;
    let outcome = Scim::at(&service.url("/s")).create("__ACCOUNT__", texts([("__NAME__", "ann")])).await;
    assert_eq!(kind(outcome), ErrorKind::AlreadyExists);
}

fn with_groups() -> AttributeSet {
    let mut set = texts([("__NAME__", "ann")]);
    for attribute in list("groups", &["g1"]) {
        set.push(attribute);
    }
    set
}

#[tokio::test]
async fn scim_r06_groups_follow_the_account() {
    let service = standard(|request| match request.method.as_str() {
        "POST" => created("u1"),
        _ => Reply::status(204),
    })
    .await;
    Scim::at(&service.url("/s")).create("__ACCOUNT__", with_groups()).await.unwrap();
    assert_eq!(lines(&service), ["POST /s/Users", "PATCH /s/Groups/g1"]);
    assert!(asked(&service)[0].json().get("groups").is_none());
    assert_eq!(
        asked(&service)[1].json()["Operations"],
        json!([{"op": "add", "path": "members", "value": [{"value": "u1"}]}])
    );
}

#[tokio::test]
async fn scim_r07_a_group_that_fails_leaves_the_identity() {
    let service = standard(|request| match request.method.as_str() {
        "POST" => created("u1"),
        _ => error(500, "", "broken"),
    })
    .await;
    let scim = Scim::at(&service.url("/s"));
    let instance = scim.instance().await;
    let create = instance.create_op().unwrap();
    let error =
        create.create(&scim.cx(), &"__ACCOUNT__".into(), with_groups(), &no_options()).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Retryable);
    assert_eq!(error.uid().unwrap().value(), "u1");
}

#[tokio::test]
async fn scim_r08_a_lost_answer_is_searched_for() {
    let service = standard(|request| match request.method.as_str() {
        "POST" => Reply::hang_up(),
        _ => {
            let mut found = user("77", "ann");
            found["externalId"] = "ours".into();
            Reply::scim(200, &list_of(&[found]))
        }
    })
    .await;
    let set = texts([("__NAME__", "ann"), ("externalId", "ours")]);
    let scim = Scim::at(&service.url("/s"));
    assert_eq!(scim.create("__ACCOUNT__", set).await.unwrap(), "77");
    assert_eq!(lines(&service), ["POST /s/Users", "GET /s/Users"]);
    assert_eq!(asked(&service)[1].parameter("filter").unwrap(), "userName eq \"ann\"");
    let theirs = texts([("__NAME__", "ann"), ("externalId", "other")]);
    assert_eq!(kind(scim.create("__ACCOUNT__", theirs).await), ErrorKind::ConnectionBroken);
}

#[tokio::test]
async fn two_values_for_one_are_refused_before_anything_is_sent() {
    let service = standard(|_| created("1")).await;
    let mut set = list("title", &["a", "b"]);
    set.push(icf::Attribute::single("__NAME__", "ann"));
    let outcome = Scim::at(&service.url("/s")).create("__ACCOUNT__", set).await;
    assert_eq!(kind(outcome), ErrorKind::InvalidAttributeValue);
    assert!(asked(&service).is_empty());
}
