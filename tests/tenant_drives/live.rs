//! liveSync of the reference connector.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::differences::SYNC_WITHOUT_TOKEN;
use crate::scene::{Side, rows};
use crate::systems::reference;

rows! {
    changes_arrive_in_order_and_once,
    changes_of_all_classes_arrive,
    a_synchronisation_without_token,
}

/// Runs it, and gives what it stored.
async fn sync(side: &Side, source: &str) -> Json {
    let path = format!("/openidm/system?_action=liveSync&source=system/{}{source}", side.system);
    side.post(&path, json!({})).await.ok()["connectorData"]["syncToken"].clone()
}

/// What arrived of this system since the start: action, type, id.
fn arrived(side: &Side) -> Vec<String> {
    let container = format!("system/{}/", side.system);
    let deltas = side.tenant().deltas();
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let own = deltas.iter().filter_map(|delta| {
        let class = text(&delta["resourceContainer"]).strip_prefix(&container)?.to_owned();
        let before = delta["content"]["newValue"]["_previous-id"].as_str();
        let before = before.map(|id| format!(" was {id}")).unwrap_or_default();
        Some(format!("{} {class} {}{before}", text(&delta["action"]), text(&delta["resourceId"])))
    });
    own.collect()
}

async fn changes_arrive_in_order_and_once(side: Side) {
    reference(&side, json!({})).await;
    assert_eq!(sync(&side, "/account").await, 0);
    side.create("account", json!({"name": "new"})).await.ok();
    side.update("account/1", json!({"string": "x"})).await.ok();
    side.on(Method::DELETE, "account/2", None).await.ok();
    assert_eq!(sync(&side, "/account").await, 3);
    assert_eq!(sync(&side, "/account").await, 3);
    side.update("account/5", json!({"int": 1})).await.ok();
    assert_eq!(sync(&side, "/account").await, 4);
    let expected = [
        "notifyCreate account 5",
        "notifyUpdate account 1",
        "notifyDelete account 2",
        "notifyUpdate account 5",
    ];
    assert_eq!(arrived(&side), expected);
}

async fn changes_of_all_classes_arrive(side: Side) {
    reference(&side, json!({})).await;
    assert_eq!(sync(&side, "").await, 0);
    side.create("account", json!({"name": "new"})).await.ok();
    side.create("group", json!({"name": "staff"})).await.ok();
    side.update("group/staff", json!({"name": "crew"})).await.ok();
    assert_eq!(sync(&side, "").await, 3);
    let expected =
        ["notifyCreate account 5", "notifyCreate group staff", "notifyUpdate group crew was staff"];
    assert_eq!(arrived(&side), expected);
}

async fn a_synchronisation_without_token(side: Side) {
    reference(&side, json!({})).await;
    side.create("account", json!({"name": "new"})).await.ok();
    let answer = side.icf("sync", json!({})).await;
    let java = json!({"items": [], "exception": {
        "class": "java.lang.NullPointerException", "message": "Parameter 'value' must not be null.", "causes": [],
    }});
    let object =
        json!({"uid": "5", "revision": null, "name": "new", "objectClass": "__ACCOUNT__", "attributes": {}});
    let ours = json!({"items": [{"type": "Create", "uid": "5", "token": 1, "object": object}], "result": 1});
    assert_eq!(answer, side.either(&SYNC_WITHOUT_TOKEN, java, ours));
}
