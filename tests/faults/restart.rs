//! A tenant that is killed and comes back as a stranger: another session id, no tokens, no requests.

use std::time::Duration;

use crate::scene::{PROMPT, Scene, Setup, mid_search};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_tenant_is_found_again_without_more_sockets_than_before() {
    let setup = Setup { links: 3, ..Setup::default() };
    let mut scene = Scene::ready(setup).await;
    for _ in 0..2 {
        scene = scene.replace_tenant(Duration::from_secs(2), 500).await;
        scene.usable_links(3).await;
        scene.client.system_works().await;
        scene.client.search().await.is_whole(500);
        // Long enough for any link too many to come.
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!((scene.links(), scene.tenant.sockets().len()), (3, 3));
        assert_eq!(scene.tenant.upgrades().iter().filter(|upgrade| upgrade["status"] == 101).count(), 3);
    }
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_a_node_forgot_in_a_restart_fails_soon_and_the_next_one_works() {
    // So many that the search is still running when the node restarts.
    let scene = Scene::ready(Setup { objects: 100_000, ..Setup::default() }).await;
    let client = scene.client.clone();
    let search = tokio::spawn(async move { client.search().await });
    mid_search(&scene.tenant, 1000).await;
    scene.client.control("/tenant/nodes/0?_action=restart").await;
    let lost = tokio::time::timeout(PROMPT, search).await.expect("the search hangs").unwrap();
    lost.is_retryable();
    scene.usable_links(2).await;
    scene.client.search().await.is_whole(100_000);
    scene.end().await;
}
