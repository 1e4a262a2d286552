//! Sockets cut in the middle of a search.

use std::time::Duration;

use serde_json::json;

use crate::scene::{Scene, Setup, arm, count, mid_search};

/// Enough to fill every window many times.
const OBJECTS: usize = 100_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_three_sockets_is_reset_again_and_again_in_the_middle_of_a_search() {
    let scene = Scene::ready(Setup { objects: OBJECTS, links: 3, ..Setup::default() }).await;
    for (number, after) in [1000, 5000, 9000].into_iter().enumerate() {
        arm(
            &scene.tenant,
            json!({
                "id": format!("cut{number}"), "point": "socket", "kind": "reset",
                "match": {"socket": scene.tenant.sockets()[number]["id"]}, "params": {"afterFrames": after / 3},
            }),
        );
    }
    scene.client.search().await.is_whole(OBJECTS);
    assert_eq!(count(&scene.tenant, "fault.hit"), 3, "not every cut took place");
    scene.usable_links(3).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sockets_are_cut_at_once_in_the_middle_of_a_search() {
    let scene = Scene::ready(Setup { objects: OBJECTS, links: 3, ..Setup::default() }).await;
    arm(
        &scene.tenant,
        json!({"point": "op", "kind": "killMidSearch", "match": {"op": "SEARCH"},
               "params": {"afterItems": 2000, "how": "allSockets"}}),
    );
    scene.client.search().await.is_whole(OBJECTS);
    assert_eq!(count(&scene.tenant, "fault.hit"), 1);
    scene.usable_links(3).await;
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sockets_are_gone_for_five_seconds_in_the_middle_of_a_search() {
    let scene = Scene::ready(Setup { objects: OBJECTS, links: 3, ..Setup::default() }).await;
    let client = scene.client.clone();
    let search = tokio::spawn(async move { client.search().await });
    mid_search(&scene.tenant, 1000).await;
    scene.client.control("/tenant/nodes/0?_action=down").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!((scene.links(), scene.tenant.sockets().len()), (0, 0));
    assert!(!search.is_finished(), "the search was over before its sockets were");
    scene.client.control("/tenant/nodes/0?_action=up").await;
    search.await.unwrap().is_whole(OBJECTS);
    scene.usable_links(3).await;
    scene.end().await;
}
