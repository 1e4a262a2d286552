//! `/readyz` against the truth.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rcs::admin::{Admin, Metrics};
use rcs::config::AdminListen;
use reqwest::Client;
use serde_json::{Value as Json, json};

use crate::scene::{Admin as Administrator, HANG_GUARD, Scene, Setup};

/// One for the process.
fn metrics() -> Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| Metrics::install().unwrap()).clone()
}

/// Asks the listener of a server.
struct Probe {
    listener: Admin,
    client: Client,
    base: String,
}

impl Probe {
    async fn of(scene: &Scene) -> Self {
        let place = AdminListen::Tcp { host: "127.0.0.1".to_owned(), port: 0 };
        let listener = Admin::start(&place, scene.server.view(), metrics()).await.unwrap().unwrap();
        let base = format!("http://{}", listener.address().unwrap());
        Self { listener, client: Client::builder().no_proxy().build().unwrap(), base }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// What is missing.
    async fn missing(&self) -> Vec<String> {
        let (status, body) = self.get("/readyz").await;
        let body: Json = serde_json::from_str(&body).unwrap();
        let missing: Vec<String> = serde_json::from_value(body["missing"].clone()).unwrap();
        assert_eq!(
            (status, &body["ready"]),
            (if missing.is_empty() { 200 } else { 503 }, &json!(missing.is_empty()))
        );
        missing
    }

    async fn ready(&self) {
        let started = Instant::now();
        while !self.missing().await.is_empty() {
            assert!(started.elapsed() < HANG_GUARD, "never ready: {:?}", self.missing().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn upgrade_refused(status: u16) -> Json {
    json!({"id": "upgrade", "point": "upgrade", "kind": "status", "times": 0, "params": {"status": status}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_the_tenant_refuses_is_not_ready_and_says_why() {
    let scene = Scene::start(Setup { faults: vec![upgrade_refused(403)], ..Setup::default() }).await;
    let probe = Probe::of(&scene).await;
    assert_eq!(probe.get("/livez").await.0, 200);
    crate::scene::until("a refusal", || crate::scene::hits(&scene.tenant, "upgrade") > 0).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let missing = probe.missing().await;
    assert_eq!(missing.len(), 1);
    assert!(missing[0].contains("/openicf/0: no link") && missing[0].contains("403"), "{missing:?}");
    assert!(scene.tenant.faults().disarm("upgrade"));
    probe.ready().await;
    scene.client.system_works().await;
    probe.listener.stop().await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_links_are_up_and_silent_is_not_ready() {
    let scene = Scene::ready(Setup::default()).await;
    let probe = Probe::of(&scene).await;
    probe.ready().await;
    let sockets = scene.tenant.sockets();
    for (frozen, socket) in sockets.iter().enumerate() {
        assert!(probe.missing().await.is_empty(), "one link that answers is enough");
        let id = socket["id"].as_str().unwrap();
        scene.client.control(&format!("/tenant/sockets/{id}?_action=freeze")).await;
        assert!(frozen < 2);
    }
    // What was answered a moment ago still counts for a second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let asked = Instant::now();
    let missing = probe.missing().await;
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(missing.len(), 1);
    assert!(missing[0].contains("none of 2 links answered a ping within 1s"), "{missing:?}");
    assert_eq!(scene.links(), 2, "the sockets are up all the same");
    probe.listener.stop().await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lost_the_tenant_is_not_ready_until_it_is_back() {
    let scene = Scene::ready(Setup::default()).await;
    let probe = Probe::of(&scene).await;
    probe.ready().await;
    scene.client.control("/tenant/nodes/0?_action=down").await;
    crate::scene::until("the loss", || scene.links() == 0).await;
    let missing = probe.missing().await;
    assert!(missing[0].contains("no link"), "{missing:?}");
    scene.client.control("/tenant/nodes/0?_action=up").await;
    probe.ready().await;
    scene.client.system_works().await;
    probe.listener.stop().await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_is_not_ready() {
    let scene = Scene::ready(Setup::default()).await;
    let probe = Probe::of(&scene).await;
    probe.ready().await;
    let client: Administrator = scene.client.clone();
    let hanging = tokio::spawn(async move { client.search_for("hang-stop").await });
    crate::scene::until("the search hangs", || crate::connector::hangs("hang-stop")).await;
    let Scene { server, tenant, .. } = scene;
    let stopping = tokio::spawn(server.stop());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(probe.missing().await, ["the server is stopping"]);
    hanging.abort();
    stopping.await.unwrap();
    probe.listener.stop().await;
    tenant.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_and_metrics_tell_what_there_is_and_no_secret() {
    let scene = Scene::ready(Setup::default()).await;
    let probe = Probe::of(&scene).await;
    scene.client.search().await.is_whole(1000);
    probe.ready().await;
    let (_, status) = probe.get("/status").await;
    let shown: Json = serde_json::from_str(&status).unwrap();
    assert_eq!((&shown["name"], &shown["ready"]), (&json!("rcs1"), &json!(true)));
    let url = &shown["urls"][0];
    assert_eq!(url["wanted"], 2);
    assert_eq!(url["links"].as_array().unwrap().len(), 2);
    assert!(
        url["links"].as_array().unwrap().iter().any(|link| link["pingMilliseconds"].is_number()),
        "{url}"
    );
    assert_eq!(shown["groups"][0]["usableLinks"], 2);
    assert_eq!(shown["token"]["granted"], 1);
    let (_, metrics) = probe.get("/metrics").await;
    let url = scene.tenant.socket_url(0);
    for line in [
        format!("rcs_links{{url=\"{url}\",state=\"ready\"}} 2"),
        format!("rcs_links_wanted{{url=\"{url}\"}} 2"),
        "rcs_operations_total{connector=\"org.example.MadeUp\",operation=\"Search\",outcome=\"ok\"}".to_owned(),
        "rcs_operation_duration_seconds_bucket{connector=\"org.example.MadeUp\",operation=\"Search\",le=\"60\"}".to_owned(),
        "rcs_token_requests_total{outcome=\"granted\"}".to_owned(),
        "# TYPE rcs_link_ping_seconds histogram".to_owned(),
    ] {
        assert!(metrics.contains(&line), "{line} is not in\n{metrics}");
    }
    // The client secret and the tokens of the tenant.
    for text in [status, metrics] {
        assert!(!text.contains("openidm\"") && !text.to_lowercase().contains("bearer"), "{text}");
    }
    probe.listener.stop().await;
    scene.end().await;
}
