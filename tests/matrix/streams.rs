//! Long streams: all of them, stopped early, cancelled, and too slow.

use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};

use crate::ways::{Side, Way, attribute, rows};

rows! {
    every_object_of_a_long_search_arrives_once_and_in_order,
    every_change_of_a_long_sync_arrives_once_and_in_order,
    a_handler_that_stops_early_ends_an_endless_search,
    a_handler_that_stops_early_ends_an_endless_sync,
    a_handler_that_fails_ends_an_endless_search,
    a_single_answer_that_takes_too_long_is_a_time_out,
    a_search_is_timed_between_its_objects,
    a_slow_receiver_is_not_a_time_out,
    large_objects_arrive_whole,
    operations_run_side_by_side,
    [openicf:
        a_cancelled_operation_ends_at_the_connector,
    ]
}

/// Objects in the long streams, unless `RCS_JAVA_OBJECTS` says otherwise.
const MANY: usize = 5_000;

fn many() -> usize {
    std::env::var("RCS_JAVA_OBJECTS").map_or(MANY, |many| many.parse().expect("a number"))
}

/// Runs a stream of which only silence is a failure, however slow the machine.
async fn long(side: &Side, op: &str, many: usize) -> Value {
    let arguments = json!({
        "token": {"int": 0}, "options": {"generate": {"int": many}}, "handler": {"reportEvery": 1000},
    });
    let arguments = side.peer().arguments(side.operation(op, arguments));
    side.driver().begin("operate", arguments).await.answer().await.expect("a long stream")
}

fn is_complete(found: &Value, many: usize) {
    assert_eq!(found["count"], many);
    let items = found["items"].as_array().expect("items");
    for (number, item) in items.iter().enumerate() {
        assert_eq!(item["uid"]["value"], format!("g{number}"));
    }
}

async fn every_object_of_a_long_search_arrives_once_and_in_order(side: Side) {
    let begun = Instant::now();
    let found = long(&side, "search", many()).await;
    println!("{:?}: {} objects in {:?}", side.way, many(), begun.elapsed());
    is_complete(&found, many());
    let (member, expected) = if side.way == Way::C { ("remaining", 0) } else { ("total", many()) };
    assert_eq!(found["result"][member], expected);
}

async fn every_change_of_a_long_sync_arrives_once_and_in_order(side: Side) {
    let begun = Instant::now();
    let found = long(&side, "sync", many()).await;
    println!("{:?}: {} changes in {:?}", side.way, many(), begun.elapsed());
    is_complete(&found, many());
    assert_eq!(found["result"], json!({"int": many()}));
}

async fn stopped(side: &Side) -> i64 {
    let counters = side.script("counters", json!({})).await;
    let counters = counters["map"].as_array().expect("a map");
    let stopped = counters.iter().find(|entry| entry[0] == "stopped").expect("the counter");
    stopped[1]["int"].as_i64().expect("a number")
}

/// Waits until the connector knows that so many streams were stopped.
async fn wait_until_stopped(side: &Side, times: i64) {
    let until = Instant::now() + Duration::from_secs(30);
    while stopped(side).await != times {
        assert!(Instant::now() < until, "the connector was not told to stop");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn stops_early(side: &Side, op: &str) {
    let options = json!({"generate": {"int": -1}, "delayMillis": {"int": 1}});
    let arguments = json!({"token": {"int": 0}, "options": options, "handler": {"stopAfter": 3}});
    if side.way == Way::C {
        // The client says so at the next pause, and the operation ends as any other.
        assert_eq!(side.ok(op, arguments).await["count"], 3);
    } else {
        let ended = side.fails(op, arguments).await;
        assert_eq!(ended.class(), "java.util.concurrent.CancellationException");
        assert_eq!(ended.seen()["count"], 3);
    }
    wait_until_stopped(side, 1).await;
}

async fn a_handler_that_stops_early_ends_an_endless_search(side: Side) {
    stops_early(&side, "search").await;
}

async fn a_handler_that_stops_early_ends_an_endless_sync(side: Side) {
    stops_early(&side, "sync").await;
}

async fn a_handler_that_fails_ends_an_endless_search(side: Side) {
    let options = json!({"generate": {"int": -1}, "delayMillis": {"int": 1}});
    let ended = side.fails("search", json!({"options": options, "handler": {"failAfter": 2}})).await;
    assert_eq!(ended.seen()["count"], 2);
    wait_until_stopped(&side, 1).await;
}

async fn a_cancelled_operation_ends_at_the_connector(side: Side) {
    let create = json!({
        "attributes": [attribute("__NAME__", json!("ann"))],
        "options": {"delayMillis": {"int": 2000}}, "cancelAfterMillis": 300,
    });
    assert_eq!(side.ok("cancelCreate", create).await, true);
    if side.way == Way::Java {
        // Java does not interrupt it: the object appears although nobody waits for it.
        sleep(Duration::from_secs(3)).await;
        assert_ne!(side.ok("get", json!({"uid": "1"})).await, Value::Null);
        return;
    }
    wait_until_stopped(&side, 1).await;
    assert_eq!(side.ok("get", json!({"uid": "1"})).await, Value::Null);
}

async fn a_single_answer_that_takes_too_long_is_a_time_out(side: Side) {
    let slow = json!({
        "attributes": [attribute("__NAME__", json!("ann"))],
        "options": {"delayMillis": {"int": 3000}}, "timeouts": {"CreateApiOp": 200},
    });
    let begun = Instant::now();
    let late = side.fails("create", slow.clone()).await;
    assert_eq!(late.simple_class(), "OperationTimeoutException");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    let mut patient = slow;
    patient["timeouts"] = json!({"CreateApiOp": -1});
    patient["options"] = json!({"delayMillis": {"int": 500}});
    patient["attributes"] = json!([attribute("__NAME__", json!("bob"))]);
    side.ok("create", patient).await;
}

async fn a_search_is_timed_between_its_objects(side: Side) {
    for op in ["search", "sync"] {
        let timeouts = json!({"SearchApiOp": 1500, "SyncApiOp": 1500});
        let stream = |many: u32, delay: u32| {
            json!({
                "token": {"int": 0}, "timeouts": timeouts,
                "options": {"generate": {"int": many}, "delayMillis": {"int": delay}},
            })
        };
        // Longer in all than the limit, but never between two objects.
        let found = side.ok(op, stream(10, 200)).await;
        assert_eq!(found["count"], 10, "{op}");
        let late = side.fails(op, stream(2, 4000)).await;
        assert_eq!(late.simple_class(), "OperationTimeoutException", "{op}");
    }
}

async fn a_slow_receiver_is_not_a_time_out(side: Side) {
    let arguments = json!({
        "timeouts": {"SearchApiOp": 1500}, "options": {"generate": {"int": 400}}, "handler": {"delayMillis": 5},
    });
    assert_eq!(side.ok("search", arguments).await["count"], 400);
}

async fn large_objects_arrive_whole(side: Side) {
    let options = json!({"generate": {"int": 3}, "textLength": {"int": 1_000_000}});
    let found = side.ok("search", json!({"options": options})).await;
    let items = found["items"].as_array().expect("items");
    for item in items {
        let attributes = item["attributes"].as_array().expect("attributes");
        let text = attributes.iter().find(|attribute| attribute["name"] == "text").expect("the text");
        assert_eq!(text["values"][0].as_str().map(str::len), Some(1_000_000));
    }
    assert_eq!(items.len(), 3);
}

async fn operations_run_side_by_side(side: Side) {
    let searches = (0..20).map(|_| side.ok("search", json!({"options": {"generate": {"int": 200}}})));
    for found in futures_util::future::join_all(searches).await {
        is_complete(&found, 200);
    }
}
