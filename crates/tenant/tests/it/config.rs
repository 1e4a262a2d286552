//! Stored configurations.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tenant::TenantOptions;

use crate::harness::{Rig, info, options, t1};

const X: &str = "/openidm/config/x";

#[tokio::test]
async fn any_configuration_can_be_kept() {
    let rig = Rig::bare(options()).await;
    rig.get(X).await.is_error(404, "No configuration exists for id x");
    let put = async |headers: &[(&str, &str)], body| rig.send(Method::PUT, X, headers, Some(body)).await;
    assert_eq!(put(&[("If-Match", "*")], json!({})).await.status, 404);
    let created = put(&[], json!({"_id": "y", "_rev": "3", "a": 1})).await;
    assert_eq!((created.status, created.body), (201, json!({"_id": "x", "a": 1})));
    assert_eq!(put(&[("If-None-Match", "*")], json!({})).await.status, 412);
    let patch = json!([{"operation": "replace", "field": "/a", "value": 2}]);
    let patched = rig.send(Method::PATCH, X, &[], Some(patch)).await;
    assert_eq!(patched.body, json!({"_id": "x", "a": 2}));
    let deleted = rig.send(Method::DELETE, X, &[], None).await;
    assert_eq!((deleted.status, deleted.body), (200, json!({"_id": "x", "a": 2})));
    assert_eq!(rig.send(Method::DELETE, X, &[], None).await.status, 404);
}

#[tokio::test]
async fn configurations_are_listed_and_queried() {
    let rig = Rig::ready().await;
    let list = rig.get("/openidm/config").await.body;
    let entry = list["configurations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["_id"] == "provisioner.openicf/t1")
        .unwrap()
        .clone();
    assert_eq!(entry["factoryPid"], "provisioner.openicf");
    assert!(entry["pid"].as_str().unwrap().starts_with("provisioner.openicf."));
    let found =
        rig.get("/openidm/config?_queryFilter=connectorRef/connectorHostRef+eq+%22rcs1%22").await.body;
    assert_eq!(found["resultCount"], 1);
    assert_eq!(found["result"][0]["_id"], "provisioner.openicf/t1");
}

#[tokio::test]
async fn secrets_are_shown_as_references_that_can_be_sent_back() {
    let rig = Rig::ready_with(json!({"configurationProperties": {"host": "h", "password": "geheim"}})).await;
    let path = "/openidm/config/provisioner.openicf/t1";
    let shown = rig.get(path).await.body;
    assert!(!shown.to_string().contains("geheim"));
    assert_eq!(shown["configurationProperties"]["password"]["$crypto"]["type"], "x-tenant");
    let back = rig.send(Method::PUT, &format!("{path}?waitForCompletion=true"), &[], Some(shown)).await;
    assert_eq!(back.status, 200);
    let status = rig.post("/openidm/system/t1?_action=test", json!({})).await.body;
    assert_eq!(status["ok"], true, "{status}");
}

#[tokio::test]
async fn a_configuration_waits_for_its_server_unless_strict() {
    let rig = Rig::connected(options()).await;
    rig.backend.disconnect(0, "rcs1");
    let path = "/openidm/config/provisioner.openicf/t1";
    assert_eq!(rig.send(Method::PUT, path, &[], Some(t1(json!({})))).await.status, 201);
    assert_eq!(rig.get("/openidm/system/t1/account/42").await.status, 503);
    rig.backend.connect(0, "rcs1", vec![info("1.5.20.11")]);
    rig.backend.wait_for_log("Test").await;

    let strict = Rig::connected(TenantOptions { strict_meta_data: true, ..options() }).await;
    strict.backend.disconnect(0, "rcs1");
    strict.send(Method::PUT, path, &[], Some(t1(json!({})))).await.is_error(
        500,
        "No meta-data provider available yet to create and encrypt configuration for provisioner.openicf/t1, \
         retry later.",
    );
}

#[tokio::test]
async fn a_folder_is_read_and_watched() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    let hosts = json!({"remoteConnectorClients": [{"name": "rcs1"}]});
    write("provisioner.openicf.connectorinfoprovider.json", &hosts.to_string());
    write("provisioner.openicf-t1.json", &t1(json!({})).to_string());
    let rig = Rig::bare(TenantOptions {
        conf_dir: Some(folder.path().to_owned()),
        watch_interval: Duration::from_millis(20),
        ..options()
    })
    .await;
    assert_eq!(rig.get("/openidm/config/provisioner.openicf/t1").await.status, 200);
    rig.backend.connect(0, "rcs1", vec![info("1.5.20.11")]);
    rig.backend.wait_for_log("Test").await;
    write("note.json", "{\"a\":1}");
    std::fs::remove_file(folder.path().join("provisioner.openicf-t1.json")).unwrap();
    for _ in 0..500 {
        let gone = rig.get("/openidm/config/provisioner.openicf/t1").await.status == 404;
        if gone && rig.get("/openidm/config/note").await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the changes were not seen");
}

#[tokio::test]
async fn answers_carry_the_usual_headers() {
    let rig = Rig::bare(options()).await;
    let got = rig.get("/openidm/config").await;
    assert_eq!(got.header("content-type"), "application/json;charset=UTF-8");
    assert_eq!(got.header("cache-control"), "no-cache");
    let created = rig.send(Method::PUT, "/openidm/config/a/b", &[], Some(json!({}))).await;
    assert_eq!((created.status, created.header("location")), (201, "/openidm/config/a/b"));
}
