//! The access token.

use serde_json::json;
use tenant::TenantOptions;

use crate::bench::{Bench, closed_port, tenant, tenant_with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_or_secret_that_is_not_known() {
    let tenant = tenant(TenantOptions::default()).await;
    let examined = Bench::of(&tenant).line("clientSecret=s3cret-key").examine().await;
    examined
        .stops_at("token", "token-client")
        .exits_with(4)
        .says("invalid_client (Client authentication failed)");
    examined.says("client \"RCSClient\" by auto, secret ***").says("  -     upgrade        not reached");
    tenant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_that_the_client_may_not_have() {
    let tenant = tenant(TenantOptions::default()).await;
    let examined = Bench::of(&tenant).line("scope=fr:am:*").examine().await;
    examined.stops_at("token", "token-scope").exits_with(4).says("Unknown/invalid scope(s): [fr:am:*]");
    tenant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_hangs() {
    let tenant = tenant_with(json!({"point": "token", "kind": "hang", "times": 0})).await;
    let examined = Bench::of(&tenant).examine().await;
    examined.stops_at("token", "token-silent").exits_with(4).says("did not answer within 2 s (tokenTimeout)");
    tenant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_is_not_there() {
    let tenant = tenant(TenantOptions::default()).await;
    let url = format!("http://{}/token", closed_port());
    Bench::dialling(&tenant.socket_url(0), &url).examine().await.stops_at("token", "token-unreachable");
    let url = format!("{}/am/console", tenant.base_url());
    Bench::dialling(&tenant.socket_url(0), &url).examine().await.stops_at("token", "token-endpoint");
    tenant.shutdown().await;
}
