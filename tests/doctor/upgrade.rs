//! The upgrade.

use serde_json::json;
use tenant::TenantOptions;

use crate::bench::{Bench, tenant, tenant_with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_that_does_not_take_the_token() {
    let tenant =
        tenant_with(json!({"point": "upgrade", "kind": "status", "times": 0, "params": {"status": 401}}))
            .await;
    let examined = Bench::of(&tenant).examine().await;
    examined.stops_at("upgrade", "unauthorized").exits_with(4).says("Authorization: Bearer ***");
    examined.says("GET /openicf/0?connectorServerName=rcs1&hostId=host-1 HTTP/1.1").says("x-gate: ***");
    tenant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_not_registered() {
    let tenant = tenant(TenantOptions::default()).await;
    let examined = Bench::of(&tenant).line("connectorServerName=rcs9").examine().await;
    examined
        .stops_at("upgrade", "not-admitted")
        .exits_with(4)
        .says("connector server \"rcs9\", client \"RCSClient\"");
    // Every place where a tenant may expect the name was tried.
    assert_eq!(tenant.upgrades().len(), 2 * 4);
    tenant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_is_not_mapped() {
    let tenant = tenant(TenantOptions::default()).await;
    tenant.put_configuration("authentication", json!({"rsFilter": {"staticUserMapping": []}})).unwrap();
    let examined = Bench::of(&tenant).examine().await;
    examined.stops_at("upgrade", "not-admitted").exits_with(4).says("staticUserMapping");
    tenant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_that_is_none() {
    let tenant = tenant(TenantOptions::default()).await;
    let url = tenant.socket_url(7);
    let examined = Bench::dialling(&url, &tenant.token_url()).examine().await;
    examined.stops_at("upgrade", "no-endpoint").exits_with(4).says("404");
    tenant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_without_an_answer() {
    let tenant = tenant_with(json!({"point": "upgrade", "kind": "hang", "times": 0})).await;
    let examined = Bench::of(&tenant).line("connectTimeout=1").examine().await;
    examined
        .stops_at("upgrade", "upgrade-silent")
        .exits_with(4)
        .says("Timeout upgrading TCP connection to WebSocket");
    tenant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_of_two_urls() {
    let tenant = tenant(TenantOptions::default()).await;
    let urls = format!("{} {}", tenant.socket_url(0), tenant.socket_url(1));
    let examined = Bench::dialling(&urls, &tenant.token_url()).examine().await;
    examined.stops_at("upgrade", "no-endpoint");
    examined.says(&format!("It stops at {}, step upgrade.", tenant.socket_url(1)));
    examined.says("  ok    connectors     the tenant has read the list of ");
    tenant.shutdown().await;
}
