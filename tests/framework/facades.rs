//! Facades: one for each connector and configuration, kept while used.

use std::time::Duration;

use icf::{ApiOperation, ConnectorKey, PoolConfiguration};
use icf_wire::rpc::Operation;
use rcs::dispatch::DispatchOptions;
use tokio::time::sleep;

use crate::k::K;
use crate::rig::{Rig, call, millis};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn fw13_configurations_that_differ_in_limits_only_share_a_pool() {
    let mut rig = Rig::new();
    rig.configuration.pool =
        PoolConfiguration { max_objects: 1, max_idle: 1, ..PoolConfiguration::default() };
    rig.world.knobs().work = millis(100);
    let first = rig.start(Operation::Test, call());
    rig.limit(ApiOperation::Test, 60_000);
    rig.configuration.results_handlers.case_insensitive = true;
    let second = rig.start(Operation::Test, call());
    first.await.unwrap().answer.unwrap();
    second.await.unwrap().answer.unwrap();
    let seen = rig.world.seen();
    assert_eq!((seen.opened, seen.most_inside), (1, 1));
}

#[tokio::test]
async fn other_properties_or_pool_settings_mean_another_pool() {
    let mut rig = Rig::new();
    rig.run(Operation::Test).await.answer.unwrap();
    rig.configuration.pool.max_wait = 1;
    rig.run(Operation::Test).await.answer.unwrap();
    rig.set("note", "other");
    rig.run(Operation::Test).await.answer.unwrap();
    assert_eq!(rig.world.seen().opened, 3);
}

#[tokio::test]
async fn fw14_the_same_key_for_two_connectors_is_two_facades() {
    let mut rig = Rig::new();
    rig.run(Operation::Test).await.answer.unwrap();
    rig.run(Operation::Test).await.answer.unwrap();
    assert_eq!(rig.world.seen().opened, 1);
    rig.connector = ConnectorKey::new("bundle", "2.0", "K");
    rig.run(Operation::Test).await.answer.unwrap();
    assert_eq!(rig.world.seen().opened, 2);
}

#[tokio::test(start_paused = true)]
async fn fw15_a_facade_unused_for_120_minutes_is_disposed_of_with_its_instances() {
    let mut rig = Rig::new();
    rig.configuration.pool.min_evictable_idle_time_millis = i64::MAX;
    rig.run(Operation::Test).await.answer.unwrap();
    sleep(119 * MINUTE).await;
    assert_eq!(rig.world.seen().disposed, 0);
    rig.run(Operation::Test).await.answer.unwrap();
    sleep(119 * MINUTE).await;
    assert_eq!(rig.world.lives(), (1, 0), "its use was the start of a new life");
    sleep(3 * MINUTE).await;
    assert_eq!(rig.world.seen().disposed, 1);
    rig.run(Operation::Test).await.answer.unwrap();
    let seen = rig.world.seen();
    assert_eq!((seen.opened, seen.validated), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_facade_in_use_is_not_disposed_of() {
    let rig = Rig::new();
    rig.world.knobs().work = 300 * MINUTE;
    let mut endless = rig.configuration.clone();
    endless.timeouts.insert(ApiOperation::Test, i32::MAX);
    let rig = Rig { configuration: endless, ..rig };
    let running = rig.start(Operation::Test, call());
    sleep(299 * MINUTE).await;
    assert_eq!(rig.world.seen().disposed, 0);
    running.await.unwrap().answer.unwrap();
}

#[tokio::test(start_paused = true)]
async fn beyond_the_limit_the_facade_unused_for_longest_goes() {
    let options = DispatchOptions { facade_limit: 2, ..DispatchOptions::default() };
    let mut rig = Rig::with_options::<K<true>>(options);
    let mut use_note = async |note: &str| {
        rig.set("note", note);
        rig.run(Operation::Test).await.answer.unwrap();
        sleep(millis(10)).await;
        rig.world.seen().disposed
    };
    assert_eq!(use_note("1").await, 0);
    assert_eq!(use_note("2").await, 0);
    assert_eq!(use_note("1").await, 0);
    assert_eq!(use_note("3").await, 1, "2 had to go");
    assert_eq!(use_note("1").await, 1, "1 is still there");
}
