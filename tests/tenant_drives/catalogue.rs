//! Finding connectors, making configurations of them, testing them.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::scene::{Side, rows, run_both};
use crate::systems::{csv_connector, reference, reference_connector, reference_file};

rows! {
    both_connectors_are_offered,
    a_configuration_is_tested_before_it_is_stored,
    a_system_tells_its_status,
    a_configuration_that_is_not_valid_starts_no_system,
    a_connector_that_nobody_offers_is_not_found,
}

async fn both_connectors_are_offered(side: Side) {
    let body = side.post("/openidm/system?_action=availableConnectors", json!({})).await.ok();
    let all = body["connectorRef"].as_array().unwrap();
    for (bundle, display) in [
        ("rcs.tests.reference", "Reference connector"),
        ("org.openidentityplatform.openicf.connectors.csvfile-connector", "CSV File Connector"),
    ] {
        let found = all.iter().find(|reference| {
            reference["connectorHostRef"] == side.server.name() && reference["bundleName"] == bundle
        });
        let found = found.unwrap_or_else(|| panic!("{bundle} is not offered: {body}"));
        assert_eq!(found["displayName"], display);
        assert_eq!(found["systemType"], "provisioner.openicf");
    }
}

async fn a_configuration_is_tested_before_it_is_stored(side: Side) {
    let mut file = reference_file(&side, json!({}));
    file["name"] = json!("trial");
    let tested = side.post("/openidm/system?_action=testConfig", file).await.ok();
    assert_eq!(tested, json!({"name": "trial", "ok": true}));
    let mut file = reference_file(&side, json!({"faults": ["test=ConnectorIOException"]}));
    file["name"] = json!("trial");
    let tested = side.post("/openidm/system?_action=testConfig", file).await.ok();
    assert_eq!((&tested["ok"], &tested["error"]), (&json!(false), &json!("asked for ConnectorIOException")));
}

async fn a_system_tells_its_status(side: Side) {
    reference(&side, json!({})).await;
    let status = side.post(&format!("/openidm/system/{}?_action=test", side.system), json!({})).await.ok();
    assert_eq!(status["ok"], true);
    assert_eq!(status["objectTypes"], json!(["account", "group", "__ALL__"]));
    assert_eq!(status["connectorRef"]["bundleVersion"], "[1.0.0,2.0.0)");
    reference(&side, json!({"faults": ["test=ConnectionFailedException"]})).await;
    let status = side.post(&format!("/openidm/system/{}?_action=test", side.system), json!({})).await.ok();
    assert_eq!(
        (&status["ok"], &status["error"]),
        (&json!(false), &json!("asked for ConnectionFailedException"))
    );
    // Only the test fails.
    assert_eq!(side.read("account/1").await.ok()["name"], "user0");
}

async fn a_configuration_that_is_not_valid_starts_no_system(side: Side) {
    reference(&side, json!({"world": " "})).await;
    let status = side.post(&format!("/openidm/system/{}?_action=test", side.system), json!({})).await.ok();
    assert_eq!(
        (&status["ok"], &status["error"]),
        (&json!(false), &json!("The name of the world is missing."))
    );
    assert_eq!(side.read("account/1").await.status, 503);
}

async fn a_connector_that_nobody_offers_is_not_found(side: Side) {
    let mut reference = reference_connector(&side);
    reference["bundleVersion"] = json!("[9.0,9.1)");
    let got = side
        .send(
            Method::POST,
            "/openidm/system?_action=createCoreConfig",
            Some(json!({"connectorRef": reference})),
        )
        .await;
    assert_eq!(got.status, 404, "{}", got.body);
    assert!(got.body["message"].as_str().unwrap().starts_with("Connector not found: "), "{}", got.body);
}

/// The same action on both, with what names the server taken out.
async fn alike(
    java: &Side,
    ours: &Side,
    connector: fn(&Side) -> Json,
    action: &str,
    more: &Json,
) -> [Json; 2] {
    let mut answers = [Json::Null, Json::Null];
    for (side, answer) in [java, ours].into_iter().zip(&mut answers) {
        let mut body = json!({"connectorRef": connector(side)});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        *answer = side.post(&format!("/openidm/system?_action={action}"), body).await.ok();
        answer.as_object_mut().unwrap().remove("connectorRef");
    }
    answers
}

#[test]
fn the_core_configuration_of_the_reference_connector_is_the_same() {
    run_both("core_reference", async |java, ours| {
        let [java, ours] = alike(&java, &ours, reference_connector, "createCoreConfig", &json!({})).await;
        assert_eq!(java["configurationProperties"].as_object().unwrap().len(), 42, "{java}");
        assert_eq!(java, ours);
    });
}

#[test]
fn the_full_configuration_of_the_reference_connector_is_the_same() {
    run_both("full_reference", async |java, ours| {
        let properties = json!({"configurationProperties": {"world": "full"}});
        let [java, ours] = alike(&java, &ours, reference_connector, "createFullConfig", &properties).await;
        let account = &java["objectTypes"]["__ACCOUNT__"]["properties"];
        assert_eq!(account["bytes"]["nativeType"], "JAVA_TYPE_BYTE_ARRAY");
        assert_eq!(account["strings"]["type"], "array");
        assert_eq!(java, ours);
    });
}

#[test]
fn the_core_configuration_of_the_csv_connector_is_the_same_but_for_properties_of_ours_alone() {
    run_both("core_csv", async |java, ours| {
        let [java, mut ours] = alike(&java, &ours, csv_connector, "createCoreConfig", &json!({})).await;
        let properties = ours["configurationProperties"].as_object_mut().unwrap();
        // Each has a default by which the connector does what Java's does.
        for own in ["encoding", "quotedEmptyAsNull", "maximumRecordSize", "maximumCellSize"] {
            assert!(properties.remove(own).is_some(), "{own}");
        }
        assert_eq!(java, ours);
    });
}
