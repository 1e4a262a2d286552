//! Servers, connectors, configurations and status.

use icf::ErrorKind;
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::harness::{BUNDLE, CONNECTOR, Rig, info, options, reference};
use crate::scripted::Play;

const SYSTEM: &str = "/openidm/system";

async fn action(rig: &Rig, path: &str, body: Json) -> crate::harness::Got {
    rig.post(&format!("{SYSTEM}{path}"), body).await
}

#[tokio::test]
async fn tenant_t09_servers_are_tested() {
    let rig = Rig::connected(options()).await;
    let test = || rig.send(Method::POST, "/openidm/system?_action=testConnectorServers", &[], None);
    let entry = |ok: bool| json!({"openicf": [{"name": "rcs1", "type": "remoteConnectorClient", "ok": ok}]});
    assert_eq!(test().await.body, entry(true));
    rig.backend.disconnect(0, "rcs1");
    assert_eq!(test().await.body, entry(false));
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t10_connectors_of_connected_hosts() {
    let rig = Rig::connected(options()).await;
    let got = action(&rig, "?_action=availableConnectors", json!({})).await;
    assert_eq!(
        got.body,
        json!({"connectorRef": [{
            "connectorHostRef": "rcs1", "displayName": "Example Connector", "bundleVersion": "1.5.20.11",
            "systemType": "provisioner.openicf", "bundleName": BUNDLE, "connectorName": CONNECTOR,
        }]})
    );
    rig.backend.disconnect(0, "rcs1");
    let got = action(&rig, "?_action=AVAILABLECONNECTORS", json!({})).await;
    assert_eq!(got.body, json!({"connectorRef": []}));
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t11_a_core_configuration() {
    let rig = Rig::connected(options()).await;
    let got =
        action(&rig, "?_action=createCoreConfig", json!({"connectorRef": reference("1.5.20.11")})).await;
    assert_eq!(got.status, 200);
    let properties = got.body["configurationProperties"].as_object().unwrap();
    assert_eq!(properties["host"], "localhost");
    assert_eq!(properties["port"], 389);
    assert_eq!(properties["baseContexts"], Json::Null);
    assert_eq!(properties["password"]["$crypto"]["type"], "x-tenant");
    assert_eq!(properties.len(), 4);
    assert_eq!(got.body["operationTimeout"]["TEST"], 5000);
    assert_eq!(got.body["operationTimeout"]["SEARCH"], 15_000);
    assert_eq!(got.body["operationTimeout"]["SCHEMA"], 10_000);
    assert_eq!(got.body["poolConfigOption"]["maxWait"], 150_000);
    assert_eq!(
        got.body["resultsHandlerConfig"],
        json!({
            "enableNormalizingResultsHandler": false, "enableFilteredResultsHandler": false,
            "enableCaseInsensitiveFilter": false, "enableAttributesToGetSearchResultsHandler": true,
        })
    );
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t12_an_unresolvable_reference() {
    let rig = Rig::connected(options()).await;
    let core = async |reference: Json| {
        action(&rig, "?_action=createCoreConfig", json!({"connectorRef": reference})).await
    };
    core(reference("[9.0,9.1)")).await.is_error(
        404,
        "Connector not found: ConnectorKey( bundleName=org.example.connector bundleVersion=[9.0,9.1) \
         connectorName=org.example.Connector )",
    );
    core(json!({})).await.is_error(404, "No connector name provided");
    core(json!({"connectorHostRef": "rcs1", "connectorName": "nobody"}))
        .await
        .is_error(503, "The required service is not available");
    let body = json!({"connectorRef": {}, "configurationProperties": {}});
    assert_eq!(action(&rig, "?_action=createCoreConfig", body).await.body, json!({}));
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t13_a_full_configuration() {
    let rig = Rig::connected(options()).await;
    let core = json!({
        "connectorRef": reference("1.5.20.11"), "name": "t1", "systemActions": [],
        "configurationProperties": {"host": "h", "password": "geheim"},
    });
    let got = action(&rig, "?_action=createFullConfig", core).await;
    assert_eq!(got.status, 200, "{:?}", got.body);
    assert_eq!(rig.log(), ["Test", "Schema"]);
    assert_eq!(
        got.body["objectTypes"]["__ACCOUNT__"]["properties"]["email"].to_string(),
        r#"{"type":"array","items":{"type":"string","nativeType":"string"},"nativeName":"email","nativeType":"string"}"#
    );
    assert_eq!(got.body["configurationProperties"]["host"], "h");
    assert!(!got.body.to_string().contains("geheim"));
    assert!(got.body.get("name").is_none() && got.body.get("systemActions").is_none());
    assert_eq!(got.body["operationOptions"].as_object().unwrap().len(), 13);
}

#[tokio::test]
async fn a_full_configuration_tells_the_connectors_complaint() {
    let rig = Rig::connected(options()).await;
    rig.backend.on("Test", Play::Fail(ErrorKind::ConnectionFailed, "no route"));
    let core = json!({"connectorRef": reference("1.5.20.11"), "configurationProperties": {}});
    action(&rig, "?_action=createFullConfig", core).await.is_error(500, "no route");
}

#[tokio::test]
async fn tenant_t14_a_provisioner_file_is_put_twice() {
    let rig = Rig::connected(options()).await;
    for expected in [201, 200] {
        let got = rig.put_system(json!({})).await;
        assert_eq!(got.status, expected);
        assert_eq!(got.body["_id"], "provisioner.openicf/t1");
        assert_eq!(rig.log(), ["Validate", "Test"]);
    }
}

#[tokio::test]
async fn tenant_t15_a_name_with_a_dash() {
    let rig = Rig::connected(options()).await;
    let path = "/openidm/config/provisioner.openicf/a-b";
    let got = rig.send(Method::PUT, path, &[], Some(crate::harness::t1(json!({})))).await;
    got.is_error(
        400,
        "Invalid configuration provided for provisioner.openicf/a-b: System name is not alphanumeric: a-b",
    );
    assert_eq!(rig.get(path).await.status, 404, "it was not stored");
    rig.asked_nothing();
}

#[tokio::test]
async fn tenant_t16_the_highest_version_of_a_range_wins() {
    let rig = Rig::connected(options()).await;
    rig.backend.connect(0, "rcs1", vec![info("1.5.20.11"), info("1.5.20.3"), info("1.6.0.0")]);
    rig.put_system(json!({"connectorRef": reference("[1.5.20.0, 1.6.0.0)")})).await;
    let seen = rig.backend.take_seen();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|seen| seen.request.connector.bundle_version == "1.5.20.11"));
}

#[tokio::test]
async fn tenant_t17_a_failing_test_is_told() {
    let rig = Rig::ready().await;
    rig.backend.on("Test", Play::Fail(ErrorKind::Connector, "Resources not found."));
    let got = action(&rig, "/t1?_action=test", json!({})).await;
    assert_eq!(got.status, 200);
    assert_eq!(
        got.body,
        json!({
            "name": "t1", "enabled": true, "config": "config/provisioner.openicf/t1",
            "connectorRef": {"connectorHostRef": "rcs1", "bundleVersion": "[1.5.0.0,1.6.0.0)",
                             "bundleName": BUNDLE, "connectorName": CONNECTOR},
            "displayName": "Example Connector", "objectTypes": ["account", "__ALL__"],
            "error": "Resources not found.", "ok": false,
        })
    );
    assert_eq!(rig.log(), ["Test"]);
    let all = action(&rig, "?_action=test", json!({})).await.body;
    assert_eq!(all[0]["ok"], true);
    let one = action(&rig, "?_action=test", json!({"id": "t1"})).await.body;
    assert_eq!(one["name"], "t1");
    action(&rig, "?_action=test", json!({"id": "x"})).await.is_error(404, "System: x is not available.");
}

#[tokio::test]
async fn status_without_a_facade() {
    let rig = Rig::connected(options()).await;
    let put = async |extra: Json| {
        let path = "/openidm/config/provisioner.openicf/t1";
        let body = crate::harness::t1(extra);
        assert!(rig.send(Method::PUT, path, &[], Some(body)).await.status < 300);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let got = action(&rig, "?_action=test", json!({"id": "t1"})).await.body;
        assert_eq!(got["ok"], false);
        got["error"].as_str().unwrap_or_default().to_owned()
    };
    let with_host = |host: &str| {
        let mut reference = reference("[9.0,9.1)");
        reference["connectorHostRef"] = host.into();
        json!({"connectorRef": reference})
    };
    assert_eq!(put(with_host("rcs1")).await, "connector not available");
    assert!(put(with_host("#LOCAL")).await.ends_with("from #LOCAL"));
    assert!(put(with_host("nobody")).await.ends_with("is not available yet."));
    assert_eq!(put(json!({"enabled": false})).await, "connector not available");
    let array = json!({"account": {"nativeType": "a", "properties": {"p": {"type": "array"}}}});
    let error = put(json!({"objectTypes": array})).await;
    assert_eq!(error, "Attribute type 'interface java.util.List' is not supported.");
    rig.backend.on("Validate", Play::Fail(ErrorKind::Configuration, "host is wrong"));
    assert_eq!(put(json!({})).await, "host is wrong");
    let got = rig.get("/openidm/system/t1/account/42").await;
    got.is_error(503, "Service Unavailable");
}

#[tokio::test]
async fn tenant_t18_a_configuration_to_test_needs_a_name() {
    let rig = Rig::connected(options()).await;
    let test = async |body: Json| action(&rig, "?_action=testConfig", body).await;
    test(json!({})).await.is_error(400, "Invalid configuration to test: no 'name' specified");
    test(json!({"name": "x", "id": "x"}))
        .await
        .is_error(400, "A system ID must not be specified in the request");
    rig.asked_nothing();
    let mut file = crate::harness::t1(json!({"name": "trial"}));
    assert_eq!(test(file.clone()).await.body, json!({"name": "trial", "ok": true}));
    assert_eq!(rig.log(), ["Test"]);
    rig.backend.on("Test", Play::Fail(ErrorKind::Connector, "no"));
    assert_eq!(test(file.clone()).await.body, json!({"name": "trial", "ok": false, "error": "no"}));
    file["connectorRef"]["bundleVersion"] = "9".into();
    assert_eq!(test(file).await.body["error"], "connector not available");
}

#[tokio::test]
async fn tenant_t19_a_schema() {
    let rig = Rig::ready().await;
    let got = action(&rig, "/t1?_action=schema", json!({})).await;
    assert_eq!(rig.log(), ["Schema"]);
    let members: Vec<&str> = got.body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["objectTypes", "operationOptions"]);
}

#[tokio::test]
async fn tenant_t20_a_script_on_the_connector() {
    let rig = Rig::ready().await;
    let got = action(&rig, "/t1?_action=script&scriptId=s1&a=1", json!({"b": 2})).await;
    assert_eq!((got.status, got.body), (200, json!({"actions": [{"result": "done"}]})));
    assert_eq!(rig.log(), [r#"ScriptOnConnector(groovy, code, {a:"1", b:Integer 2})"#]);
}

#[tokio::test]
async fn tenant_t21_a_script_on_the_resource_that_fails() {
    let rig = Rig::ready().await;
    rig.backend.on("Script", Play::Fail(ErrorKind::Connector, "boom"));
    let path = "/t1?_action=script&scriptId=s1&scriptExecuteMode=resource";
    let got = action(&rig, path, json!({})).await;
    assert_eq!((got.status, got.body), (200, json!({"actions": [{"error": "boom"}]})));
    assert_eq!(rig.log(), ["ScriptOnResource(groovy, code, {})"]);
}

#[tokio::test]
async fn scripts_that_cannot_run() {
    let rig = Rig::ready_with(json!({"systemActions": [
        {"scriptId": "s1", "actions": [{"systemType": "Connector", "actionType": "groovy", "actionSource": "x"}]},
    ]}))
    .await;
    let script = async |path: &str| action(&rig, &format!("/t1?_action=script{path}"), json!({})).await;
    script("").await.is_error(400, "Missing required parameter: scriptId");
    script("&scriptId=x").await.is_error(400, "Script ID: x is not defined.");
    script("&_scriptId=s1")
        .await
        .is_error(400, "Script ID: s1 for systemType org.example.Connector is not defined.");
    rig.asked_nothing();
}

#[tokio::test]
async fn unknown_actions_and_methods() {
    let rig = Rig::ready().await;
    let got = action(&rig, "?_action=nonsense", json!({})).await;
    assert!(got.message().starts_with("Expecting String containing one of: activeSync liveSync test "));
    assert_eq!(got.status, 400);
    assert_eq!(action(&rig, "/t1?_action=nonsense", json!({})).await.status, 400);
    assert_eq!(rig.get("/openidm/system").await.status, 501);
    assert_eq!(rig.send(Method::DELETE, "/openidm/system/t1", &[], None).await.status, 501);
    let kinds = action(&rig, "?_action=availableConnectorServers", json!({})).await.body;
    assert_eq!(kinds["connectorServers"].as_array().unwrap().len(), 4);
    let template = json!({"systemType": "provisioner.openicf", "type": "remoteConnectorClient"});
    let got = action(&rig, "?_action=createConnectorServerCoreConfig", template).await;
    assert_eq!(got.body, json!({"displayName": "", "name": "", "enabled": true, "usessl": false}));
    let unknown = action(&rig, "?_action=createConnectorServerCoreConfig", json!({"type": "x"})).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn tenant_t74_unknown_systems_and_types() {
    let rig = Rig::ready().await;
    rig.get("/openidm/system/nope/account/1")
        .await
        .is_error(404, "Resource 'system/nope/account/1' not found");
    rig.get("/openidm/system/t1/nope/1").await.is_error(404, "Not found: nope");
}
