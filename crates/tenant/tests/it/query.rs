//! Queries.

use icf::{ErrorKind, SearchResult};
use icf_wire::rpc::{Answer, Item};
use serde_json::{Value as Json, json};

use crate::harness::{Rig, o42, object, object42};
use crate::scripted::{Play, found};

/// What every search without further parameters carries.
fn search(filter: &str) -> String {
    format!("Search(__ACCOUNT__, {filter}, {{A:D, PAGED_RESULTS_OFFSET:Integer 0, SORT_KEYS:[]}})")
}

fn envelope(result: Json) -> Json {
    let count = result.as_array().unwrap().len();
    json!({
        "result": result, "resultCount": count, "pagedResultsCookie": null,
        "totalPagedResultsPolicy": "NONE", "totalPagedResults": -1, "remainingPagedResults": -1,
    })
}

async fn filtered(rig: &Rig, filter: &str) -> crate::harness::Got {
    rig.query(&[("_queryFilter", filter)]).await
}

/// The filter leads to exactly this search.
async fn searches(filter: &str, expected: &str) {
    let rig = Rig::ready().await;
    let got = filtered(&rig, filter).await;
    assert_eq!(got.status, 200, "{:?}", got.body);
    assert_eq!(rig.log(), [search(expected)], "{filter}");
}

/// The filter is refused before anything is asked.
async fn refused(filter: &str, message: &str) {
    let rig = Rig::ready().await;
    filtered(&rig, filter).await.is_error(400, message);
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t26_everything() {
    let rig = Rig::ready().await;
    rig.backend.on("Search", found(vec![object42()]));
    let got = filtered(&rig, "true").await;
    assert_eq!((got.status, got.body), (200, envelope(json!([o42()]))));
    assert_eq!(rig.log(), [search("no filter")]);
}

#[tokio::test]
async fn tenant_t27_all_ids() {
    let rig = Rig::ready().await;
    rig.backend.on("Search", found(vec![object("42", "jd")]));
    let got = rig.query(&[("_queryId", "query-all-ids")]).await;
    assert_eq!(got.body["result"], json!([{"_id": "42", "name": "jd"}]));
    assert_eq!(
        rig.log(),
        ["Search(__ACCOUNT__, no filter, {A:[__UID__], PAGED_RESULTS_OFFSET:Integer 0, SORT_KEYS:[]})"]
    );
    rig.query(&[("_queryId", "x")]).await.is_error(400, "Unsupported _queryId: x");
}

#[tokio::test]
async fn tenant_t28_and_or() {
    searches(
        r#"name eq "jd" and (age gt 20 or mail co "x")"#,
        "And(Equals(__NAME__, jd), Or(GreaterThan(age, Integer 20), Contains(email, x)))",
    )
    .await;
}

#[tokio::test]
async fn tenant_t29_lists_nest_to_the_right() {
    searches(
        r#"sn sw "D" and sn ew "e" and !(active eq false)"#,
        "And(StartsWith(sn, D), And(EndsWith(sn, e), Not(Equals(active, false))))",
    )
    .await;
}

#[tokio::test]
async fn tenant_t30_the_identity() {
    searches(r#"_id eq "42""#, "Equals(__UID__, 42)").await;
}

#[tokio::test]
async fn tenant_t31_presence() {
    searches("memo pr", "Presence(memo)").await;
    let rig = Rig::ready().await;
    let got = filtered(&rig, "foo pr").await;
    assert_eq!((got.status, &got.body["resultCount"]), (200, &json!(0)));
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t32_nothing() {
    let rig = Rig::ready().await;
    let got = filtered(&rig, "false").await;
    assert_eq!((got.status, got.body), (200, envelope(json!([]))));
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t33_an_undeclared_property() {
    refused(r#"foo eq "x""#, "Attribute foo does not exist as part of ObjectClass: __ACCOUNT__").await;
}

#[tokio::test]
async fn tenant_t34_no_filter_at_all() {
    refused(
        "sn eq Doe",
        "The value 'sn eq Doe' for parameter '_queryFilter' could not be parsed as a valid query filter",
    )
    .await;
}

#[tokio::test]
async fn tenant_t35_a_value_of_the_wrong_type() {
    refused(r#"addr eq "x""#, "java.lang.String to java.util.Map").await;
}

#[tokio::test]
async fn tenant_t36_a_foreign_operator_and_a_foreign_parameter() {
    refused(r#"sn zz "x""#, "ExtendedMatchFilter is not supported").await;
    let rig = Rig::ready().await;
    let got = rig.query(&[("_queryFilter", "true"), ("_foo", "1")]).await;
    got.is_error(400, "Unrecognized request parameter '_foo'");
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t37_pages_and_order() {
    let rig = Rig::ready().await;
    let play = |cookie: &str| {
        let end = SearchResult { paged_results_cookie: Some(cookie.to_owned()), ..SearchResult::default() };
        Play::Stream(vec![], Ok(Answer::SearchEnd(Some(end))))
    };
    rig.backend.on("Search", play("c2"));
    rig.backend.on("Search", play(""));
    let page = [
        ("_queryFilter", "true"),
        ("_pageSize", "2"),
        ("_sortKeys", "-mail,_id"),
        ("_pagedResultsCookie", "c1"),
    ];
    let got = rig.query(&page).await;
    assert_eq!(got.body["pagedResultsCookie"], "c2");
    assert_eq!(
        rig.log(),
        ["Search(__ACCOUNT__, no filter, {A:D, PAGED_RESULTS_COOKIE:c1, PAGED_RESULTS_OFFSET:Integer 0, \
          PAGE_SIZE:Integer 2, SORT_KEYS:[(email,desc) (__UID__,asc)]})"]
    );
    assert_eq!(rig.query(&page).await.body["pagedResultsCookie"], Json::Null);
}

#[tokio::test]
async fn tenant_t38_cookie_and_offset_exclude_each_other() {
    let rig = Rig::ready().await;
    let got = rig
        .query(&[("_queryFilter", "true"), ("_pagedResultsCookie", "c"), ("_pagedResultsOffset", "3")])
        .await;
    assert_eq!(got.status, 400);
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t39_a_failure_after_some_results() {
    let rig = Rig::ready().await;
    let items = ["1", "2", "3"].map(|uid| Item::Object(object(uid, "x"))).into();
    rig.backend.on("Search", Play::Stream(items, Err((ErrorKind::UnknownUid, "gone"))));
    let got = filtered(&rig, "true").await;
    assert_eq!(got.status, 404);
    assert!(got.body.get("result").is_none());
}

#[tokio::test]
async fn tenant_t40_a_search_that_is_not_supported() {
    let rig = Rig::ready().await;
    rig.backend.on("Search", Play::Fail(ErrorKind::Unsupported, "no"));
    filtered(&rig, "true").await.is_error(404, "no");
}

#[tokio::test]
async fn pages_stay_with_the_session_that_issued_the_cookie() {
    let rig = Rig::ready().await;
    let end = SearchResult { paged_results_cookie: Some("c1".to_owned()), ..SearchResult::default() };
    rig.backend.on("Search", Play::Stream(vec![], Ok(Answer::SearchEnd(Some(end)))));
    filtered(&rig, "true").await;
    rig.query(&[("_queryFilter", "true"), ("_pagedResultsCookie", "c1")]).await;
    let sessions: Vec<_> = rig.backend.take_seen().into_iter().map(|seen| seen.session).collect();
    assert_eq!(sessions, [None, Some("session of rcs1".to_owned())]);
}

#[tokio::test]
async fn an_expression_is_a_filter() {
    let rig = Rig::ready().await;
    assert_eq!(rig.query(&[("_queryExpression", "age le 3")]).await.status, 200);
    assert_eq!(rig.log(), [search("LessThanOrEqual(age, Integer 3)")]);
}

#[tokio::test]
async fn a_caller_that_leaves_cancels_its_search() {
    let rig = Rig::ready().await;
    rig.backend.on("Search", Play::Silence);
    let leaving = tokio::time::timeout(std::time::Duration::from_millis(100), filtered(&rig, "true"));
    assert!(leaving.await.is_err());
    rig.backend.wait_for_log("CancelOp").await;
}

#[tokio::test]
async fn a_search_that_takes_too_long_is_cancelled() {
    let rig = Rig::ready_with(json!({"operationTimeout": {"SEARCH": 50}})).await;
    rig.backend.on("Search", Play::Silence);
    filtered(&rig, "true").await.is_error(503, "Operation QUERY Timeout on system object: null");
    rig.backend.wait_for_log("CancelOp").await;
}
