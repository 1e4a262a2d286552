//! Operations that IDM never asks for by itself, and every exception.

use serde_json::{Value as Json, json};

use crate::differences::THREADS_DECIDE;
use crate::scene::{Side, rows};
use crate::systems::reference;

rows! {
    exceptions_keep_their_class_and_text,
    a_failure_in_the_middle_of_a_search_comes_after_its_objects,
    a_batch_runs_in_order,
    subscriptions_tell_events,
    an_endless_search_ends_when_nobody_wants_more,
    users_are_resolved,
}

async fn exceptions_keep_their_class_and_text(side: Side) {
    reference(&side, json!({})).await;
    let own = "org.identityconnectors.framework.common.exceptions.";
    for simple in [
        "AlreadyExistsException",
        "ConfigurationException",
        "ConnectionBrokenException",
        "ConnectionFailedException",
        "ConnectorException",
        "ConnectorIOException",
        "ConnectorSecurityException",
        "InvalidAttributeValueException",
        "InvalidCredentialException",
        "InvalidPasswordException",
        "OperationTimeoutException",
        "PasswordExpiredException",
        "PermissionDeniedException",
        "PreconditionFailedException",
        "PreconditionRequiredException",
        "RetryableException",
        "UnknownUidException",
        "java.lang.IllegalArgumentException",
        "java.lang.UnsupportedOperationException",
    ] {
        let answer = side.icf("get", json!({"uid": "1", "options": {"throw": simple}})).await;
        let class = if simple.contains('.') { simple.to_owned() } else { format!("{own}{simple}") };
        let told = (&answer["exception"]["class"], &answer["exception"]["message"]);
        assert_eq!(told, (&json!(class), &json!(format!("asked for {simple}"))), "{answer}");
    }
}

async fn a_failure_in_the_middle_of_a_search_comes_after_its_objects(side: Side) {
    reference(&side, json!({})).await;
    let options = json!({"generate": 3, "throw": "ConnectorIOException", "throwAfter": 3});
    let answer = side.icf("search", json!({"options": options})).await;
    all_of_it(&side, &answer, "uid", &["g0", "g1", "g2"]);
    assert_eq!(answer["exception"]["message"], "asked for ConnectorIOException");
}

/// The members of this name in an answer, in order; from Java perhaps not all, nor in order.
fn all_of_it<T: Into<Json> + Clone>(side: &Side, answer: &Json, member: &str, expected: &[T]) {
    let expected: Vec<Json> = expected.iter().cloned().map(Into::into).collect();
    let items = answer["items"].as_array().unwrap().iter();
    let mut told: Vec<Json> = items.filter_map(|item| item.get(member)).cloned().collect();
    if side.either(&THREADS_DECIDE, true, false) {
        assert!(told.iter().all(|one| expected.contains(one)), "{answer}");
        told.clone_from(&expected);
    }
    assert_eq!(told, expected, "{answer}");
}

async fn a_batch_runs_in_order(side: Side) {
    reference(&side, json!({})).await;
    let tasks = json!([
        {"op": "create", "attributes": {"__NAME__": "batched"}},
        {"op": "update", "uid": "5", "attributes": {"string": "x"}},
        {"op": "delete", "uid": "99"},
        {"op": "delete", "uid": "1"},
    ]);
    let answer = side.icf("batch", json!({"tasks": tasks})).await;
    let unknown = json!({
        "class": "org.identityconnectors.framework.common.exceptions.UnknownUidException",
        "message": "No __ACCOUNT__ has the uid 99.", "causes": [],
    });
    let outcomes =
        [json!({"uid": "5"}), json!({"uid": "5"}), json!({"exception": unknown}), json!({"uid": null})];
    all_of_it(&side, &answer, "outcome", &outcomes);
    assert_eq!(side.filter("true").await.ids(), ["2", "3", "4", "5"]);
}

async fn subscriptions_tell_events(side: Side) {
    reference(&side, json!({})).await;
    let options = json!({"generate": 3});
    for op in ["subscribeObjects", "subscribeChanges"] {
        let answer = side.icf(op, json!({"options": options})).await;
        all_of_it(&side, &answer, "uid", &["g0", "g1", "g2"]);
        assert_eq!(answer["result"], Json::Null);
    }
}

async fn an_endless_search_ends_when_nobody_wants_more(side: Side) {
    reference(&side, json!({})).await;
    let answer = side.icf("search", json!({"options": {"generate": -1}, "limit": 50})).await;
    assert_eq!((answer["items"].as_array().unwrap().len(), &answer["cancelled"]), (50, &json!(true)));
    // The server serves on.
    assert_eq!(side.read("account/1").await.status, 200);
}

async fn users_are_resolved(side: Side) {
    reference(&side, json!({})).await;
    let answer = side.icf("resolveUsername", json!({"username": "user2"})).await;
    assert_eq!(answer, json!({"items": [], "result": {"uid": "3"}}));
    let answer = side.icf("resolveUsername", json!({"username": "nobody"})).await;
    assert_eq!(answer["exception"]["message"], "Unknown user: nobody");
}
