//! Links whose other end is gone although TCP does not know it.

use std::time::{Duration, Instant};

use rcs::config::Settings;
use serde_json::json;

use crate::scene::{HANG_GUARD, PROMPT, Scene, Setup, mid_search, until};

/// 60 s (after 20 s without traffic) and 20 s are usual; their sum bounds the time in which a link counts as alive.
const PING: Duration = Duration::from_secs(1);
const PONG: Duration = Duration::from_secs(2);

fn impatient(settings: &mut Settings) {
    settings.link.ping_interval = Some(PING);
    settings.link.pong_timeout = PONG;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_goes_on_over_the_other_link_and_what_was_on_the_frozen_one_comes_again() {
    let objects = 20_000;
    let scene = Scene::ready(Setup { objects, adjust: impatient, ..Setup::default() }).await;
    let before = links(&scene);
    let client = scene.client.clone();
    let search = tokio::spawn(async move { client.search().await });
    mid_search(&scene.tenant, 1000).await;
    freeze(&scene, 0).await;
    let frozen = Instant::now();
    until("the death of the link", || before.iter().any(|link| !links(&scene).contains(link))).await;
    // The machine may be busy, hence the seconds on top.
    assert!(frozen.elapsed() < PING + PONG + Duration::from_secs(5), "{:?}", frozen.elapsed());
    search.await.unwrap().is_whole(objects);
    until("the replacement", || scene.links() == 2).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_on_a_link_that_the_tenant_finds_dead_fail_as_retryable_and_others_are_answered() {
    let scene = Scene::ready(Setup { adjust: impatient, ..Setup::default() }).await;
    freeze(&scene, 0).await;
    let reads: Vec<_> = (0..16)
        .map(|n| {
            let client = scene.client.clone();
            tokio::spawn(async move { client.read(&format!("one-{n}")).await })
        })
        .collect();
    // The tenant pings what was idle for 20 s and waits 20 s more; its clock runs ahead for that.
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        scene.client.control_with("/tenant/clock?_action=advance", json!({"ms": 30_000})).await;
    }
    let deadline = tokio::time::Instant::now() + PROMPT;
    let mut answered = 0;
    for read in reads {
        let got = tokio::time::timeout_at(deadline, read).await.expect("a request hangs").unwrap();
        if got.status == 200 {
            answered += 1;
        } else {
            got.is_retryable();
        }
    }
    assert!(answered > 0, "no request went over the sound link");
    scene.usable_links(2).await;
    scene.client.search().await.is_whole(1000);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_every_link_frozen_all_are_replaced() {
    let scene = Scene::ready(Setup { adjust: impatient, ..Setup::default() }).await;
    let before = links(&scene);
    freeze(&scene, 0).await;
    freeze(&scene, 1).await;
    until("new links", || {
        let now = links(&scene);
        scene.links() == 2 && before.iter().all(|link| !now.contains(link))
    })
    .await;
    scene.client.control_with("/tenant/clock?_action=advance", json!({"ms": 30_000})).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    scene.client.control_with("/tenant/clock?_action=advance", json!({"ms": 30_000})).await;
    tokio::time::timeout(HANG_GUARD, scene.usable_links(2)).await.unwrap();
    scene.client.search().await.is_whole(1000);
    scene.end().await;
}

fn links(scene: &Scene) -> Vec<String> {
    let groups = scene.server.session().groups();
    groups.iter().flat_map(|group| &group.links).map(ToString::to_string).collect()
}

async fn freeze(scene: &Scene, number: usize) {
    let sockets = scene.tenant.sockets();
    let id = sockets[number]["id"].as_str().unwrap();
    scene.client.control(&format!("/tenant/sockets/{id}?_action=freeze")).await;
}
