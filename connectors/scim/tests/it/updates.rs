//! Changing objects.

use std::sync::atomic::{AtomicUsize, Ordering};

use icf::{Attribute, ErrorKind, Value, ValueMap};
use icf_testkit::http::Reply;
use serde_json::{Value as Json, json};

use crate::harness::{Scim, attributes, failure, kind, list, secret, texts};
use crate::service::{Described, ENTERPRISE, PATCH, USER, asked, error, lines, standard, user};

const PATHS: (&str, Value) = ("usePathForPatchV2", Value::Boolean(true));

fn operations(request: &icf_testkit::http::Received) -> Json {
    assert_eq!(request.json()["schemas"], json!([PATCH]));
    request.json()["Operations"].clone()
}

#[tokio::test]
async fn scim_u01_one_operation_without_path() {
    let service = standard(|_| Reply::status(204)).await;
    let change = attributes([("title", "T".into()), ("active", true.into())]);
    let uid = Scim::at(&service.url("/s")).update("__ACCOUNT__", "1", change).await.unwrap();
    assert_eq!(uid, "1");
    assert_eq!(lines(&service), ["PATCH /s/Users/1"]);
    let expected = json!([{"op": "replace", "value": {"title": "T", "active": true}}]);
    assert_eq!(operations(&asked(&service)[0]), expected);
}

#[tokio::test]
async fn scim_u02_an_operation_with_path_for_each() {
    let service = standard(|_| Reply::status(204)).await;
    let change = attributes([("title", "T".into()), ("active", true.into())]);
    Scim::with(&service.url("/s"), &[PATHS]).update("__ACCOUNT__", "1", change).await.unwrap();
    assert_eq!(
        operations(&asked(&service)[0]),
        json!([{"op": "replace", "path": "title", "value": "T"}, {"op": "replace", "path": "active", "value": true}])
    );
}

#[tokio::test]
async fn scim_u03_extension_attributes() {
    for (more, expected) in [
        (vec![], json!([{"op": "replace", "value": {ENTERPRISE: {"department": "D"}}}])),
        (vec![PATHS], json!([{"op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "D"}])),
    ] {
        let service = standard(|_| Reply::status(204)).await;
        let change = texts([("department", "D")]);
        Scim::with(&service.url("/s"), &more).update("__ACCOUNT__", "1", change).await.unwrap();
        assert_eq!(operations(&asked(&service)[0]), expected);
    }
}

#[tokio::test]
async fn scim_u04_an_attribute_is_cleared() {
    for answer in [Reply::status(204), error(400, "noTarget", "nothing there")] {
        let service = standard(move |_| answer.clone()).await;
        let change = attributes([("title", Value::Null)]);
        Scim::at(&service.url("/s")).update("__ACCOUNT__", "1", change).await.unwrap();
        assert_eq!(operations(&asked(&service)[0]), json!([{"op": "remove", "path": "title"}]));
    }
}

#[tokio::test]
async fn an_absent_attribute_does_not_keep_the_others_from_changing() {
    let service = standard(|request| {
        let operations = request.json()["Operations"].as_array().unwrap().clone();
        match operations.iter().any(|operation| operation["path"] == "title") {
            true => error(400, "noTarget", "nothing there"),
            false => Reply::status(204),
        }
    })
    .await;
    let mut change = texts([("nick", "N")]);
    change.push(Attribute::null("title"));
    change.push(Attribute::new("locale", vec![]));
    Scim::at(&service.url("/s")).update("__ACCOUNT__", "1", change).await.unwrap();
    let sent: Vec<_> = asked(&service).iter().map(operations).collect();
    assert_eq!(
        sent[1..],
        [
            json!([{"op": "remove", "path": "title"}]),
            json!([{"op": "remove", "path": "locale"}]),
            json!([{"op": "replace", "value": {"nick": "N"}}]),
        ]
    );
}

#[tokio::test]
async fn clearing_as_the_profile_says() {
    for (with, expected) in [("null", Json::Null), ("empty", json!(""))] {
        let service = standard(|_| Reply::status(204)).await;
        let overrides = [("providerOverrides", format!(r#"{{"clearWith":"{with}"}}"#).into())];
        let change = attributes([("title", Value::Null)]);
        Scim::with(&service.url("/s"), &overrides).update("__ACCOUNT__", "1", change).await.unwrap();
        assert_eq!(
            operations(&asked(&service)[0]),
            json!([{"op": "replace", "path": "title", "value": expected}])
        );
    }
}

#[tokio::test]
async fn scim_u05_what_the_service_makes_up_is_not_sent() {
    let service = standard(|_| Reply::status(204)).await;
    let scim = Scim::at(&service.url("/s"));
    let meta = Value::Map(ValueMap::default().with("version", "1"));
    let made_up = || attributes([("schemas", USER.into()), ("meta", meta.clone()), ("id", "1".into())]);
    assert_eq!(scim.update("__ACCOUNT__", "1", made_up()).await.unwrap(), "1");
    assert!(asked(&service).is_empty());
    let mut change = made_up();
    change.push(Attribute::single("title", "T"));
    scim.update("__ACCOUNT__", "1", change).await.unwrap();
    assert_eq!(operations(&asked(&service)[0]), json!([{"op": "replace", "value": {"title": "T"}}]));
}

#[tokio::test]
async fn scim_u06_any_answer_of_success_will_do() {
    let page = Reply::text(200, "text/html", "<html>fine</html>");
    for answer in [Reply::status(204), Reply::scim(200, &user("1", "ann")), page] {
        let service = standard(move |_| answer.clone()).await;
        let uid =
            Scim::at(&service.url("/s")).update("__ACCOUNT__", "1", texts([("title", "T")])).await.unwrap();
        assert_eq!(uid, "1");
    }
}

fn whole() -> Json {
    json!({"schemas": [USER, ENTERPRISE], "id": "1", "userName": "ann", "title": "old", "nick": "N",
        "emails": [{"value": "a@x"}], ENTERPRISE: {"department": "D", "employeeNumber": "5"},
        "groups": [{"value": "g"}], "meta": {"version": "W/\"7\""}})
}

#[tokio::test]
async fn scim_u07_without_patch_the_whole_resource_is_put_back() {
    let described =
        Described::standard().provider(&json!({"patch": {"supported": false}, "etag": {"supported": true}}));
    let service = described
        .start(|request| match request.method.as_str() {
            "GET" => Reply::scim(200, &whole()).header("etag", "W/\"8\""),
            _ => Reply::scim(200, &whole()),
        })
        .await;
    let mut change = texts([("title", "new"), ("department", "E")]);
    change.push(Attribute::null("nick"));
    Scim::at(&service.url("/s")).update("__ACCOUNT__", "1", change).await.unwrap();
    assert_eq!(lines(&service), ["GET /s/Users/1", "PUT /s/Users/1"]);
    let put = &asked(&service)[1];
    assert_eq!(put.header("if-match"), Some("W/\"8\""));
    assert_eq!(
        put.json(),
        json!({"schemas": [USER, ENTERPRISE], "id": "1", "userName": "ann", "title": "new",
            "emails": [{"value": "a@x"}], ENTERPRISE: {"department": "E", "employeeNumber": "5"}})
    );
}

#[tokio::test]
async fn scim_u08_a_service_without_patch_is_found_out_once() {
    let service = standard(|request| match request.method.as_str() {
        "PATCH" => error(501, "", "not implemented"),
        _ => Reply::scim(200, &whole()),
    })
    .await;
    let scim = Scim::at(&service.url("/s"));
    scim.update("__ACCOUNT__", "1", texts([("title", "new")])).await.unwrap();
    scim.update("__ACCOUNT__", "1", texts([("title", "newer")])).await.unwrap();
    assert_eq!(
        lines(&service),
        ["PATCH /s/Users/1", "GET /s/Users/1", "PUT /s/Users/1", "GET /s/Users/1", "PUT /s/Users/1"]
    );
    assert_eq!(asked(&service)[2].json()["title"], "new");
    assert_eq!(asked(&service)[2].json()["nick"], "N");
}

#[tokio::test]
async fn scim_u09_a_conflict_is_read_again() {
    let count = AtomicUsize::new(0);
    let described =
        Described::standard().provider(&json!({"patch": {"supported": false}, "etag": {"supported": true}}));
    let service = described
        .start(move |request| match request.method.as_str() {
            "PUT" if count.fetch_add(1, Ordering::SeqCst) == 0 => error(412, "", "changed"),
            _ => Reply::scim(200, &whole()),
        })
        .await;
    Scim::at(&service.url("/s")).update("__ACCOUNT__", "1", texts([("title", "new")])).await.unwrap();
    assert_eq!(lines(&service), ["GET /s/Users/1", "PUT /s/Users/1", "GET /s/Users/1", "PUT /s/Users/1"]);
}

#[tokio::test]
async fn a_conflict_that_stays_is_told() {
    let described = Described::standard().provider(&json!({"patch": {"supported": false}}));
    let service = described
        .start(|request| match request.method.as_str() {
            "PUT" => error(412, "", "changed"),
            _ => Reply::scim(200, &whole()),
        })
        .await;
    let outcome = Scim::at(&service.url("/s")).update("__ACCOUNT__", "1", texts([("title", "new")])).await;
    assert_eq!(kind(outcome), ErrorKind::PreconditionFailed);
    assert_eq!(asked(&service).iter().filter(|request| request.method == "PUT").count(), 3);
}

#[tokio::test]
async fn scim_u10_an_unknown_object() {
    let service = standard(|_| error(404, "", "no such")).await;
    let outcome = Scim::at(&service.url("/s")).update("__ACCOUNT__", "1", texts([("title", "T")])).await;
    assert_eq!(kind(outcome), ErrorKind::UnknownUid);
}

#[tokio::test]
async fn scim_u11_a_refused_value() {
    let service = standard(|_| error(400, "mutability", "title is read only")).await;
    let (kind, message) =
        failure(Scim::at(&service.url("/s")).update("__ACCOUNT__", "1", texts([("title", "T")])).await);
    assert_eq!(kind, ErrorKind::InvalidAttributeValue);
    assert!(message.contains("title is read only") && message.contains("mutability"), "{message}");
}

#[tokio::test]
async fn scim_u12_an_identity_is_one_segment() {
    let service = standard(|_| Reply::status(204)).await;
    let scim = Scim::at(&service.url("/s"));
    scim.update("__ACCOUNT__", "a b/c@d#%", texts([("title", "T")])).await.unwrap();
    scim.update("__ACCOUNT__", "..", texts([("title", "T")])).await.unwrap();
    let paths: Vec<_> = asked(&service).iter().map(|request| request.path.clone()).collect();
    assert_eq!(paths, ["/s/Users/a%20b%2Fc%40d%23%25", "/s/Users/%252E%252E"]);
}

#[tokio::test]
async fn scim_u13_truth_values_as_texts_become_truth_values() {
    let service = standard(|_| Reply::status(204)).await;
    let scim = Scim::at(&service.url("/s"));
    scim.update("__ACCOUNT__", "1", texts([("active", "false")])).await.unwrap();
    scim.update("__ACCOUNT__", "1", attributes([("__ENABLE__", true.into())])).await.unwrap();
    assert_eq!(operations(&asked(&service)[0]), json!([{"op": "replace", "value": {"active": false}}]));
    assert_eq!(operations(&asked(&service)[1]), json!([{"op": "replace", "value": {"active": true}}]));
}

#[tokio::test]
async fn a_password_is_set_and_never_cleared() {
    let service = standard(|_| Reply::status(204)).await;
    let scim = Scim::at(&service.url("/s"));
    scim.update("__ACCOUNT__", "1", attributes([("__PASSWORD__", Value::Null)])).await.unwrap();
    assert!(asked(&service).is_empty());
    scim.update("__ACCOUNT__", "1", attributes([("__PASSWORD__", secret("new"))])).await.unwrap();
    assert_eq!(operations(&asked(&service)[0]), json!([{"op": "replace", "value": {"password": "new"}}]));
    let service = standard(|_| error(400, "invalidValue", "Password does not meet the policy")).await;
    let scim = Scim::at(&service.url("/s"));
    let outcome = scim.update("__ACCOUNT__", "1", attributes([("__PASSWORD__", secret("x"))])).await;
    assert_eq!(kind(outcome), ErrorKind::InvalidPassword);
}

#[tokio::test]
async fn values_are_added_and_removed_where_they_are() {
    let service = standard(|request| match request.method.as_str() {
        "GET" => Reply::scim(200, &json!({"id": "1", "userName": "ann", "tags": ["a", "b", "c"]})),
        _ => Reply::status(204),
    })
    .await;
    let scim = Scim::at(&service.url("/s"));
    let email = || Value::Map(ValueMap::default().with("value", "a\"x").with("type", "work"));
    scim.add("__ACCOUNT__", "1", attributes([("emails", email())])).await.unwrap();
    scim.remove("__ACCOUNT__", "1", attributes([("emails", email())])).await.unwrap();
    scim.remove("__ACCOUNT__", "1", list("tags", &["b"])).await.unwrap();
    let sent: Vec<_> = asked(&service).into_iter().filter(|request| request.method == "PATCH").collect();
    assert_eq!(
        operations(&sent[0]),
        json!([{"op": "add", "path": "emails", "value": [{"value": "a\"x", "type": "work"}]}])
    );
    assert_eq!(
        operations(&sent[1]),
        json!([{"op": "remove", "path": "emails[type eq \"work\" and value eq \"a\\\"x\"]"}])
    );
    assert_eq!(operations(&sent[2]), json!([{"op": "replace", "value": {"tags": ["a", "c"]}}]));
}

#[tokio::test]
async fn a_service_that_demands_a_version_gets_it() {
    for patch in [true, false] {
        let described = Described::standard().provider(&json!({"patch": {"supported": patch}}));
        let versions = AtomicUsize::new(0);
        let service = described
            .start(move |request| match (request.method.as_str(), request.header("if-match")) {
                ("GET", _) => {
                    let version = versions.fetch_add(1, Ordering::SeqCst);
                    Reply::scim(200, &user("1", "ann")).header("etag", &format!("W/\"{version}\""))
                }
                (_, None) => error(428, "", "say which version you mean"),
                // Somebody else changes it just then.
                (_, Some("W/\"0\"")) => error(412, "", "not that one"),
                (_, Some(_)) => Reply::scim(200, &user("1", "ann")),
            })
            .await;
        let scim = Scim::at(&service.url("/s"));
        scim.update("__ACCOUNT__", "1", texts([("title", "T")])).await.unwrap();
        let last = asked(&service).pop().unwrap();
        assert_eq!(last.method, if patch { "PATCH" } else { "PUT" });
        assert_eq!(last.header("if-match").map(|version| version != "W/\"0\""), Some(true));
    }
    let service = standard(|request| match request.method.as_str() {
        "GET" => Reply::scim(200, &user("1", "ann")),
        _ => error(428, "", "say which version you mean"),
    })
    .await;
    let outcome = Scim::at(&service.url("/s")).update("__ACCOUNT__", "1", texts([("title", "T")])).await;
    assert_eq!(kind(outcome), ErrorKind::PreconditionRequired, "it has no version to say");
}
