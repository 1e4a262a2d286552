//! Searching, getting and synchronising: what comes, in which form, and what is reported at the end.

use serde_json::{Value, json};

use crate::ways::{Side, Way, attribute, rows};

rows! {
    a_search_reports_how_it_ended,
    a_search_without_a_report_ends_with_null,
    an_object_that_is_not_there_is_null,
    pages_follow_one_another_by_cookie_and_by_offset,
    results_are_sorted_as_asked,
    attributes_to_get_are_obeyed_when_the_flag_says_so,
    attributes_that_are_not_returned_by_default_are_returned_on_demand,
    changes_of_every_kind_are_synchronised,
    all_classes_can_be_synchronised_at_once,
    a_sync_without_a_token_runs_from_the_start,
    a_sync_without_a_report_ends_with_null,
    an_unknown_class_is_refused_by_the_connector,
    all_as_a_class_is_refused_where_it_makes_no_sense,
}

fn uids(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().expect("items");
    items.iter().map(|item| item["uid"]["value"].as_str().expect("a uid")).collect()
}

fn seeded(side: &Side, objects: u32) -> Value {
    json!({"world": side.world(), "objects": {"int": objects}})
}

/// What a search reports at its end; ConnId counts only what is left.
fn report(side: &Side, cookie: Option<&str>, total: u32, remaining: u32) -> Value {
    match side.way {
        Way::C => json!({"cookie": cookie, "remaining": remaining}),
        _ => json!({"cookie": cookie, "policy": "EXACT", "total": total, "remaining": remaining}),
    }
}

async fn a_search_reports_how_it_ended(side: Side) {
    let found = side.ok("search", json!({"configuration": seeded(&side, 3)})).await;
    assert_eq!(uids(&found), ["1", "2", "3"]);
    assert_eq!(found["result"], report(&side, None, 3, 0));
    let first = &found["items"][0];
    assert_eq!(first["objectClass"], "__ACCOUNT__");
    assert_eq!(
        first["attributes"],
        json!([
            {"name": "__NAME__", "values": ["user0"]},
            {"name": "__UID__", "values": ["1"]},
            {"name": "boolean", "values": [true]},
            {"name": "int", "values": [{"int": 0}]},
            {"name": "string", "values": ["Surname 0"]},
            {"name": "strings", "values": ["s0", "s0"]},
        ])
    );
}

async fn a_search_without_a_report_ends_with_null(side: Side) {
    let silent = json!({"configuration": seeded(&side, 3), "options": {"null": true}});
    let found = side.ok("search", silent).await;
    assert_eq!((uids(&found).len(), &found["result"]), (3, &Value::Null));
}

async fn an_object_that_is_not_there_is_null(side: Side) {
    assert_eq!(side.ok("get", json!({"uid": "none"})).await, Value::Null);
    let found = side.ok("get", json!({"uid": "2", "configuration": seeded(&side, 3)})).await;
    // The world was made by the first call, without accounts.
    assert_eq!(found, Value::Null);
}

async fn pages_follow_one_another_by_cookie_and_by_offset(side: Side) {
    let page = |options: Value| json!({"configuration": seeded(&side, 5), "options": options});
    let first = side.ok("search", page(json!({"PAGE_SIZE": {"int": 2}}))).await;
    assert_eq!(uids(&first), ["1", "2"]);
    assert_eq!(first["result"], report(&side, Some("2"), 5, 3));
    let options = json!({"PAGE_SIZE": {"int": 2}, "PAGED_RESULTS_COOKIE": "4"});
    let last = side.ok("search", page(options)).await;
    assert_eq!(uids(&last), ["5"]);
    assert_eq!(last["result"]["cookie"], Value::Null);
    let options = json!({"PAGE_SIZE": {"int": 2}, "PAGED_RESULTS_OFFSET": {"int": 1}});
    assert_eq!(uids(&side.ok("search", page(options)).await), ["2", "3"]);
}

async fn results_are_sorted_as_asked(side: Side) {
    let key = |field: &str, ascending: bool| json!({"sortKey": {"field": field, "ascending": ascending}});
    let class = "org.identityconnectors.framework.common.objects.SortKey";
    let sorted = |keys: Value| {
        let keys = json!({"array": {"of": class, "items": keys}});
        json!({"configuration": seeded(&side, 4), "options": {"SORT_KEYS": keys}})
    };
    let found = side.ok("search", sorted(json!([key("__NAME__", false)]))).await;
    assert_eq!(uids(&found), ["4", "3", "2", "1"]);
    let found = side.ok("search", sorted(json!([key("boolean", false), key("int", false)]))).await;
    assert_eq!(uids(&found), ["3", "1", "4", "2"]);
    let found = side.ok("search", sorted(json!([key("boolean", true), key("int", true)]))).await;
    assert_eq!(uids(&found), ["2", "4", "1", "3"]);
}

fn names(object: &Value) -> Vec<&str> {
    let attributes = object["attributes"].as_array().expect("attributes");
    attributes.iter().map(|attribute| attribute["name"].as_str().expect("a name")).collect()
}

fn only(names: Value) -> Value {
    json!({"ATTRS_TO_GET": {"array": {"of": "java.lang.String", "items": names}}})
}

async fn attributes_to_get_are_obeyed_when_the_flag_says_so(side: Side) {
    let ask = |flag: bool, wanted: Value| {
        json!({
            "configuration": seeded(&side, 1), "uid": "1", "options": only(wanted),
            "resultsHandler": {"enableAttributesToGetSearchResultsHandler": flag},
        })
    };
    for op in ["search", "get"] {
        let of = |answer: Value| if op == "get" { answer } else { answer["items"][0].clone() };
        let reduced = of(side.ok(op, ask(true, json!(["INT", "long"]))).await);
        assert_eq!(names(&reduced), ["__NAME__", "__UID__", "int"], "{op}");
        let whole = of(side.ok(op, ask(false, json!(["int"]))).await);
        assert_eq!(names(&whole), ["__NAME__", "__UID__", "boolean", "int", "string", "strings"], "{op}");
        let empty = of(side.ok(op, ask(true, json!([]))).await);
        assert_eq!(names(&empty).len(), 6, "{op}");
    }
}

async fn attributes_that_are_not_returned_by_default_are_returned_on_demand(side: Side) {
    let attributes = ["hidden", "notReadable", "string"].map(|name| attribute(name, json!(name)));
    let attributes: Vec<Value> =
        attributes.into_iter().chain([attribute("__NAME__", json!("ann"))]).collect();
    side.ok("create", json!({"attributes": attributes})).await;
    let by_default = side.ok("get", json!({"uid": "1"})).await;
    assert_eq!(names(&by_default), ["__NAME__", "__UID__", "string"]);
    let on_demand = json!({"uid": "1", "options": only(json!(["hidden", "notReadable"]))});
    assert_eq!(names(&side.ok("get", on_demand).await), ["__NAME__", "__UID__", "hidden"]);
    let refused = json!({"uid": "1", "attributes": [attribute("notUpdateable", json!("x"))]});
    assert_eq!(side.fails("update", refused).await.simple_class(), "InvalidAttributeValueException");
}

/// Creates, changes, renames and deletes a group, and creates an account.
async fn history(side: &Side) {
    let name = |name: &str| json!([attribute("__NAME__", json!(name))]);
    let group = |uid: &str, attributes: Value| json!({"objectClass": "__GROUP__", "uid": uid, "attributes": attributes});
    side.ok(
        "create",
        group("", name("g"))
            .as_object_mut()
            .map(|create| {
                create.remove("uid");
                json!(create)
            })
            .expect("members"),
    )
    .await;
    side.ok("update", group("g", json!([attribute("members", json!("m"))]))).await;
    side.ok("update", group("g", name("h"))).await;
    side.ok("delete", group("h", json!([]))).await;
    side.ok("create", json!({"attributes": name("ann")})).await;
}

async fn changes_of_every_kind_are_synchronised(side: Side) {
    let before = side.ok("latestSyncToken", json!({})).await;
    assert_eq!(before, json!({"int": 0}));
    history(&side).await;
    let found = side.ok("sync", json!({"objectClass": "__GROUP__", "token": before})).await;
    let items = found["items"].as_array().expect("deltas");
    let kinds: Vec<&Value> = items.iter().map(|delta| &delta["type"]).collect();
    assert_eq!(kinds, ["CREATE", "UPDATE", "CREATE_OR_UPDATE", "DELETE"]);
    let tokens: Vec<&Value> = items.iter().map(|delta| &delta["token"]["int"]).collect();
    assert_eq!(tokens, [1, 2, 3, 4]);
    assert_eq!(items[1]["object"]["attributes"].as_array().map(Vec::len), Some(3));
    assert_eq!(items[2]["previousUid"], json!({"value": "g", "revision": null}));
    assert_eq!(items[2]["uid"]["value"], "h");
    assert_eq!((&items[3]["objectClass"], &items[3]["object"]), (&json!("__GROUP__"), &Value::Null));
    assert_eq!(found["result"], json!({"int": 5}));
    let rest = side.ok("sync", json!({"objectClass": "__GROUP__", "token": {"int": 3}})).await;
    assert_eq!(uids(&rest), ["h"]);
}

async fn all_classes_can_be_synchronised_at_once(side: Side) {
    history(&side).await;
    let found = side.ok("sync", json!({"objectClass": "__ALL__", "token": {"int": 2}})).await;
    let items = found["items"].as_array().expect("deltas");
    let classes: Vec<&Value> = items.iter().map(|delta| &delta["objectClass"]).collect();
    assert_eq!(classes, ["__GROUP__", "__GROUP__", "__ACCOUNT__"]);
}

async fn a_sync_without_a_token_runs_from_the_start(side: Side) {
    history(&side).await;
    if side.way == Way::Java {
        let refused = side.fails("sync", json!({})).await;
        assert_eq!(refused.message(), "Parameter 'value' must not be null.", "Java's server has learnt it");
        return;
    }
    assert_eq!(uids(&side.ok("sync", json!({})).await), ["1"]);
}

async fn a_sync_without_a_report_ends_with_null(side: Side) {
    let found = side.ok("sync", json!({"token": {"int": 0}, "options": {"null": true}})).await;
    assert_eq!(found, json!({"items": [], "count": 0, "result": null}));
}

async fn an_unknown_class_is_refused_by_the_connector(side: Side) {
    let vehicle = json!({"objectClass": "vehicle", "token": {"int": 0}, "attributes": [], "uid": "1"});
    for op in ["search", "sync", "latestSyncToken", "delete", "update"] {
        let refused = side.fails(op, vehicle.clone()).await;
        assert_eq!(refused.class(), "java.lang.IllegalArgumentException", "{op}");
        assert_eq!(refused.message(), "Unknown object class: vehicle", "{op}");
    }
}

async fn all_as_a_class_is_refused_where_it_makes_no_sense(side: Side) {
    let all = json!({
        "objectClass": "__all__", "uid": "1", "attributes": [attribute("__NAME__", json!("x"))],
        "username": "x", "password": "x",
    });
    for op in ["search", "get", "create", "delete", "update", "authenticate", "resolveUsername"] {
        let refused = side.fails(op, all.clone()).await;
        assert_eq!(refused.class(), "java.lang.UnsupportedOperationException", "{op}");
        assert_eq!(refused.message(), "Operation is not allowed on __ALL__ object class", "{op}");
    }
}
