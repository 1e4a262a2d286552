//! Deleting objects.

use std::sync::atomic::{AtomicUsize, Ordering};

use icf::ErrorKind;
use icf_testkit::http::Reply;
use serde_json::json;

use crate::harness::{Scim, kind};
use crate::service::{asked, error, lines, standard};

#[tokio::test]
async fn scim_d01_an_object_is_deleted_or_unknown() {
    let service = standard(|request| match request.path.as_str() {
        "/s/Users/1" => Reply::status(204),
        _ => error(404, "", "no such"),
    })
    .await;
    let scim = Scim::at(&service.url("/s"));
    scim.delete("__ACCOUNT__", "1").await.unwrap();
    assert_eq!(kind(scim.delete("__ACCOUNT__", "2").await), ErrorKind::UnknownUid);
    assert_eq!(lines(&service), ["DELETE /s/Users/1", "DELETE /s/Users/2"]);
}

#[tokio::test]
async fn scim_d02_gone_after_a_lost_answer_is_deleted() {
    let count = AtomicUsize::new(0);
    let service = standard(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::hang_up(),
        _ => error(404, "", "no such"),
    })
    .await;
    Scim::at(&service.url("/s")).delete("__ACCOUNT__", "1").await.unwrap();
    assert_eq!(asked(&service).len(), 2);
}

#[tokio::test]
async fn where_nothing_can_be_deleted_accounts_are_disabled_if_the_profile_says_so() {
    let service = standard(|request| match request.method.as_str() {
        "DELETE" => error(405, "", ""),
        _ => Reply::status(204),
    })
    .await;
    let scim = Scim::at(&service.url("/s"));
    assert_eq!(kind(scim.delete("__ACCOUNT__", "1").await), ErrorKind::Unsupported);
    let overrides = [("providerOverrides", r#"{"deleteMode":"auto"}"#.into())];
    Scim::with(&service.url("/s"), &overrides).delete("__ACCOUNT__", "1").await.unwrap();
    let last = asked(&service).pop().unwrap();
    assert_eq!(last.json()["Operations"], json!([{"op": "replace", "value": {"active": false}}]));
}
