//! What the matrix does not show of clients of the legacy protocol: every release that is out there, what only ConnId
//! has, keys and TLS.

use serde_json::{Value, json};

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

const CONNID: &str = "connectorserver.legacyProfile=connid";

fn csv_key() -> Value {
    json!({
        "bundleName": "org.forgerock.openicf.connectors.csvfile-connector",
        "bundleVersion": "1.5.20.31",
        "connectorName": "org.forgerock.openicf.csvfile.CSVFileConnector",
    })
}

/// The arguments of an operation on accounts of the reference connector.
fn operation(world: &str, op: &str, more: Value) -> Value {
    let mut arguments = json!({
        "op": op,
        "objectClass": "__ACCOUNT__",
        "connectorKey": {
            "bundleName": icf_reference::BUNDLE_NAME,
            "bundleVersion": icf_reference::BUNDLE_VERSION,
            "connectorName": icf_reference::CONNECTOR_NAME,
        },
        "configuration": {"world": world, "objects": {"int": 10}},
    });
    arguments.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
    arguments
}

async fn server(lines: &str) -> OurServer {
    OurServer::listening_with(vec![icf_reference::registration()], lines).await
}

/// Each release with the profile that is meant for it and with the one that is there by default.
#[tokio::test]
async fn every_release_is_served_in_its_own_profile_and_in_the_default_one() {
    for (framework, own) in [
        ("connid-1.6", "connid-1.6"),
        ("connid-1.5", "connid-1.5"),
        ("connid-1.4", "connid-1.4"),
        ("openicf", "openicf-1.4"),
    ] {
        let driver = Driver::start_legacy(framework).await;
        for profile in [own, "openicf"] {
            let server = server(&format!("connectorserver.legacyProfile={profile}")).await;
            let peer = driver.connect(server.port(), "changeit").await;
            uses_the_csv_connector(&peer).await;
            uses_the_reference_connector(&peer, &format!("{framework} {profile}")).await;
        }
    }
}

async fn uses_the_csv_connector(peer: &Peer<'_>) {
    let file = CsvFile::new(csv_key());
    peer.operate(file.operation("validate", json!({}))).await.expect("validate");
    peer.operate(file.operation("test", json!({}))).await.expect("test");
    peer.operate(file.operation("schema", json!({}))).await.expect("schema");
    let found = peer.operate(file.operation("search", json!({}))).await.expect("search");
    assert_eq!(uids(&found), ["alice", "bob", "carol"]);
    let dave = json!({"attributes": [attribute("__NAME__", json!("dave"))]});
    peer.operate(file.operation("create", dave.clone())).await.expect("create");
    assert!(file.text().contains("\n\"dave\","), "{}", file.text());
    let again = peer.operate(file.operation("create", dave)).await.expect_err("dave exists");
    assert_eq!(again.simple_class(), "AlreadyExistsException");
    let login = json!({"username": "alice", "password": "white-rabbit"});
    assert_eq!(
        peer.operate(file.operation("authenticate", login)).await.expect("authenticate")["value"],
        "alice"
    );
}

async fn uses_the_reference_connector(peer: &Peer<'_>, world: &str) {
    let run = async |op: &str, more: Value| peer.operate(operation(world, op, more)).await;
    let stream = json!({"token": {"int": 0}, "options": {"generate": {"int": 450}}});
    for op in ["search", "sync"] {
        let found = run(op, stream.clone()).await.expect("a stream with two pauses");
        assert_eq!(found["count"], 450, "{world} {op}");
    }
    let mut stopped = stream.clone();
    stopped["handler"] = json!({"stopAfter": 7});
    assert_eq!(run("search", stopped).await.expect("a stream that is stopped")["count"], 7);
    let mut failing = stream;
    failing["options"]["throw"] = json!("ConnectionBrokenException");
    failing["options"]["throwAfter"] = json!({"int": 300});
    let broken = run("search", failing).await.expect_err("it fails");
    assert_eq!(broken.simple_class(), "ConnectionBrokenException");
    let change = json!({"uid": "1", "attributes": [attribute("strings", json!("new"))]});
    assert_eq!(run("addValues", change).await.expect("an update")["value"], "1");
    let script =
        json!({"script": {"language": "reference", "text": "echo", "arguments": {"value": {"long": 5}}}});
    assert_eq!(run("scriptOnConnector", script).await.expect("a script"), json!({"long": 5}));
}

#[tokio::test]
async fn the_end_of_a_page_reaches_the_handler_in_connids_profile() {
    let driver = Driver::start_legacy("connid-1.6").await;
    let page = |plain: bool| json!({"options": {"PAGE_SIZE": {"int": 4}}, "plain": plain});
    let end = json!({"cookie": "4", "remaining": 6});

    let connid = server(CONNID).await;
    let peer = driver.connect(connid.port(), "changeit").await;
    let found = peer.operate(operation("pages", "search", page(false))).await.expect("a page");
    assert_eq!((&found["result"], &found["pages"], &found["count"]), (&end, &json!([end]), &json!(4)));
    // ConnId's own servers do the same to a handler that takes objects alone: its client casts what it should not.
    let refused = peer.operate(operation("pages", "search", page(true))).await.expect_err("a cast fails");
    assert_eq!(refused.class(), "java.lang.ClassCastException");
    let whole =
        peer.operate(operation("pages", "search", json!({"options": {"null": true}, "plain": true}))).await;
    assert_eq!(whole.expect("a search that reports nothing")["count"], 10);

    let default = server("").await;
    let peer = driver.connect(default.port(), "changeit").await;
    for plain in [true, false] {
        let found = peer.operate(operation("pages", "search", page(plain))).await.expect("a page");
        assert_eq!((&found["result"], &found["pages"]), (&end, &json!([])));
    }
}

#[tokio::test]
async fn an_update_by_differences_is_served() {
    let driver = Driver::start_legacy("connid-1.6").await;
    for lines in [CONNID, ""] {
        let server = server(lines).await;
        let peer = driver.connect(server.port(), "changeit").await;
        let world = format!("deltas {lines}");
        let update = |class: &str, uid: &str, deltas: Value| {
            let more = json!({"objectClass": class, "uid": uid, "nameHint": "hint", "deltas": deltas});
            peer.operate(operation(&world, "updateDelta", more))
        };
        let deltas = json!([
            {"name": "strings", "add": ["b", "c"], "remove": ["s0"]},
            {"name": "string", "replace": ["x"]},
            {"name": "int", "replace": []},
        ]);
        assert_eq!(update("__ACCOUNT__", "1", deltas).await.expect("an update"), json!([]));
        let found = peer.operate(operation(&world, "get", json!({"uid": "1"}))).await.expect("get");
        let held = |name: &str| {
            let attributes = found["attributes"].as_array().expect("attributes");
            attributes.iter().find(|held| held["name"] == name).map(|held| held["values"].clone())
        };
        assert_eq!(held("strings"), Some(json!(["b", "c"])));
        assert_eq!(held("string"), Some(json!(["x"])));
        assert_eq!(held("int"), None);
        let group = json!({"objectClass": "__GROUP__", "attributes": [attribute("__NAME__", json!("old"))]});
        peer.operate(operation(&world, "create", group)).await.expect("create");
        let renamed = update("__GROUP__", "old", json!([{"name": "__NAME__", "replace": ["new"]}])).await;
        assert_eq!(renamed.expect("a rename"), json!([{"name": "__UID__", "replace": ["new"]}]));
        let missing = update("__ACCOUNT__", "99", json!([{"name": "string", "replace": ["x"]}])).await;
        assert_eq!(missing.expect_err("there is none").simple_class(), "UnknownUidException");
    }
}

#[tokio::test]
async fn what_only_connid_has_is_kept_or_refused() {
    let driver = Driver::start_legacy("connid-1.6").await;
    let connid = server(CONNID).await;
    let peer = driver.connect(connid.port(), "changeit").await;
    let time = json!({"zonedDateTime": "2024-02-29T13:14:15.123456789+05:30"});
    let attributes = json!([attribute("__NAME__", json!("ann")), attribute("strings", time.clone())]);
    let created = peer.operate(operation("connid", "create", json!({"attributes": attributes}))).await;
    let found = peer.operate(operation("connid", "get", json!({"uid": created.expect("create")}))).await;
    let found = found.expect("get");
    assert!(
        found["attributes"].as_array().expect("attributes").contains(&attribute("strings", time)),
        "{found}"
    );

    let reference = attribute("strings", json!({"reference": "boss"}));
    let attributes = json!([attribute("__NAME__", json!("bob")), reference]);
    let refused = peer.operate(operation("connid", "create", json!({"attributes": attributes}))).await;
    let refused = refused.expect_err("no connector here knows references");
    assert!(refused.is_remote() && refused.message().contains("ConnectorObjectReference"), "{refused}");

    let live = peer.operate(operation("connid", "liveSync", json!({}))).await.expect_err("it cannot travel");
    assert_eq!(live.class(), "java.lang.UnsupportedOperationException");
}

#[tokio::test]
async fn a_wrong_key_is_told_in_the_words_of_the_framework() {
    for (framework, lines, text) in [
        ("connid-1.6", CONNID, "Remote framework key is invalid."),
        ("openicf", "", "Remote framework key is invalid"),
    ] {
        let driver = Driver::start_legacy(framework).await;
        let server = server(lines).await;
        let arguments = json!({"host": "127.0.0.1", "port": server.port(), "password": "wrong"});
        let refused = driver.call("connect", arguments).await.expect_err("the key is wrong");
        assert_eq!((refused.simple_class(), refused.message()), ("InvalidCredentialException", text));
    }
}

#[tokio::test]
async fn clients_are_served_over_tls_on_either_port() {
    let folder = tempfile::tempdir().expect("create a temporary folder");
    let stores = Stores::make_in(folder.path());
    let tls = format!(
        "connectorserver.usessl=true\nconnectorserver.keyStoreFile={}\nconnectorserver.keyStorePass=changeit",
        stores.key()["path"].as_str().expect("a path"),
    );
    let driver = Driver::start_legacy("connid-1.6").await;
    let shared = server(&tls).await;
    let own = server(&format!("{tls}\nconnectorserver.legacyPort=8758")).await;
    for port in [shared.port(), own.legacy_port()] {
        let connect = json!({
            "host": "localhost", "port": port, "password": "changeit", "useSsl": true,
            "trustStore": stores.trust(),
        });
        let connected = driver.call("connect", connect.clone()).await.expect("the certificate is trusted");
        uses_the_reference_connector(&driver.peer(&connected), &format!("tls {port}")).await;
        let mut plain = connect;
        plain["useSsl"] = json!(false);
        driver.call("connect", plain).await.expect_err("a client without TLS");
    }
}
