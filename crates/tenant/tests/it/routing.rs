//! Groups, nodes, waiting, time limits.

use std::time::Duration;

use icf_wire::rpc::Answer;
use reqwest::Method;
use serde_json::{Value as Json, json};
use tenant::{Dispatch, TenantOptions};

use crate::harness::{Rig, info, o42, options, reference};
use crate::scripted::Play;

/// A rig whose system names the group `g` of `rcs1` and `rcs2`.
async fn group(algorithm: &str, connected: &[&str]) -> Rig {
    let rig = Rig::bare(options()).await;
    rig.tenant
        .put_configuration(
            "provisioner.openicf.connectorinfoprovider",
            json!({
                "remoteConnectorClients": [{"name": "rcs1"}, {"name": "rcs2"}],
                "remoteConnectorClientsGroups": [
                    {"name": "g", "algorithm": algorithm, "serversList": [{"name": "rcs1"}, {"name": "rcs2"}]},
                ],
            }),
        )
        .unwrap();
    for server in connected {
        rig.backend.connect(0, server, vec![info("1.5.20.11")]);
    }
    let mut reference = reference("1.5.20.11");
    reference["connectorHostRef"] = "g".into();
    assert_eq!(rig.put_system(json!({"connectorRef": reference})).await.status, 201);
    rig.backend.take_seen();
    rig.log();
    rig
}

fn servers(rig: &Rig) -> Vec<String> {
    rig.backend.take_seen().into_iter().map(|seen| seen.server).collect()
}

#[tokio::test]
async fn tenant_t64_failover_skips_a_member_without_socket() {
    let rig = group("failover", &["rcs2"]).await;
    let got = rig.get("/openidm/system/t1/account/42").await;
    assert_eq!((got.status, got.body), (200, o42()));
    assert_eq!(servers(&rig), ["rcs2"]);
    rig.backend.connect(0, "rcs1", vec![info("1.5.20.11")]);
    rig.get("/openidm/system/t1/account/42").await;
    assert_eq!(servers(&rig), ["rcs1"]);
    let test = rig.post("/openidm/system?_action=testConnectorServers", json!({})).await.body;
    assert_eq!(test["openicf"][2], json!({"name": "g", "type": "remoteConnectorClientsGroup", "ok": true}));
}

#[tokio::test]
async fn tenant_t65_round_robin_takes_turns() {
    let rig = group("RoundRobin", &["rcs1", "rcs2"]).await;
    for _ in 0..4 {
        assert_eq!(rig.get("/openidm/system/t1/account/42").await.status, 200);
    }
    assert_eq!(servers(&rig), ["rcs1", "rcs2", "rcs1", "rcs2"]);
}

/// The turn advances by one for each request; the successor of one that is down serves twice.
#[tokio::test]
async fn wire_c74_round_robin_over_three_with_the_second_down() {
    let rig = Rig::bare(options()).await;
    let members = json!([{"name": "rcs1"}, {"name": "rcs2"}, {"name": "rcs3"}]);
    let hosts = json!({
        "remoteConnectorClients": members,
        "remoteConnectorClientsGroups": [{"name": "g", "algorithm": "roundrobin", "serversList": members}],
    });
    rig.tenant.put_configuration("provisioner.openicf.connectorinfoprovider", hosts).unwrap();
    for server in ["rcs1", "rcs3"] {
        rig.backend.connect(0, server, vec![info("1.5.20.11")]);
    }
    let mut reference = reference("1.5.20.11");
    reference["connectorHostRef"] = "g".into();
    assert_eq!(rig.put_system(json!({"connectorRef": reference})).await.status, 201);
    rig.backend.take_seen();
    for _ in 0..6 {
        assert_eq!(rig.get("/openidm/system/t1/account/42").await.status, 200);
    }
    let seen = servers(&rig);
    // The activation of the system has taken turns already, so the round begins anywhere.
    let round = ["rcs1", "rcs3", "rcs3", "rcs1", "rcs3", "rcs3", "rcs1", "rcs3"];
    assert!(round.windows(6).any(|window| window == seen), "{seen:?}");
}

#[tokio::test]
async fn a_member_without_the_connector_is_skipped() {
    let rig = group("failover", &["rcs1", "rcs2"]).await;
    rig.backend.connect(0, "rcs1", vec![info("1.5.20.3")]);
    rig.get("/openidm/system/t1/account/42").await;
    assert_eq!(servers(&rig), ["rcs2"]);
}

#[tokio::test]
async fn tenant_t66_nobody_takes_the_request() {
    let rig = Rig::ready().await;
    rig.backend.disconnect(0, "rcs1");
    rig.get("/openidm/system/t1/account/42")
        .await
        .is_error(503, "Connection failed during operation READ on system object: 42");
    rig.asked_nothing();
}

#[tokio::test]
async fn a_server_that_comes_back_in_time_gets_the_request() {
    let rig = Rig::connected(TenantOptions { send_wait: Duration::from_secs(30), ..options() }).await;
    rig.put_system(json!({})).await;
    rig.backend.disconnect(0, "rcs1");
    let (got, ()) = tokio::join!(rig.get("/openidm/system/t1/account/42"), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        rig.backend.connect(0, "rcs1", vec![info("1.5.20.11")]);
    });
    assert_eq!(got.status, 200);
}

#[tokio::test]
async fn tenant_t67_a_system_that_was_never_active() {
    let rig = Rig::connected(options()).await;
    rig.backend.disconnect(0, "rcs1");
    let path = "/openidm/config/provisioner.openicf/t1";
    rig.send(Method::PUT, path, &[], Some(crate::harness::t1(json!({})))).await;
    rig.get("/openidm/system/t1/account/42").await.is_error(503, "Service Unavailable");
}

#[tokio::test]
async fn tenant_t68_a_time_limit() {
    let rig = Rig::ready_with(json!({"operationTimeout": {"GET": 200}})).await;
    rig.backend.on("Get", Play::Silence);
    let before = std::time::Instant::now();
    rig.get("/openidm/system/t1/account/42")
        .await
        .is_error(503, "Operation READ Timeout on system object: 42");
    assert!(before.elapsed() >= Duration::from_millis(200));
    assert_eq!(rig.log(), ["Get(__ACCOUNT__, 42, {A:D})"]);
}

#[tokio::test]
async fn the_request_key_is_the_same_in_every_request_of_a_configuration() {
    let rig = Rig::ready_with(json!({"operationTimeout": {"GET": 200}})).await;
    rig.get("/openidm/system/t1/account/42").await;
    rig.get("/openidm/system/t1/account/43").await;
    let keys: Vec<_> = rig.backend.take_seen().into_iter().map(|seen| seen.request.facade_key).collect();
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn nodes_are_chosen_as_configured() {
    let rig = Rig::connected(TenantOptions { dispatch: Dispatch::Sticky(1), ..options() }).await;
    rig.backend.connect(1, "rcs1", vec![info("1.5.20.11")]);
    rig.put_system(json!({})).await;
    rig.get("/openidm/system/t1/account/42").await;
    let node = |rig: &Rig| rig.backend.take_seen().last().map(|seen| seen.node);
    assert_eq!(node(&rig), Some(1));
    let path = "/openidm/system/t1/account/42";
    rig.send(Method::GET, path, &[("X-Tenant-Node", "0")], None).await;
    assert_eq!(node(&rig), Some(0));
    let absent = rig.send(Method::GET, path, &[("X-Tenant-Node", "2")], None).await;
    assert_eq!(absent.status, 503);
}

#[tokio::test]
async fn a_connector_that_comes_back_is_activated_again() {
    let rig = Rig::ready().await;
    rig.backend.disconnect(0, "rcs1");
    tokio::time::sleep(Duration::from_millis(50)).await;
    rig.asked_nothing();
    rig.backend.connect(0, "rcs1", vec![info("1.5.20.11")]);
    rig.backend.wait_for_log("Test").await;
    assert_eq!(rig.log(), ["Validate", "Test"]);
}

#[tokio::test]
async fn operations_carry_the_transaction_id() {
    let rig = Rig::ready().await;
    let headers = [("X-ForgeRock-TransactionId", "tx1")];
    rig.on_type(Method::DELETE, "/42", &headers, None).await;
    let ids: Vec<String> = rig
        .backend
        .take_seen()
        .iter()
        .map(|seen| match &seen.request.operation {
            icf_wire::rpc::Operation::Get { options, .. }
            | icf_wire::rpc::Operation::Delete { options, .. } => {
                options.transaction_id().unwrap_or_default().to_owned()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids, ["tx1/0/0", "tx1/0/1"]);
}

#[tokio::test]
async fn requests_can_be_limited_in_rate() {
    let limits = json!({"GET": {"requestLimit": 1, "requestPeriod": 60_000, "requestTimeout": 0}});
    let rig = Rig::ready_with(json!({"operationRateLimits": limits})).await;
    assert_eq!(rig.get("/openidm/system/t1/account/42").await.status, 200);
    assert_eq!(rig.get("/openidm/system/t1/account/42").await.status, 503);
    assert_eq!(rig.log().len(), 1);
}

#[tokio::test]
async fn an_answer_of_another_operation_is_an_error() {
    let rig = Rig::ready().await;
    rig.backend.on("Get", Play::Answer(Answer::Value(Json::Null.to_string().into())));
    assert_eq!(rig.get("/openidm/system/t1/account/42").await.status, 500);
}
