//! `PATCH`.

use icf::ErrorKind;
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{Got, Rig, o42};
use crate::scripted::Play;

const GET: &str = "Get(__ACCOUNT__, 42, {A:D})";

async fn patch(rig: &Rig, body: Json) -> Got {
    rig.on_type(Method::PATCH, "/42", &[], Some(body)).await
}

fn op(operation: &str, field: &str, value: Json) -> Json {
    json!({"operation": operation, "field": field, "value": value})
}

fn update(kind: &str, set: &str) -> String {
    format!("Update {kind}(__ACCOUNT__, 42, {{{set}}}, {{A:D}})")
}

#[tokio::test]
async fn tenant_t50_operations_are_grouped() {
    let rig = Rig::ready().await;
    let body = json!([
        op("add", "/mail/-", json!("b@x")),
        op("replace", "/sn", json!("Roe")),
        op("remove", "/mail", json!("a@x")),
    ]);
    assert_eq!(patch(&rig, body).await.status, 200);
    assert_eq!(
        rig.log(),
        [
            GET.to_owned(),
            update("ADD", "email:[b@x]"),
            update("REPLACE", "sn:[Roe]"),
            update("REMOVE", "email:[a@x]"),
            GET.to_owned(),
        ]
    );
}

#[tokio::test]
async fn tenant_t51_adding_to_a_single_value_replaces() {
    let rig = Rig::ready().await;
    assert_eq!(patch(&rig, json!([op("ADD", "/sn", json!("Z"))])).await.status, 200);
    assert_eq!(rig.log()[1], update("REPLACE", "sn:[Z]"));
}

#[tokio::test]
async fn tenant_t52_numbers_are_incremented() {
    let rig = Rig::ready().await;
    assert_eq!(patch(&rig, json!([op("increment", "/age", json!(5))])).await.status, 200);
    assert_eq!(rig.log()[1], update("REPLACE", "age:[Integer 35]"));
    patch(&rig, json!([op("increment", "/big", json!(1))]))
        .await
        .is_error(400, "The field '/big' does not exist");
    assert_eq!(rig.log(), [GET]);
    patch(&rig, json!([op("increment", "/sn", json!(1))]))
        .await
        .is_error(400, "The field '/sn' is not a number");
}

#[tokio::test]
async fn tenant_t53_removing_without_a_value() {
    let rig = Rig::ready().await;
    assert_eq!(patch(&rig, json!([{"operation": "remove", "field": "/mail"}])).await.status, 200);
    assert_eq!(rig.log(), [GET.to_owned(), update("REMOVE", "email:[a@x]"), GET.to_owned()]);
    assert_eq!(patch(&rig, json!([{"operation": "remove", "field": "/big"}])).await.status, 200);
    assert_eq!(rig.log(), [GET, GET]);
}

#[tokio::test]
async fn tenant_t54_a_failing_removal_is_swallowed() {
    let rig = Rig::ready().await;
    rig.backend.on("Update", Play::Fail(ErrorKind::InvalidAttributeValue, "no"));
    let got = patch(&rig, json!([op("remove", "/mail", json!("a@x"))])).await;
    assert_eq!((got.status, got.body), (200, o42()));
    assert_eq!(rig.log(), [GET.to_owned(), update("REMOVE", "email:[a@x]"), GET.to_owned()]);
}

#[tokio::test]
async fn tenant_t55_patches_that_are_refused() {
    let rig = Rig::ready().await;
    patch(&rig, json!([op("replace", "/foo", json!(1))]))
        .await
        .is_error(400, "Target does not support attribute foo");
    assert_eq!(rig.log(), [GET]);
    let body = json!([{"operation": "move", "from": "/sn", "field": "/memo"}]);
    patch(&rig, body).await.is_error(400, "Unsupported patch operation: move");
    assert_eq!(rig.log(), [GET]);
    assert_eq!(patch(&rig, json!({})).await.status, 400);
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t56_a_password_with_the_persons_own_rights() {
    let rig = Rig::ready().await;
    let body = json!([op("replace", "/__PASSWORD__", json!("n"))]);
    let headers = [("X-OpenIDM-Reauth-Password", "o")];
    let got = rig.on_type(Method::PATCH, "/42", &headers, Some(body)).await;
    assert_eq!(got.status, 200);
    assert_eq!(
        rig.log(),
        [
            GET,
            "Update REPLACE(__ACCOUNT__, 42, {__PASSWORD__:[Guarded(n)]}, \
             {A:D, RUN_AS_USER:jd, RUN_WITH_PASSWORD:Guarded(o)})",
            GET,
        ]
    );
}

#[tokio::test]
async fn values_of_one_attribute_are_merged() {
    let rig = Rig::ready().await;
    let body = json!([
        op("add", "/mail", json!("b")),
        op("add", "/mail", json!(["c", "b"])),
        op("replace", "/sn", json!("x")),
        op("replace", "/sn", json!("y")),
        op("add", "/_ignored", json!("z")),
    ]);
    assert_eq!(patch(&rig, body).await.status, 200);
    assert_eq!(rig.log()[1..3], [update("ADD", "email:[b, c]"), update("REPLACE", "sn:[y]")]);
}

#[tokio::test]
async fn an_empty_patch_reads_twice() {
    let rig = Rig::ready().await;
    assert_eq!(patch(&rig, json!([])).await.body, o42());
    assert_eq!(rig.log(), [GET, GET]);
}
