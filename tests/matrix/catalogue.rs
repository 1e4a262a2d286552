//! What the server says of its connectors.

use serde_json::{Value, json};

use crate::ways::{self, Side, Way, connector_key, driver, rows};

rows! {
    forty_connectors_are_announced_in_a_message_beyond_64_kib,
    properties_of_every_type_are_announced_alike,
    texts_come_in_the_language_that_is_asked_for,
}

async fn reference(side: &Side, locale: &str) -> Value {
    let arguments = json!({"peer": side.peer().name(), "locale": locale});
    let all = driver().await.call("connectors", arguments).await.expect("the connectors");
    let all = all.as_array().expect("connectors are a list");
    all.iter().find(|one| one["connectorKey"] == connector_key()).expect("the reference connector").clone()
}

async fn forty_connectors_are_announced_in_a_message_beyond_64_kib(side: Side) {
    let many = if side.way == Way::Java { 2 } else { 40 };
    assert_eq!(side.peer().connectors_at_least(many).await.len(), many);
}

async fn properties_of_every_type_are_announced_alike(side: Side) {
    let java = reference(&ways::side(Way::Java, "catalogue").await, "en").await;
    let found = reference(&side, "en").await;
    assert_eq!(found["properties"].as_array().map(Vec::len), Some(42));
    assert_eq!(found, java);
}

async fn texts_come_in_the_language_that_is_asked_for(side: Side) {
    assert_eq!(reference(&side, "en").await["displayName"], "Reference connector");
    assert_eq!(reference(&side, "de_AT").await["displayName"], "Referenzkonnektor");
    assert_eq!(reference(&side, "fr").await["displayName"], "Reference connector");
}
