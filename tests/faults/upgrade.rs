//! Upgrades that are refused and then are not.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::journal;
use crate::scene::{Scene, Setup, arm, hits};

/// How long the attempts are counted.
const WINDOW: Duration = Duration::from_secs(4);

fn refusal(status: u16) -> Json {
    json!({"id": "upgrade", "point": "upgrade", "kind": "status", "times": 0, "params": {"status": status}})
}

/// Refuses from the start, then lets go; refuses again after all links were cut, then lets go. `most` is the largest
/// number of attempts that is no tight loop: they are 200 ms and more apart here.
async fn refused_then_accepted(status: u16, most: u64) {
    journal::keep();
    let scene = Scene::start(Setup { faults: vec![refusal(status)], ..Setup::default() }).await;
    watch(&scene, status, most).await;
    scene.client.control("/tenant/nodes/0?_action=down").await;
    arm(&scene.tenant, refusal(status));
    scene.client.control("/tenant/nodes/0?_action=up").await;
    watch(&scene, status, most).await;
    scene.end().await;
}

async fn watch(scene: &Scene, status: u16, most: u64) {
    tokio::time::sleep(WINDOW).await;
    let attempts = hits(&scene.tenant, "upgrade");
    assert!((1..=most).contains(&attempts), "{attempts} attempts in {WINDOW:?}");
    assert_eq!(scene.links(), 0);
    let port = format!("{}", scene.tenant.addr().port());
    let told = journal::lines(&[&port, &status.to_string()]);
    assert!(!told.is_empty(), "the log does not tell: {:#?}", journal::lines(&[&port]));
    assert!(scene.tenant.faults().disarm("upgrade"));
    scene.usable_links(2).await;
    scene.client.system_works().await;
    scene.client.search().await.is_whole(1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_answered_with_401_gets_one_new_token_and_then_waits() {
    refused_then_accepted(401, 6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_answered_with_403_tries_the_places_of_the_name_and_then_waits() {
    refused_then_accepted(403, 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_answered_with_503_is_tried_again_ever_more_slowly() {
    refused_then_accepted(503, 14).await;
}
