//! Our server with a Java peer at the other end, which shares no line with us: the published OpenICF framework dials
//! our listener as an IDM, and our server dials the framework behind Jetty.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::csv_file::{CsvFile, attribute, uids};
use crate::java::{Driver, Peer};
use crate::our_server::OurServer;
use crate::stores::Stores;

#[path = "support/csv_file.rs"]
mod csv_file;
#[path = "support/java.rs"]
mod java;
#[path = "support/our_server.rs"]
mod our_server;
#[path = "support/stores.rs"]
mod stores;

/// `rcs1:secret`
const AUTHORIZATION: &str = "Basic cmNzMTpzZWNyZXQ=";
/// Objects in the long searches, unless `RCS_JAVA_OBJECTS` says otherwise.
const MANY: usize = 10_000;

fn connector_key() -> Value {
    json!({
        "bundleName": "org.forgerock.openicf.connectors.csvfile-connector",
        "bundleVersion": "1.5.20.31",
        "connectorName": "org.forgerock.openicf.csvfile.CSVFileConnector",
    })
}

/// What `driver.listen` answered, and the server that dialled it.
async fn dialled(driver: &Driver, limits: Value, lines: &str) -> (Value, OurServer) {
    let mut arguments = limits;
    arguments["authorization"] = json!(AUTHORIZATION);
    let opened = driver.listen(arguments).await;
    let server =
        OurServer::dialling_with_csv(&format!("ws://127.0.0.1:{}/openicf/0", opened["port"]), lines).await;
    (opened, server)
}

/// Beyond Jetty's own limits of 64 KiB a message and 30 s of silence.
fn roomy() -> Value {
    json!({"maxMessageBytes": 1 << 24, "idleSeconds": 900})
}

#[tokio::test]
async fn a_java_idm_dials_our_listener() {
    let server = OurServer::listening_with_csv("").await;
    let driver = Driver::start().await;
    let peer = driver.connect(server.port(), "changeit").await;
    uses_the_csv_connector(&peer).await;
}

#[tokio::test]
async fn our_server_dials_a_java_idm() {
    let driver = Driver::start().await;
    let (opened, _server) = dialled(&driver, roomy(), "").await;
    let peer = driver.peer(&opened);
    uses_the_csv_connector(&peer).await;
    let state = peer.state().await;
    assert_eq!(state["upgrades"][0]["path"], "/openicf/0");
    assert_eq!(state["upgrades"][0]["headers"]["authorization"], json!([AUTHORIZATION]));
    assert_eq!(
        state["upgrades"][0]["headers"]["sec-websocket-protocol"],
        json!(["v1.openicf.forgerock.org"])
    );
}

async fn uses_the_csv_connector(peer: &Peer<'_>) {
    let connectors = peer.connectors().await;
    assert_eq!(connectors.len(), 1);
    let csv = &connectors[0];
    assert_eq!(csv["connectorKey"], connector_key());

    let file = CsvFile::new(connector_key());
    reads(peer, &file).await;
    filters(peer, &file).await;
    writes(peer, &file).await;
}

async fn reads(peer: &Peer<'_>, file: &CsvFile) {
    peer.operate(file.operation("validate", json!({}))).await.expect("validate");
    peer.operate(file.operation("test", json!({}))).await.expect("test");

    let schema = peer.operate(file.operation("schema", json!({}))).await.expect("schema");
    let attributes = schema["objectClasses"][0]["attributes"].as_array().expect("attributes are a list");
    let names: Vec<&str> = attributes.iter().filter_map(|info| info["name"].as_str()).collect();
    assert_eq!(names, ["__NAME__", "__PASSWORD__", "__UID__", "age", "sn"]);

    let found = peer.operate(file.operation("search", json!({}))).await.expect("search");
    assert_eq!(uids(&found), ["alice", "bob", "carol"]);
    let nobody = peer.operate(file.operation("get", json!({"uid": "nobody"}))).await.expect("get");
    assert_eq!(nobody, Value::Null);
    let login = json!({"username": "alice", "password": "white-rabbit"});
    let alice = peer.operate(file.operation("authenticate", login)).await.expect("authenticate");
    assert_eq!(alice["value"], "alice");
    let login = json!({"username": "alice", "password": "black-rabbit"});
    let refused = peer.operate(file.operation("authenticate", login)).await.expect_err("a wrong password");
    assert_eq!(
        refused.class(),
        "org.identityconnectors.framework.common.exceptions.InvalidPasswordException"
    );
    assert!(refused.is_remote());
}

async fn filters(peer: &Peer<'_>, file: &CsvFile) {
    let builder = json!({"equals": attribute("sn", json!("Builder"))});
    let old = json!({"greaterThan": attribute("age", json!("4"))});
    let cases = [
        (json!({"equals": attribute("__UID__", json!("bob"))}), vec!["bob"]),
        (json!({"equals": attribute("sn", json!("Liddell"))}), vec!["alice"]),
        (json!({"contains": attribute("sn", json!("dd"))}), vec!["alice"]),
        (json!({"startsWith": attribute("sn", json!("Lid"))}), vec!["alice"]),
        (json!({"endsWith": attribute("sn", json!("der"))}), vec!["bob", "carol"]),
        (json!({"greaterThan": attribute("age", json!("41"))}), vec!["alice"]),
        (json!({"greaterThanOrEqual": attribute("age", json!("41"))}), vec!["alice", "carol"]),
        (json!({"lessThan": attribute("age", json!("41"))}), vec!["bob"]),
        (json!({"lessThanOrEqual": attribute("age", json!("41"))}), vec!["bob", "carol"]),
        (json!({"containsAllValues": attribute("sn", json!("Builder"))}), vec!["bob", "carol"]),
        (json!({"present": "sn"}), vec!["alice", "bob", "carol"]),
        (json!({"not": builder}), vec!["alice"]),
        (json!({"and": [builder, old]}), vec!["carol"]),
        (
            json!({"or": [builder, {"equals": attribute("sn", json!("Liddell"))}]}),
            vec!["alice", "bob", "carol"],
        ),
    ];
    for (filter, expected) in cases {
        let arguments = json!({"filter": filter.clone()});
        let found = peer.operate(file.operation("search", arguments)).await.expect("search");
        assert_eq!(uids(&found), expected, "{filter}");
    }
}

async fn writes(peer: &Peer<'_>, file: &CsvFile) {
    let token = peer.operate(file.operation("latestSyncToken", json!({}))).await.expect("latest token");

    let dave =
        json!({"attributes": [attribute("__NAME__", json!("dave")), attribute("sn", json!("Lister"))]});
    let uid = peer.operate(file.operation("create", dave.clone())).await.expect("create");
    assert_eq!(uid, json!({"value": "dave", "revision": null}));
    assert!(file.text().ends_with("\n\"dave\",\"Lister\",,\n"), "{}", file.text());

    let again = peer.operate(file.operation("create", dave)).await.expect_err("dave exists");
    assert_eq!(again.class(), "org.identityconnectors.framework.common.exceptions.AlreadyExistsException");
    assert!(again.is_remote());

    let older = json!({"uid": "dave", "attributes": [attribute("age", json!("3000028"))]});
    peer.operate(file.operation("update", older)).await.expect("update");
    assert!(file.text().ends_with("\n\"dave\",\"Lister\",\"3000028\",\n"), "{}", file.text());

    let changes = peer.operate(file.operation("sync", json!({"token": token}))).await.expect("sync");
    assert_eq!(uids(&changes), ["dave"]);

    peer.operate(file.operation("delete", json!({"uid": "dave"}))).await.expect("delete");
    assert!(!file.text().contains("dave"), "{}", file.text());
    let gone =
        peer.operate(file.operation("delete", json!({"uid": "dave"}))).await.expect_err("dave is gone");
    assert_eq!(gone.class(), "org.identityconnectors.framework.common.exceptions.UnknownUidException");
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_java_says_so() {
    let server = OurServer::listening_with_csv("").await;
    let driver = Driver::start().await;
    let arguments = json!({"host": "127.0.0.1", "port": server.port(), "password": "wrong"});
    let refused = driver.call("connect", arguments).await.expect_err("the key is wrong");
    assert!(refused.message().contains("403"), "{refused}");
    assert!(server.groups().is_empty());
}

#[tokio::test]
async fn two_sockets_are_one_group_whoever_dials() {
    let driver = Driver::start().await;
    let listening = OurServer::listening_with_csv("").await;
    let dialled_by_java = driver.connect(listening.port(), "changeit").await;
    wait_until(|| usable_links(&listening) == 2).await;
    assert_eq!(listening.groups().len(), 1);
    assert_eq!(listening.groups()[0].label, "anonymous");

    let (opened, dialling) = dialled(&driver, roomy(), "connectorserver.webSocketConnections=2").await;
    wait_until(|| usable_links(&dialling) == 2).await;
    let state = driver.peer(&opened).state().await;
    assert_eq!((&state["sockets"], &state["groups"]), (&json!(2), &json!(1)));

    // Operations side by side, over both.
    for peer in [dialled_by_java, driver.peer(&opened)] {
        let file = CsvFile::new(connector_key());
        let searches = (0..8).map(|_| peer.operate(file.operation("search", json!({}))));
        for found in futures_util::future::join_all(searches).await {
            assert_eq!(uids(&found.expect("search")), ["alice", "bob", "carol"]);
        }
    }
}

#[tokio::test]
async fn both_ways_work_over_tls() {
    let driver = Driver::start().await;
    let folder = tempfile::tempdir().expect("create a temporary folder");
    let stores = Stores::make_in(folder.path());

    let listening = OurServer::listening_with_csv(&format!(
        "connectorserver.usessl=true\nconnectorserver.keyStoreFile={}\nconnectorserver.keyStorePass=changeit",
        stores.key()["path"].as_str().expect("a path"),
    ))
    .await;
    let dial = json!({
        "host": "localhost", "port": listening.port(), "useSsl": true, "password": "changeit",
        "trustStore": stores.trust(),
    });
    let dialled = driver.call("connect", dial).await.expect("the certificate is trusted");
    assert_eq!(driver.peer(&dialled).connectors().await.len(), 1);

    let opened = driver.listen(json!({"keyStore": stores.key(), "authorization": AUTHORIZATION})).await;
    let _dialling = OurServer::dialling_with_csv(
        &format!("wss://localhost:{}/openicf", opened["port"]),
        &format!(
            "connectorserver.trustStoreFile={}\nconnectorserver.trustStorePass=changeit",
            stores.trust()["path"].as_str().expect("a path"),
        ),
    )
    .await;
    assert_eq!(driver.peer(&opened).connectors().await.len(), 1);
}

#[tokio::test]
async fn every_object_of_a_long_search_arrives_once_and_in_order() {
    let many = std::env::var("RCS_JAVA_OBJECTS").map_or(MANY, |many| many.parse().expect("a number"));
    let driver = Driver::start().await;
    let file = people(many);
    let listening = OurServer::listening_with_csv("").await;
    let dialled_by_java = driver.connect(listening.port(), "changeit").await;
    finds_all(&driver, &dialled_by_java, &file, many).await;
    let (opened, _dialling) = dialled(&driver, roomy(), "").await;
    finds_all(&driver, &driver.peer(&opened), &file, many).await;
}

fn people(many: usize) -> CsvFile {
    let mut text = "uid,sn,age,password\n".to_owned();
    for number in 0..many {
        writeln!(text, "u{number},Surname {number},{},secret-{number}", number % 100)
            .expect("a string grows");
    }
    CsvFile::with(&text, connector_key())
}

async fn finds_all(driver: &Driver, peer: &Peer<'_>, file: &CsvFile, many: usize) {
    // Each event shows that it goes on: only silence is a failure, however slow the machine.
    let search = file.operation("search", json!({"handler": {"reportEvery": 1000}}));
    let found = driver.begin("operate", peer.arguments(search)).await.answer().await.expect("search");
    assert_eq!(found["count"], many);
    let expected: Vec<String> = (0..many).map(|number| format!("u{number}")).collect();
    assert!(uids(&found) == expected, "not all objects, or not in order");
}

/// With its own limit Jetty closes the socket over a message of more than 64 KiB.
#[tokio::test]
async fn wire_c80_a_message_beyond_jettys_limit_ends_its_request_and_no_other() {
    let driver = Driver::start().await;
    let (opened, server) = dialled(&driver, json!({}), "connectorserver.webSocketConnections=2").await;
    wait_until(|| usable_links(&server) == 2).await;
    let peer = driver.peer(&opened);
    let long = "x".repeat(100_000);
    let large = CsvFile::with(&format!("uid,sn,age,password\nalice,{long},7,x\n"), connector_key());
    let refused = peer.operate(large.operation("search", json!({}))).await.expect_err("beyond the limit");
    assert!(refused.is_remote());
    assert!(refused.message().contains("larger than the peer accepts"), "{refused}");
    assert_eq!(usable_links(&server), 1, "the message must not close the other link too");
    let small = CsvFile::new(connector_key());
    let found = peer.operate(small.operation("search", json!({}))).await.expect("search");
    assert_eq!(uids(&found), ["alice", "bob", "carol"]);
    // The next attempt waits as after a refusal, 10 s at least.
    assert_eq!(usable_links(&server), 1);
}

#[tokio::test]
async fn pings_keep_jetty_from_closing_an_idle_link() {
    let driver = Driver::start().await;
    let lines = "connectorserver.webSocketConnections=1\nconnectorserver.pingPongInterval=1";
    let (opened, server) = dialled(&driver, json!({"idleSeconds": 3}), lines).await;
    driver.peer(&opened).connectors().await;
    let before = server.groups();
    sleep(Duration::from_secs(8)).await;
    assert_eq!(server.groups()[0].links, before[0].links);
    let state = driver.peer(&opened).state().await;
    assert_eq!((&state["sockets"], state["upgrades"].as_array().map(Vec::len)), (&json!(1), Some(1)));
}

fn usable_links(server: &OurServer) -> usize {
    server.groups().first().map_or(0, |group| group.usable_links)
}

async fn wait_until(holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < until, "not in time");
        sleep(Duration::from_millis(20)).await;
    }
}

/// One in about sixty loses the answer at first: its framework reads it while it still finishes the handshake.
#[tokio::test]
async fn every_conversation_gets_the_list_of_connectors() {
    let server = OurServer::listening_with_csv("").await;
    let driver = Driver::start().await;
    for _ in 0..60 {
        let peer = driver.connect(server.port(), "changeit").await;
        assert_eq!(peer.connectors().await.len(), 1);
        peer.close().await;
    }
}
