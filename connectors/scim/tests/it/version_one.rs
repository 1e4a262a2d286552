//! SCIM 1.1.

use icf::{Attribute, ErrorKind, Filter, Value};
use icf_testkit::http::{FakeService, Reply};
use serde_json::json;

use crate::harness::{Scim, attributes, failure, list, texts};
use crate::service::asked;

const CORE: &str = "urn:scim:schemas:core:1.0";

async fn service(
    answer: impl Fn(&icf_testkit::http::Received) -> Reply + Send + Sync + 'static,
) -> FakeService {
    FakeService::start(move |request| match request.path.as_str() {
        path if path.starts_with("/s/S") => {
            Reply::json(404, &json!({"Errors": [{"description": "no", "code": "404"}]}))
        }
        _ => answer(request),
    })
    .await
}

fn scim(service: &FakeService) -> Scim {
    Scim::with(&service.url("/s"), &[("SCIMVersion", 1.into())])
}

fn written(service: &FakeService) -> Vec<icf_testkit::http::Received> {
    asked(service).into_iter().filter(|request| request.method != "GET").collect()
}

#[tokio::test]
async fn scim_v1a_attributes_are_cleared_by_name() {
    let service = service(|_| Reply::status(200)).await;
    let mut change = attributes([("title", Value::Null)]);
    change.push(Attribute::single("nickName", "N"));
    scim(&service).update("__ACCOUNT__", "1", change).await.unwrap();
    let sent = &written(&service)[0];
    assert_eq!((sent.method.as_str(), sent.path.as_str()), ("PATCH", "/s/Users/1"));
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(sent.json(), json!({"schemas": [CORE], "nickName": "N", "meta": {"attributes": ["title"]}}));
}

#[tokio::test]
async fn scim_v1b_members_are_removed_by_an_operation() {
    let service = service(|_| Reply::status(200)).await;
    let scim = scim(&service);
    scim.remove("__GROUP__", "g", list("members", &["a"])).await.unwrap();
    scim.add("__GROUP__", "g", list("members", &["b"])).await.unwrap();
    let sent = written(&service);
    assert_eq!(
        sent[0].json(),
        json!({"schemas": [CORE], "members": [{"value": "a", "operation": "delete"}]})
    );
    assert_eq!(sent[1].json(), json!({"schemas": [CORE], "members": [{"value": "b"}]}));
}

#[tokio::test]
async fn scim_v1c_errors_have_their_own_shape() {
    let service = service(|_| {
        Reply::json(409, &json!({"Errors": [{"description": "userName is taken", "code": "409"}]}))
    })
    .await;
    let (kind, message) = failure(scim(&service).create("__ACCOUNT__", texts([("__NAME__", "ann")])).await);
    assert_eq!(kind, ErrorKind::AlreadyExists);
    assert!(message.contains("userName is taken"), "{message}");
}

#[tokio::test]
async fn scim_q07_the_end_of_a_text_is_found_by_its_middle() {
    let users = json!({"totalResults": 2, "Resources": [
        {"id": "1", "userName": "ann@x"}, {"id": "2", "userName": "x@ann"}]});
    let service = service(move |_| Reply::json(200, &users)).await;
    let found = scim(&service).find(Filter::EndsWith(Attribute::single("userName", "ann"))).await;
    assert_eq!(found, ["2"]);
    let filter = asked(&service).iter().find_map(|request| request.parameter("filter")).unwrap();
    assert_eq!(filter, "userName co \"ann\"");
}
