//! What the tenant does with a file before the connector sees it.

use icf_testkit::http::{FakeService, Reply};
use reqwest::Method;
use serde_json::{Value, json};

use crate::scene::{Scene, file};

/// The file of a portal with these configuration properties.
fn portal(properties: Value) -> Value {
    let mut file = file("portal");
    file["configurationProperties"] = properties;
    file
}

async fn tested(properties: Value) -> (Value, Vec<String>) {
    let service = FakeService::start(|_| Reply::scim(200, &json!({"Resources": []}))).await;
    let mut properties = properties;
    for name in ["SCIMEndpoint", "scimEndpoint"] {
        if properties.get(name).is_some() {
            properties[name] = service.url("/s").into();
        }
    }
    let scene = Scene::start("portal", portal(properties), &[]).await;
    let (_, answer) = scene.send(Method::POST, "/system/portal?_action=test", None).await;
    scene.end().await;
    (answer, service.lines())
}

#[tokio::test(flavor = "multi_thread")]
async fn scim_c04_a_property_in_another_spelling_is_missing() {
    let (answer, asked) = tested(
        json!({"scimEndpoint": "", "SCIMVersion": "2", "authenticationMethod": "TOKEN", "authToken": "t"}),
    )
    .await;
    assert_eq!(answer["ok"], false, "{answer}");
    assert!(answer.to_string().contains("SCIMEndpoint"), "{answer}");
    assert!(asked.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn scim_c05_a_property_that_nobody_knows_is_ignored() {
    let (answer, asked) = tested(
        json!({"SCIMEndpoint": "", "SCIMVersion": "2", "authenticationMethod": "TOKEN", "authToken": "t", "colour": "blue"}),
    )
    .await;
    assert_eq!(answer["ok"], true, "{answer}");
    assert_eq!(asked[0], "GET /s/ServiceProviderConfig");
}
