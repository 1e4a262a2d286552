//! Sockets that break in the middle of a search, with results under way. Ours sends these again; Java's server
//! does not, which the last test shows.

use serde_json::json;
use tokio::time::{Duration, Instant, sleep};

use crate::java::{Call, Peer};
use crate::our_server::OurServer;
use crate::relay::Relay;
use crate::ways::{connector_key, driver, on_the_runtime};

/// Objects of the search, 10 ms apart.
const OBJECTS: usize = 400;

/// A search under way; `limit` is how many milliseconds it may go without an object.
async fn begun(peer: &Peer<'static>, limit: u32) -> Call<'static> {
    let search = json!({
        "op": "search", "objectClass": "__ACCOUNT__", "connectorKey": connector_key(),
        "options": {"generate": {"int": OBJECTS}, "delayMillis": {"int": 10}}, "handler": {"reportEvery": 50},
        "timeouts": {"SearchApiOp": limit},
    });
    let mut call = driver().await.begin("operate", peer.arguments(search)).await;
    assert_eq!(call.next().await["count"], 50);
    call
}

async fn ends_whole(call: Call<'static>) {
    let found = call.answer().await.expect("the search survives");
    let items = found["items"].as_array().expect("items");
    let uids: Vec<&str> = items.iter().filter_map(|item| item["uid"]["value"].as_str()).collect();
    let expected: Vec<String> = (0..OBJECTS).map(|number| format!("g{number}")).collect();
    assert_eq!(uids, expected);
}

async fn has_links(server: &OurServer, many: usize) {
    let until = Instant::now() + Duration::from_secs(60);
    let usable = || server.groups().iter().map(|group| group.usable_links).sum::<usize>();
    while usable() != many {
        assert!(Instant::now() < until, "{} links, not {many}", usable());
        sleep(Duration::from_millis(20)).await;
    }
}

async fn dialled_by_java() -> (OurServer, Relay, Peer<'static>) {
    let server = OurServer::listening_with(icf_reference::registrations(0), "").await;
    let relay = Relay::to(server.port()).await;
    let peer = driver().await.connect(relay.port(), "changeit").await;
    has_links(&server, 2).await;
    (server, relay, peer)
}

async fn dialling_java() -> (OurServer, Relay, Peer<'static>) {
    let opened = driver().await.listen(json!({"maxMessageBytes": 1 << 24, "idleSeconds": 900})).await;
    let relay = Relay::to(opened["port"].as_u64().expect("a port")).await;
    let url = format!("ws://127.0.0.1:{}/openicf/0", relay.port());
    let lines = "connectorserver.webSocketConnections=2";
    let server = OurServer::dialling_with(icf_reference::registrations(0), &url, lines).await;
    has_links(&server, 2).await;
    (server, relay, driver().await.peer(&opened))
}

#[test]
fn a_one_of_two_sockets_is_cut_in_the_middle_of_a_search() {
    on_the_runtime(async {
        let (server, relay, peer) = dialled_by_java().await;
        let search = begun(&peer, 20_000).await;
        relay.cut_busiest().await;
        ends_whole(search).await;
        assert!(server.repeated() > 0, "nothing was lost");
    });
}

#[test]
fn b_one_of_two_sockets_is_cut_in_the_middle_of_a_search() {
    on_the_runtime(async {
        let (server, relay, peer) = dialling_java().await;
        let search = begun(&peer, 20_000).await;
        relay.cut_busiest().await;
        ends_whole(search).await;
        assert!(server.repeated() > 0, "nothing was lost");
        has_links(&server, 2).await;
    });
}

/// Java's dialer never replaces a socket, so the driver opens new ones under the same session.
#[test]
fn a_both_sockets_are_cut_and_reconnected_in_the_middle_of_a_search() {
    on_the_runtime(async {
        let (server, relay, peer) = dialled_by_java().await;
        let search = begun(&peer, 20_000).await;
        relay.cut_all().await;
        has_links(&server, 0).await;
        let again = json!({"host": "127.0.0.1", "port": relay.port(), "password": "changeit"});
        driver().await.call("redial", peer.arguments(again)).await.expect("new sockets");
        ends_whole(search).await;
        assert!(server.repeated() > 0, "nothing was lost");
    });
}

#[test]
fn b_both_sockets_are_cut_and_reconnected_in_the_middle_of_a_search() {
    on_the_runtime(async {
        let (server, relay, peer) = dialling_java().await;
        let search = begun(&peer, 20_000).await;
        relay.cut_all().await;
        ends_whole(search).await;
        assert!(server.repeated() > 0, "nothing was lost");
        has_links(&server, 2).await;
    });
}

#[test]
fn java_loses_what_was_under_way() {
    on_the_runtime(async {
        let port = driver().await.serve("changeit").await["port"].as_u64().expect("a port");
        let relay = Relay::to(port).await;
        let peer = driver().await.connect(relay.port(), "changeit").await;
        let search = begun(&peer, 3000).await;
        relay.cut_busiest().await;
        let lost = search.answer().await.expect_err("the search never ends by itself");
        assert_eq!(lost.simple_class(), "OperationTimeoutException");
        assert!(lost.seen()["count"].as_u64() < Some(OBJECTS as u64), "{}", lost.seen()["count"]);
    });
}
