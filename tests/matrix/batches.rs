//! Batches.

use serde_json::{Value, json};

use crate::ways::{Side, attribute, rows};

rows! {
    [openicf:
        a_batch_runs_its_tasks_in_order,
        a_task_that_fails_is_told_and_the_batch_goes_on,
        a_batch_can_be_asked_about_later,
        a_batch_that_fails_as_a_whole_says_why,
    ]
}

fn task(op: &str, more: Value) -> Value {
    let mut task = json!({"op": op, "objectClass": "__ACCOUNT__"});
    task.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
    task
}

fn create(name: &str) -> Value {
    task("create", json!({"attributes": [attribute("__NAME__", json!(name))]}))
}

fn all() -> Value {
    json!([
        create("ann"),
        task("update", json!({"uid": "1", "attributes": [attribute("strings", json!("a"))]})),
        task("addValues", json!({"uid": "1", "attributes": [attribute("strings", json!("b"))]})),
        task("removeValues", json!({"uid": "1", "attributes": [attribute("strings", json!("a"))]})),
        create("bob"),
        task("delete", json!({"uid": "2"})),
    ])
}

/// Task, whether it failed, and the uid or text.
fn outcomes(answer: &Value) -> Vec<(String, bool, String)> {
    let items = answer["items"].as_array().expect("items");
    let outcome = |item: &Value| {
        let result = &item["result"];
        let text = result["uid"]["value"].as_str().or_else(|| result.as_str()).unwrap_or_default();
        let task = item["task"].as_str().unwrap_or_default();
        (task.to_owned(), item["error"] == true, text.to_owned())
    };
    items.iter().map(outcome).collect()
}

fn done(task: usize, uid: &str) -> (String, bool, String) {
    (task.to_string(), false, uid.to_owned())
}

async fn a_batch_runs_its_tasks_in_order(side: Side) {
    let answer = side.ok("batch", json!({"tasks": all()})).await;
    let expected = [done(0, "1"), done(1, "1"), done(2, "1"), done(3, "1"), done(4, "2"), done(5, "")];
    assert_eq!(outcomes(&answer), expected, "{answer}");
    assert_eq!(answer["end"], "completed");
    assert_eq!(answer["items"][5]["complete"], true);
    let found = side.ok("search", json!({})).await;
    assert_eq!(found["items"][0]["attributes"][2], attribute("strings", json!("b")));
    assert_eq!(found["count"], 1);
}

async fn a_task_that_fails_is_told_and_the_batch_goes_on(side: Side) {
    let tasks = json!([create("ann"), create("ann"), create("bob")]);
    let answer = side.ok("batch", json!({"tasks": tasks})).await;
    let class = "org.identityconnectors.framework.common.exceptions.AlreadyExistsException";
    let refused = ("1".to_owned(), true, format!("{class}: __ACCOUNT__ ann exists."));
    assert_eq!(outcomes(&answer), [done(0, "1"), refused, done(2, "2")], "{answer}");
}

async fn a_batch_can_be_asked_about_later(side: Side) {
    let answer = side.ok("batch", json!({"tasks": [create("ann")], "options": {"later": true}})).await;
    assert_eq!(outcomes(&answer), []);
    let token = json!({"tokens": ["batch-1"], "queryRequired": true, "returnsResults": false});
    assert_eq!(answer["token"], token, "{answer}");
    let asked = side.ok("queryBatch", json!({"tokens": ["batch-1"]})).await;
    assert_eq!(outcomes(&asked), [done(0, "1")], "{asked}");
    let again = side.fails("queryBatch", json!({"tokens": ["batch-1"]})).await;
    assert!(again.message().contains("Unknown batch: batch-1"), "{again}");
}

async fn a_batch_that_fails_as_a_whole_says_why(side: Side) {
    let order = json!({"throw": "PermissionDeniedException"});
    let refused = side.fails("batch", json!({"tasks": [create("ann")], "options": order})).await;
    assert!(refused.to_string().contains("asked for PermissionDeniedException"), "{refused}");
    assert_eq!(side.ok("search", json!({})).await["count"], 0);
}
