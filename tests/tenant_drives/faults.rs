//! Faults on demand between the tenant and the server.

use serde_json::json;

use crate::differences::LOST_WITH_ITS_SOCKET;
use crate::scene::{Side, rows};
use crate::systems::reference;

rows! {
    an_operation_that_nobody_knows_is_refused,
    a_search_is_cancelled_in_the_middle,
    a_socket_is_lost_in_the_middle_of_a_search,
}

/// Arms a fault for the case's system.
fn arm(side: &Side, kind: &str, op: &str, params: serde_json::Value) {
    let fault =
        json!({"point": "op", "kind": kind, "match": {"system": side.system, "op": op}, "params": params});
    side.tenant().arm(serde_json::from_value(fault).unwrap()).unwrap();
}

async fn an_operation_that_nobody_knows_is_refused(side: Side) {
    reference(&side, json!({})).await;
    arm(&side, "unknownOp", "GET", json!({}));
    assert_eq!(side.read("account/1").await.status, 500);
    assert_eq!(side.read("account/1").await.status, 200);
}

async fn a_search_is_cancelled_in_the_middle(side: Side) {
    reference(&side, json!({"objects": 10_000})).await;
    arm(&side, "cancelMidSearch", "SEARCH", json!({"afterItems": 10}));
    let got = side.filter("true").await;
    assert_ne!(got.status, 200, "{}", got.body);
    assert_eq!(side.filter(r#"_id eq "7""#).await.ids(), ["7"]);
}

async fn a_socket_is_lost_in_the_middle_of_a_search(side: Side) {
    let side = side.alone().await;
    reference(&side, json!({"objects": 10_000})).await;
    arm(&side, "killMidSearch", "SEARCH", json!({"afterItems": 10, "how": "reset"}));
    let got = side.filter("true").await;
    let known = side.either(&LOST_WITH_ITS_SOCKET, &[200, 503][..], &[200]);
    assert!(known.contains(&got.status), "{}", got.body);
    if got.status == 200 {
        assert_eq!(got.ids().len(), 10_000);
    }
    // The other link, or a new one, carries what comes after.
    assert_eq!(side.filter(r#"_id eq "7""#).await.ids(), ["7"]);
}
