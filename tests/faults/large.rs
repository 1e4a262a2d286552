//! Messages of many megabytes, and too many.

use std::time::Duration;

use rcs::config::Settings;

use crate::scene::{PROMPT, Scene, Setup};

const MIB: usize = 1 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_of_32_mib_pass_in_both_directions() {
    let scene = Scene::ready(Setup::default()).await;
    let got = scene.client.read(&format!("blob-{}", 32 * MIB)).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let blob = got.body["blob"].as_str().unwrap();
    assert_eq!(blob.len(), 32 * MIB);
    assert!(blob.bytes().all(|byte| byte == b'x'));
    let got = scene.client.create("y".repeat(32 * MIB)).await;
    assert_eq!((got.status, &got.body["_id"]), (201, &format!("blob-{}", 32 * MIB).into()));
    assert_eq!((scene.links(), scene.tenant.upgrades().len()), (2, 2), "a link was lost");
    scene.end().await;
}

fn small(settings: &mut Settings) {
    settings.link.max_message_size = MIB;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_beyond_the_limit_fails_soon_and_costs_its_link_only() {
    let scene = Scene::ready(Setup { adjust: small, ..Setup::default() }).await;
    let got = tokio::time::timeout(PROMPT, scene.client.create("y".repeat(2 * MIB))).await;
    got.expect("the request hangs").is_retryable();
    scene.client.search().await.is_whole(1000);
    scene.usable_links(2).await;
    let got = scene.client.create("y".repeat(MIB / 2)).await;
    assert_eq!(got.status, 201, "{}", got.body);
    // Once in the wrong size, not again and again.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(scene.tenant.upgrades().len(), 3);
    scene.end().await;
}
