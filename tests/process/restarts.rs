//! One server after the other is stopped and started again while a tenant has 64 operations under way: nothing is lost,
//! nothing is done twice.

use std::time::Duration;

use crate::cluster::{Cluster, name, until};
use crate::load::{Load, Outcome, create_one};

/// How often a server is restarted in the first test.
fn restarts() -> usize {
    std::env::var("RCS_RESTARTS").map_or(8, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_shorter_than_the_drain_do_not_notice_restarts() {
    let mut cluster = Cluster::start(20).await;
    let load = Load::begin(&cluster, Duration::from_millis(200));
    tokio::time::sleep(Duration::from_millis(500)).await;
    for turn in 0..restarts() {
        assert_eq!(cluster.restart(turn % 2).await, Some(0), "{}", cluster.log(turn % 2));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let tally = load.end().await;
    let failed = tally.failed();
    assert!(
        failed.is_empty(),
        "{} of {} failed: {:#?}\n{}\n{}",
        failed.len(),
        tally.0.len(),
        &failed[..failed.len().min(3)],
        cluster.log(0),
        cluster.log(1)
    );
    tally.is_whole();
    let runs = cluster.runs();
    for outcome in tally.creations() {
        assert_eq!(runs.get(&outcome.name).map(|run| (run.begun, run.ended)), Some((1, 1)), "{outcome:?}");
    }
    assert_eq!(runs.len(), tally.creations().count(), "nothing was done that nobody asked for");
    assert_eq!(cluster.tenant.counters().items_repeated, 0);
    // Each member did a good part, so the load did move from one to the other.
    for server in 0..2 {
        let share = runs.values().filter(|run| run.server == name(server)).count();
        assert!(share > 64, "{} ran {share} of {}", name(server), runs.len());
    }
    println!("{} restarts, {} operations, 0 lost, 0 twice, 0 failed", restarts(), tally.0.len());
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_still_runs_at_the_drain_limit_fails_and_may_be_tried_again() {
    const LONG: Duration = Duration::from_secs(9);
    let mut cluster = Cluster::start(3).await;
    let load = Load::begin(&cluster, Duration::from_millis(100));
    let long: Vec<_> = (0..8).map(|number| create_one(&cluster, &format!("long-{number}"), LONG)).collect();
    until("the long operations run", || {
        cluster.runs().keys().filter(|name| name.starts_with("long")).count() == 8
    })
    .await;
    assert_eq!(cluster.restart(0).await, Some(0), "{}", cluster.log(0));
    let tally = load.end().await;
    assert!(tally.failed().is_empty(), "{:#?}", tally.failed());
    tally.is_whole();
    let mut handed_back = 0;
    for task in long {
        let outcome: Outcome = task.await.unwrap();
        outcome.is_retryable();
        handed_back += 1;
    }
    assert_eq!(handed_back, 8);
    for (name, run) in cluster.runs() {
        assert_eq!((run.begun, run.ended), (1, u32::from(!name.starts_with("long"))), "{name}");
    }
    cluster.end().await;
}
