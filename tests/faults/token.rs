//! A token endpoint that fails and then is well again.

use std::time::Duration;

use rcs::config::{Authentication, Settings};
use serde_json::{Value as Json, json};

use crate::journal;
use crate::scene::{Scene, Setup, hits};

/// How long the endpoint is watched while it fails.
const WINDOW: Duration = Duration::from_secs(4);

fn impatient(settings: &mut Settings) {
    if let Authentication::OAuth(oauth) = &mut settings.client.as_mut().unwrap().authentication {
        oauth.timeout = Duration::from_secs(1);
    }
}

/// `most` is the largest number of requests that is no tight loop: attempts are 200 ms and more apart here.
async fn fails_then_recovers(fault: Json, most: u64, told: &str) {
    journal::keep();
    let faults = vec![fault];
    let scene = Scene::start(Setup { adjust: impatient, faults, ..Setup::default() }).await;
    tokio::time::sleep(WINDOW).await;
    let requests = hits(&scene.tenant, "token");
    assert!((1..=most).contains(&requests), "{requests} token requests in {WINDOW:?}");
    assert_eq!(scene.links(), 0);
    let port = format!(":{}/", scene.tenant.addr().port());
    let lines = journal::lines(&[&port, told, "exception while connecting WebSocket"]);
    assert!(!lines.is_empty(), "the log does not tell: {:?}", journal::lines(&[&port]));
    assert!(lines.len() <= usize::try_from(most).unwrap(), "{lines:#?}");
    assert!(lines.iter().all(|line| !line.contains("openidm")), "the secret is in the log");
    assert!(scene.tenant.faults().disarm("token"));
    scene.usable_links(2).await;
    scene.client.system_works().await;
    scene.client.search().await.is_whole(1000);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_answers_500() {
    let fault =
        json!({"id": "token", "point": "token", "kind": "status", "times": 0, "params": {"status": 500}});
    fails_then_recovers(fault, 12, "500").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_does_not_answer() {
    let fault = json!({"id": "token", "point": "token", "kind": "hang", "times": 0});
    fails_then_recovers(fault, 4, "did not answer within 1 s").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_answers_401() {
    let body = json!({"error": "invalid_client", "error_description": "Client authentication failed"});
    let params = json!({"status": 401, "body": body});
    let fault = json!({"id": "token", "point": "token", "kind": "status", "times": 0, "params": params});
    // Refused at once, and again no sooner than after ten times the shortest delay; each time in both ways.
    fails_then_recovers(fault, 8, "401").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_drops_the_connection() {
    let fault = json!({"id": "token", "point": "token", "kind": "drop", "times": 0});
    // A client may repeat a request once when a connection that it kept turns out to be gone.
    fails_then_recovers(fault, 24, "token endpoint").await;
}
