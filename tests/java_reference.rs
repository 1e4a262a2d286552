//! The Java driver proven on Java itself: what it reports of a Java connector server with the Java CSV connector is
//! what is in the file. Only then does its word about our server count.

use std::fs;

use serde_json::{Value, json};

use crate::csv_file::{CsvFile, attribute, uids};
use crate::java::{Driver, Peer};
use crate::stores::Stores;

#[path = "support/csv_file.rs"]
mod csv_file;
#[path = "support/java.rs"]
mod java;
#[path = "support/stores.rs"]
mod stores;

fn connector_key() -> Value {
    json!({
        "bundleName": "org.openidentityplatform.openicf.connectors.csvfile-connector",
        "bundleVersion": "2.0.1",
        "connectorName": "org.forgerock.openicf.csvfile.CSVFileConnector",
    })
}

#[tokio::test]
async fn the_driver_dials_the_java_connector_server() {
    let (idm, server) = tokio::join!(Driver::start(), Driver::start());
    let port = server.serve("changeit").await["port"].as_u64().expect("the server has a port");
    let peer = idm.connect(port, "changeit").await;
    uses_every_kind_of_operation(&peer).await;
}

#[tokio::test]
async fn the_driver_accepts_the_java_connector_server() {
    let (idm, server) = tokio::join!(Driver::start(), Driver::start());
    let opened = idm.listen(json!({"maxMessageBytes": 1 << 24, "idleSeconds": 900})).await;
    let url = format!("ws://127.0.0.1:{}/openicf/0", opened["port"]);
    server.agent(&url, "rcs1", "secret").await;
    let peer = idm.peer(&opened);
    uses_every_kind_of_operation(&peer).await;
    let state = peer.state().await;
    assert_eq!(state["upgrades"][0]["path"], "/openicf/0");
    assert_eq!(state["upgrades"][0]["headers"]["authorization"], json!(["Basic cmNzMTpzZWNyZXQ="]));
    assert_eq!(state["groups"], 1);
}

/// Saves a second virtual machine where the two ends need not be strangers.
async fn connected_to_itself(driver: &Driver) -> Peer<'_> {
    let port = driver.serve("changeit").await["port"].as_u64().expect("the server has a port");
    driver.connect(port, "changeit").await
}

async fn uses_every_kind_of_operation(peer: &Peer<'_>) {
    let connectors = peer.connectors_at_least(2).await;
    assert_eq!(connectors.len(), 2, "the CSV connector and the reference connector");
    let csv = connectors.iter().find(|connector| connector["connectorKey"] == connector_key());
    let csv = csv.expect("the CSV connector is announced");
    assert_eq!(csv["displayName"], "CSV File Connector");
    let properties = csv["properties"].as_array().expect("properties are a list");
    let names: Vec<&str> = properties.iter().filter_map(|property| property["name"].as_str()).collect();
    let expected = [
        "headerPassword",
        "csvFile",
        "newlineString",
        "headerUid",
        "quoteCharacter",
        "fieldDelimiter",
        "syncFileRetentionCount",
    ];
    assert_eq!(names, expected);
    assert_eq!(properties[6]["type"], "int");
    assert_eq!(properties[6]["value"], json!({"int": 3}));
    assert_eq!(csv["resultsHandler"]["enableCaseInsensitiveFilter"], false);
    assert_eq!(csv["poolingSupported"], false);

    let file = CsvFile::new(connector_key());
    reads(peer, &file).await;
    writes(peer, &file).await;
}

async fn reads(peer: &Peer<'_>, file: &CsvFile) {
    peer.operate(file.operation("validate", json!({}))).await.expect("validate");
    peer.operate(file.operation("test", json!({}))).await.expect("test");

    let schema = peer.operate(file.operation("schema", json!({}))).await.expect("schema");
    let attributes = schema["objectClasses"][0]["attributes"].as_array().expect("attributes are a list");
    let names: Vec<&str> = attributes.iter().filter_map(|info| info["name"].as_str()).collect();
    assert_eq!(names, ["__NAME__", "__PASSWORD__", "__UID__", "age", "sn"]);
    assert_eq!(attributes[0]["flags"], json!(["REQUIRED"]));
    assert_eq!(attributes[1]["type"], "org.identityconnectors.common.security.GuardedString");

    let builders = json!({"filter": {"equals": attribute("sn", json!("Builder"))}});
    let found = peer.operate(file.operation("search", builders)).await.expect("search");
    assert_eq!(uids(&found), ["bob", "carol"]);
    let password = attribute("__PASSWORD__", json!({"guardedString": "can-we-fix-it"}));
    let bob = found["items"][0]["attributes"].as_array().expect("attributes are a list");
    assert!(bob.contains(&password), "{bob:?}");

    let nobody = peer.operate(file.operation("get", json!({"uid": "nobody"}))).await.expect("get");
    assert_eq!(nobody, Value::Null);
    let login = json!({"username": "alice", "password": "white-rabbit"});
    let alice = peer.operate(file.operation("authenticate", login)).await.expect("authenticate");
    assert_eq!(alice["value"], "alice");
}

async fn writes(peer: &Peer<'_>, file: &CsvFile) {
    let token = peer.operate(file.operation("latestSyncToken", json!({}))).await.expect("latest token");

    let dave =
        json!({"attributes": [attribute("__NAME__", json!("dave")), attribute("sn", json!("Lister"))]});
    let uid = peer.operate(file.operation("create", dave.clone())).await.expect("create");
    assert_eq!(uid, json!({"value": "dave", "revision": null}));
    assert!(file.text().contains("dave"), "{}", file.text());

    let again = peer.operate(file.operation("create", dave)).await.expect_err("dave exists");
    assert_eq!(again.class(), "org.identityconnectors.framework.common.exceptions.AlreadyExistsException");
    assert!(again.is_remote());

    let older = json!({"uid": "dave", "attributes": [attribute("age", json!("3000028"))]});
    peer.operate(file.operation("update", older)).await.expect("update");
    assert!(file.text().contains("3000028"), "{}", file.text());

    // Deltas since the token: the Java connector lists every row, but ours must be among them.
    let changes = peer.operate(file.operation("sync", json!({"token": token}))).await.expect("sync");
    assert!(uids(&changes).contains(&"dave"), "{changes}");

    peer.operate(file.operation("delete", json!({"uid": "dave"}))).await.expect("delete");
    assert!(!file.text().contains("dave"), "{}", file.text());
    let gone =
        peer.operate(file.operation("delete", json!({"uid": "dave"}))).await.expect_err("dave is gone");
    assert_eq!(gone.class(), "org.identityconnectors.framework.common.exceptions.UnknownUidException");
}

#[tokio::test]
async fn filters_mean_what_their_names_say() {
    let driver = Driver::start().await;
    let peer = connected_to_itself(&driver).await;
    let file = CsvFile::new(connector_key());
    let builder = json!({"equals": attribute("sn", json!("Builder"))});
    let old = json!({"greaterThan": attribute("age", json!("4"))});
    let cases = [
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

#[tokio::test]
async fn a_handler_that_stops_early_cancels_the_search() {
    let driver = Driver::start().await;
    let peer = connected_to_itself(&driver).await;
    let file = CsvFile::new(connector_key());

    let stop = json!({"handler": {"stopAfter": 2}});
    let stopped =
        peer.operate(file.operation("search", stop)).await.expect_err("Java reports a cancellation");
    assert_eq!(stopped.class(), "java.util.concurrent.CancellationException");
    assert_eq!(uids(stopped.seen()), ["alice", "bob"]);

    let fail = json!({"handler": {"failAfter": 1}});
    let failed = peer.operate(file.operation("search", fail)).await.expect_err("the handler fails");
    assert_eq!(failed.seen()["count"], 1);
}

#[tokio::test]
async fn events_come_before_the_answer() {
    let driver = Driver::start().await;
    let peer = connected_to_itself(&driver).await;
    let file = CsvFile::new(connector_key());
    let arguments =
        peer.arguments(file.operation("search", json!({"handler": {"reportEvery": 2, "keep": 0}})));
    let mut call = driver.begin("operate", arguments).await;
    let event = call.next().await;
    assert_eq!((&event["event"], &event["count"]), (&json!("items"), &json!(2)));
    let answer = call.answer().await.expect("search");
    assert_eq!((&answer["count"], &answer["items"]), (&json!(3), &json!([])));
}

#[tokio::test]
async fn a_wrong_key_is_reported() {
    let driver = Driver::start().await;
    let port = driver.serve("changeit").await["port"].as_u64().expect("the server has a port");
    let arguments = json!({"host": "127.0.0.1", "port": port, "password": "wrong"});
    let refused = driver.call("connect", arguments).await.expect_err("the key is wrong");
    assert!(refused.message().contains("403"), "{refused}");
    assert!(!refused.is_remote());
}

#[tokio::test]
async fn both_ways_work_over_tls() {
    let driver = Driver::start().await;
    let folder = tempfile::tempdir().expect("create a temporary folder");
    let stores = Stores::make_in(folder.path());

    let served = driver.serve_with(json!({"key": "changeit", "keyStore": stores.key()})).await;
    let mut dial = json!({
        "host": "localhost", "port": served["port"], "useSsl": true, "password": "changeit", "waitSeconds": 3,
    });
    let refused = driver.call("connect", dial.clone()).await.expect_err("the certificate is not trusted");
    // Java's dialer tells nobody that it distrusts a certificate: the socket is just never up.
    assert_eq!(refused.class(), "java.util.concurrent.TimeoutException");
    dial["trustStore"] = stores.trust();
    dial["waitSeconds"] = json!(20);
    let dialled = driver.call("connect", dial).await.expect("the certificate is trusted");
    assert_eq!(driver.peer(&dialled).connectors_at_least(2).await.len(), 2);

    let opened = driver.listen(json!({"keyStore": stores.key()})).await;
    let url = format!("wss://localhost:{}/openicf", opened["port"]);
    driver
        .agent_with(json!({
            "url": url, "principal": "rcs1", "password": "secret", "trustStore": stores.trust(),
        }))
        .await;
    assert_eq!(driver.peer(&opened).connectors_at_least(2).await.len(), 2);
}

#[tokio::test]
async fn jettys_limit_holds_unless_raised() {
    let driver = Driver::start().await;
    let file = CsvFile::new(connector_key());
    let long = "x".repeat(100_000);
    fs::write(file.path(), format!("uid,sn,age,password\nalice,{long},7,white-rabbit\n"))
        .expect("write the file");
    let search = file.operation("search", json!({"timeouts": {"SearchApiOp": 3000}}));

    let opened = driver.listen(json!({})).await;
    driver.agent(&format!("ws://127.0.0.1:{}/openicf", opened["port"]), "rcs1", "secret").await;
    let lost = driver.peer(&opened).operate(search.clone()).await.expect_err("the message is over 64 KiB");
    assert_eq!(lost.class(), "org.identityconnectors.framework.common.exceptions.OperationTimeoutException");

    let opened = driver.listen(json!({"maxMessageBytes": 1 << 20})).await;
    driver.agent(&format!("ws://127.0.0.1:{}/openicf", opened["port"]), "rcs1", "secret").await;
    let found = driver.peer(&opened).operate(search).await.expect("search");
    assert_eq!(uids(&found), ["alice"]);
}

#[tokio::test]
async fn values_of_every_type_survive_java() {
    let driver = Driver::start().await;
    let values = [
        json!(null),
        json!("text \u{1F600} with a quote \" and \u{e9}"),
        json!(true),
        json!({"char": "\u{fffd}"}),
        json!({"byte": -128}),
        json!({"int": i32::MIN}),
        json!({"long": i64::MIN}),
        json!({"float": "3.4028235E38"}),
        json!({"double": "NaN"}),
        json!({"double": "-0.0"}),
        json!({"bigInteger": "-123456789012345678901234567890"}),
        json!({"bigDecimal": "1.20E+400"}),
        json!({"bytes": "AP8Q"}),
        json!({"guardedString": "s\u{e9}cret"}),
        json!({"guardedBytes": "AP8Q"}),
        json!({"map": [["a", {"int": 1}], ["b", {"map": [["c", null]]}]]}),
        json!({"caseInsensitiveMap": [["A", {"int": 1}]]}),
        json!({"list": ["a", {"list": [null]}]}),
        json!({"set": ["a", "b"]}),
        json!({"array": {"of": "java.lang.String", "items": ["a", "b"]}}),
        json!({"array": {"of": "int", "items": [{"int": 1}]}}),
        json!({"file": "/tmp/x.csv"}),
        json!({"uri": "ldap://example.com/"}),
        json!({"script": {"language": "groovy", "text": "1 + 1"}}),
        json!({"uid": {"value": "u1", "revision": "7"}}),
        json!({"objectClass": "__GROUP__"}),
        json!({"qualifiedUid": {"objectClass": "__GROUP__", "uid": {"value": "g1", "revision": null}}}),
        json!({"sortKey": {"field": "sn", "ascending": false}}),
    ];
    for value in values {
        let bytes = driver.call("encode", json!({"value": value})).await.expect("encode");
        let back = driver.call("decode", json!({"bytes": bytes})).await.expect("decode");
        assert_eq!(back, value);
    }
}
