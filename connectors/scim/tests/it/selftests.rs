//! The test operation.

use icf::ErrorKind;
use icf_testkit::http::{FakeService, Reply};
use serde_json::json;

use crate::harness::{Scim, failure};
use crate::service::error;

#[tokio::test]
async fn scim_t01_the_test_reads_the_description_and_a_user() {
    let service = FakeService::start(|request| match request.path.as_str() {
        "/s/ServiceProviderConfig" => Reply::scim(200, &json!({"patch": {"supported": true}})),
        _ => Reply::scim(200, &json!({"totalResults": 0})),
    })
    .await;
    Scim::at(&service.url("/s")).test().await.unwrap();
    assert_eq!(service.lines(), ["GET /s/ServiceProviderConfig", "GET /s/Users?count=1"]);
}

#[tokio::test]
async fn scim_t02_the_plural_is_tried() {
    let service = FakeService::start(|request| match request.path.as_str() {
        "/s/ServiceProviderConfig" => error(404, "", "no"),
        _ => Reply::scim(200, &json!({"Resources": []})),
    })
    .await;
    Scim::at(&service.url("/s")).test().await.unwrap();
    assert_eq!(service.lines()[..2], ["GET /s/ServiceProviderConfig", "GET /s/ServiceProviderConfigs"]);
}

#[tokio::test]
async fn scim_t03_a_public_description_proves_no_credentials() {
    let service = FakeService::start(|request| match request.path.as_str() {
        "/s/Users" => error(401, "", "who are you"),
        _ => Reply::scim(200, &json!({})),
    })
    .await;
    let (kind, message) = failure(Scim::at(&service.url("/s")).test().await);
    assert_eq!(kind, ErrorKind::InvalidCredential);
    assert!(message.contains("who are you"), "{message}");
}

#[tokio::test]
async fn scim_t04_a_service_that_is_not_there() {
    let address = FakeService::start(|_| Reply::status(200)).await.url("/s");
    let (kind, _) = failure(Scim::at(&address).test().await);
    assert_eq!(kind, ErrorKind::ConnectionFailed);
}

#[tokio::test]
async fn nothing_of_the_service_answers_as_scim() {
    let service = FakeService::start(|_| error(500, "", "broken")).await;
    let (kind, message) = failure(Scim::at(&service.url("/s")).test().await);
    assert_eq!(kind, ErrorKind::Connector);
    assert!(message.contains("broken"), "{message}");
}
