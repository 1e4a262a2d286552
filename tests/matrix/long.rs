//! Operations of 20 minutes against real Java, whose framework looks after its groups 1 minute after the start and
//! then every 4. Outside CI, for they take that long:
//!
//! ```text
//! cargo test -p rcs --test matrix -- --ignored --nocapture twenty_minutes
//! ```
//!
//! The same in CI, on paused time and without Java: `tests/operations/long.rs`.

use serde_json::{Value, json};
use tokio::time::{Duration, Instant};

use crate::java::{Call, Peer};
use crate::our_server::OurServer;
use crate::ways::{attribute, connector_key, driver, on_the_runtime};

/// Objects 5 s apart: 20 minutes.
const OBJECTS: usize = 240;
const MOST: Duration = Duration::from_secs(30 * 60);

fn operation(way: &str, op: &str, options: Value) -> Value {
    json!({
        "op": op, "objectClass": "__ACCOUNT__", "connectorKey": connector_key(),
        "configuration": {"world": format!("twenty minutes {way}")}, "options": options, "handler": {"reportEvery": 12},
    })
}

/// Reads the events of a search, about one a minute, and writes the log.
async fn watch(way: &str, mut search: Call<'static>, peer: &Peer<'static>, server: &OurServer) {
    let begun = Instant::now();
    loop {
        let line = search.next_within(MOST).await;
        let links: Vec<usize> = server.groups().iter().map(|group| group.usable_links).collect();
        let state = peer.state().await;
        // Way a knows neither number.
        let state = format!("{} sockets, {} groups", state["sockets"], state["groups"]);
        let Some(count) = line.get("count") else {
            println!("{way} {:>5.0?}: end; links {links:?}, Java {state}", begun.elapsed());
            let found = &line["ok"];
            assert_eq!(found["count"], OBJECTS, "{line}");
            let items = found["items"].as_array().expect("items");
            for (number, item) in items.iter().enumerate() {
                assert_eq!(item["uid"]["value"], format!("g{number}"));
            }
            assert!(begun.elapsed() >= Duration::from_secs(20 * 60 - 5), "{:?}", begun.elapsed());
            return;
        };
        println!("{way} {:>5.0?}: {count} objects; links {links:?}, Java {state}", begun.elapsed());
    }
}

/// A search with an object every 5 s, and a creation that says nothing for 20 minutes.
async fn twenty_minutes(way: &str, peer: Peer<'static>, server: OurServer) {
    peer.connectors().await;
    let driver = driver().await;
    let options = json!({"generate": {"int": OBJECTS}, "delayMillis": {"int": 5000}});
    let search = driver.begin("operate", peer.arguments(operation(way, "search", options))).await;
    let mut silent = operation(way, "create", json!({"delayMillis": {"int": 20 * 60 * 1000}}));
    silent["attributes"] = json!([attribute("__NAME__", json!("ann"))]);
    let mut silent = driver.begin("operate", peer.arguments(silent)).await;
    watch(way, search, &peer, &server).await;
    let created = silent.next_within(MOST).await;
    println!("{way}: the silent creation answered {created}");
    assert!(created["ok"]["value"].is_string(), "{created}");
}

#[test]
#[ignore = "takes 20 minutes"]
fn a_java_searches_for_twenty_minutes_over_sockets_it_dialled() {
    on_the_runtime(async {
        let server = OurServer::listening_with(icf_reference::registrations(0), "").await;
        let peer = driver().await.connect(server.port(), "changeit").await;
        twenty_minutes("a", peer, server).await;
    });
}

#[test]
#[ignore = "takes 20 minutes"]
fn b_java_searches_for_twenty_minutes_over_sockets_we_dialled() {
    on_the_runtime(async {
        let opened = driver().await.listen(json!({"maxMessageBytes": 1 << 24, "idleSeconds": 900})).await;
        let url = format!("ws://127.0.0.1:{}/openicf/0", opened["port"]);
        let server = OurServer::dialling_with(icf_reference::registrations(0), &url, "").await;
        twenty_minutes("b", driver().await.peer(&opened), server).await;
    });
}
