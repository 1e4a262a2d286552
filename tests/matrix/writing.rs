//! Operations that write.

use serde_json::{Value, json};

use crate::ways::{Side, rows};

rows! {
    an_object_is_created_found_changed_and_deleted,
}

pub(crate) fn attribute(name: &str, value: Value) -> Value {
    json!({"name": name, "values": [value]})
}

async fn an_object_is_created_found_changed_and_deleted(side: Side) {
    let created =
        json!({"attributes": [attribute("__NAME__", json!("ann")), attribute("int", json!({"int": 5}))]});
    assert_eq!(side.ok("create", created.clone()).await, json!({"value": "1", "revision": null}));
    let again = side.fails("create", created).await;
    assert_eq!(again.class(), "org.identityconnectors.framework.common.exceptions.AlreadyExistsException");
    assert_eq!(again.message(), "__ACCOUNT__ ann exists.");

    let more = json!({"uid": "1", "attributes": [{"name": "int", "values": [{"int": 5}, {"int": 6}]}]});
    side.ok("addValues", more).await;
    let found = side.ok("get", json!({"uid": "1"})).await;
    let values = json!({"name": "int", "values": [{"int": 5}, {"int": 6}]});
    assert!(found["attributes"].as_array().expect("attributes").contains(&values), "{found}");

    let less = json!({"uid": "1", "attributes": [attribute("int", json!({"int": 5}))]});
    side.ok("removeValues", less).await;
    side.ok("update", json!({"uid": "1", "attributes": [attribute("string", json!("x"))]})).await;
    let call = side.script("lastCall", json!({})).await;
    assert_eq!(call, r#"update class "__ACCOUNT__" uid "1" {string=["x"]} {}"#);

    side.ok("delete", json!({"uid": "1"})).await;
    assert_eq!(side.ok("get", json!({"uid": "1"})).await, Value::Null);
    let gone = side.fails("delete", json!({"uid": "1"})).await;
    assert_eq!(gone.class(), "org.identityconnectors.framework.common.exceptions.UnknownUidException");

    let deltas = side.ok("sync", json!({"token": {"int": 0}})).await;
    let types: Vec<&Value> =
        deltas["items"].as_array().expect("deltas").iter().map(|delta| &delta["type"]).collect();
    assert_eq!(types, ["CREATE", "UPDATE", "UPDATE", "UPDATE", "DELETE"]);
    assert_eq!(deltas["result"], json!({"int": 5}));
}
