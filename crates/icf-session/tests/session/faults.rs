//! Links that break under load.

use std::time::Duration;

use icf_wire::session::Delivery;

use crate::peers::{Pair, read_all, search, test};

#[tokio::test(start_paused = true)]
async fn wire_c81_one_of_two_links_cut_in_the_middle_of_a_search() {
    let pair = Pair::new();
    let links = [pair.connect().await, pair.connect().await];
    let reading = tokio::spawn(read_all(pair.ask(search(100_000)).await));
    while pair.tenant.counters().items_received < 40_000 {
        tokio::task::yield_now().await;
    }
    // Whichever carries the search: both are cut, one after the other replaced.
    links[0].kill("cut by the test");
    pair.connect().await;
    links[1].kill("cut by the test");
    assert_eq!(reading.await.unwrap(), Ok(100_000));
    let counters = pair.tenant.counters();
    assert_eq!(counters.items_received - counters.items_repeated, 100_000);
}

#[tokio::test(start_paused = true)]
async fn wire_c68_all_links_cut_for_five_seconds() {
    let pair = Pair::new();
    let links = [pair.connect().await, pair.connect().await];
    let mut readings = Vec::new();
    for _ in 0..4 {
        readings.push(tokio::spawn(read_all(pair.ask(search(30_000)).await)));
    }
    while pair.tenant.counters().items_received < 50_000 {
        tokio::task::yield_now().await;
    }
    for link in &links {
        link.kill("cut by the test");
        link.closed().await;
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    pair.connect().await;
    for reading in readings {
        assert_eq!(reading.await.unwrap(), Ok(30_000));
    }
}

#[tokio::test(start_paused = true)]
async fn wire_c84_memory_stays_bounded_while_no_link_is_there() {
    let pair = Pair::new();
    let link = pair.connect().await;
    let pending = pair.ask(search(1_000_000)).await;
    while pair.tenant.counters().items_received < 1_000 {
        tokio::task::yield_now().await;
    }
    link.kill("cut by the test");
    tokio::time::sleep(Duration::from_secs(100)).await;
    let group = &pair.server.groups()[0];
    assert!(group.backlog <= 1_100, "only what was under way is kept: {}", group.backlog);
    assert_eq!(group.executing, 1);
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(pair.server.executing(), 0, "cancelled when the grace time ended");
    drop(pending);
}

#[tokio::test(start_paused = true)]
async fn requests_go_on_over_the_other_link() {
    let pair = Pair::new();
    let link = pair.connect().await;
    pair.connect().await;
    link.kill("cut by the test");
    link.closed().await;
    for _ in 0..10 {
        let mut pending = pair.ask(test()).await;
        let outcome = pending.next().await;
        // One that was written to the dying link ends as lost at once; it never hangs.
        assert!(matches!(outcome, Some(Delivery::End(_) | Delivery::Failed(_))));
    }
}
