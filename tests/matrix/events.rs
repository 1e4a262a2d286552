//! Both kinds of subscription.

use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

use crate::ways::{Side, attribute, driver, rows};

rows! {
    [openicf:
        events_of_the_connector_arrive_and_end,
        a_subscription_that_is_closed_ends_at_the_connector,
        a_subscription_that_fails_says_why,
        changes_are_told_as_they_happen,
        objects_are_told_as_they_happen_if_the_filter_accepts_them,
    ]
}

const BOTH: [&str; 2] = ["subscribeObjects", "subscribeChanges"];

fn made_up(many: i32, more: Value) -> Value {
    let mut options = json!({"generate": {"int": many}});
    options.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
    json!({"options": options})
}

/// Java handles the messages of a subscription side by side, so that they overtake each other, and the end overtakes
/// them: without a pause between them order and number are left to chance, also when a Java server sends them.
async fn events_of_the_connector_arrive_and_end(side: Side) {
    for op in BOTH {
        let told = side.ok(op, made_up(5, json!({"delayMillis": {"int": 150}}))).await;
        assert_eq!(told["end"], "completed", "{op}");
        let items = told["items"].as_array().expect("items");
        let uids: Vec<&Value> = items.iter().map(|item| &item["uid"]["value"]).collect();
        assert_eq!(uids, ["g0", "g1", "g2", "g3", "g4"], "{op}");
        assert_eq!(told["unsubscribed"], true, "{op}");
    }
}

async fn stopped(side: &Side) -> Value {
    let counters = side.script("counters", json!({})).await;
    let counters = counters["map"].as_array().expect("a map");
    counters.iter().find(|entry| entry[0] == "stopped").expect("the counter")[1]["int"].clone()
}

async fn a_subscription_that_is_closed_ends_at_the_connector(side: Side) {
    for (times, op) in (1..).zip(BOTH) {
        let mut endless = made_up(-1, json!({"delayMillis": {"int": 5}}));
        endless["closeAfter"] = json!(3);
        let told = side.ok(op, endless).await;
        assert_eq!((&told["end"], &told["unsubscribed"]), (&json!("closed"), &json!(true)), "{op}");
        for _ in 0..500 {
            if stopped(&side).await == times {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(stopped(&side).await, times, "{op}: the connector was not told");
    }
}

async fn a_subscription_that_fails_says_why(side: Side) {
    for op in BOTH {
        let order = json!({"throw": "ConnectionBrokenException", "throwAfter": {"int": 2}, "delayMillis": {"int": 150}});
        let told = side.ok(op, made_up(5, order)).await;
        assert_eq!(told["items"].as_array().map(Vec::len), Some(2), "{op}");
        let class = told["end"]["remoteClass"].as_str().unwrap_or_default();
        assert!(class.ends_with(".ConnectionBrokenException"), "{op}: {told}");
    }
}

async fn create(side: &Side, name: &str) {
    side.ok("create", json!({"attributes": [attribute("__NAME__", json!(name))]})).await;
}

async fn changes_are_told_as_they_happen(side: Side) {
    let arguments = json!({"token": {"int": 0}, "closeAfter": 2, "reportEvery": 1});
    let arguments = side.peer().arguments(side.operation("subscribeChanges", arguments));
    let mut subscription = driver().await.begin("operate", arguments).await;
    create(&side, "ann").await;
    assert_eq!(subscription.next().await["count"], 1);
    side.ok("delete", json!({"uid": "1"})).await;
    let told = subscription.answer().await.expect("the subscription");
    let items = told["items"].as_array().expect("items");
    let kinds: Vec<&Value> = items.iter().map(|item| &item["type"]).collect();
    assert_eq!(kinds, ["CREATE", "DELETE"]);
}

async fn objects_are_told_as_they_happen_if_the_filter_accepts_them(side: Side) {
    let filter = json!({"startsWith": attribute("__NAME__", json!("b"))});
    let arguments = json!({"filter": filter, "closeAfter": 1});
    let arguments = side.peer().arguments(side.operation("subscribeObjects", arguments));
    let subscription = driver().await.begin("operate", arguments).await;
    let told = tokio::spawn(subscription.answer());
    // Nobody is told when the subscription is on.
    for number in 0.. {
        create(&side, &format!("ann{number}")).await;
        create(&side, &format!("bob{number}")).await;
        if told.is_finished() {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    let told = told.await.expect("the task").expect("the subscription");
    let name = told["items"][0]["attributes"][0]["values"][0].as_str().unwrap_or_default();
    assert!(name.starts_with("bob"), "{told}");
}
