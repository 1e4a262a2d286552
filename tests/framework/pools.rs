//! Instances: made, borrowed, given back, disposed of.

use icf::{ErrorKind, PoolConfiguration};
use icf_wire::rpc::Operation;
use tokio::time::{Instant, sleep};

use crate::k::K;
use crate::rig::{Rig, call, millis};

fn pooled(max_objects: i32, max_idle: i32, max_wait: i64) -> Rig {
    let mut rig = Rig::new();
    let min_idle = max_idle.min(1);
    rig.configuration.pool =
        PoolConfiguration { max_objects, max_idle, max_wait, min_idle, ..PoolConfiguration::default() };
    rig
}

#[tokio::test(start_paused = true)]
async fn fw16_never_more_than_max_objects_and_the_others_wait_in_order() {
    let rig = pooled(2, 2, 150_000);
    rig.world.knobs().work = millis(100);
    let started = Instant::now();
    let mut calls = Vec::new();
    for _ in 0..5 {
        let call = rig.start(Operation::Test, call());
        calls.push(async move {
            call.await.unwrap().answer.unwrap();
            started.elapsed()
        });
        tokio::task::yield_now().await;
    }
    let mut ended = Vec::new();
    for call in calls {
        ended.push(call.await.as_millis());
    }
    assert_eq!(ended, [100, 100, 200, 200, 300]);
    let seen = rig.world.seen();
    assert_eq!((seen.most_inside, seen.opened), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn fw17_the_wait_for_an_instance_is_counted_in_milliseconds() {
    let rig = pooled(1, 1, 200);
    rig.world.knobs().work = millis(1_000);
    let busy = rig.start_inside().await;
    let started = Instant::now();
    assert_eq!(rig.run(Operation::Test).await.failure(), ("ConnectorException".into(), "TimeOut".into()));
    assert_eq!(started.elapsed(), millis(200));
    busy.await.unwrap().answer.unwrap();
    rig.run(Operation::Test).await.answer.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_zero_is_none_at_all() {
    let rig = pooled(1, 1, 0);
    rig.world.knobs().work = millis(100);
    let busy = rig.start_inside().await;
    let started = Instant::now();
    assert_eq!(rig.run(Operation::Test).await.failure().1, "TimeOut");
    assert_eq!(started.elapsed(), millis(0));
    busy.await.unwrap().answer.unwrap();
}

#[tokio::test]
async fn fw18_contradictory_settings_are_refused() {
    let text = async |change: fn(&mut PoolConfiguration)| {
        let mut rig = Rig::new();
        change(&mut rig.configuration.pool);
        rig.run(Operation::Validate).await.answer.unwrap();
        let (class, text) = rig.run(Operation::Test).await.failure();
        assert_eq!(class, "IllegalArgumentException");
        text
    };
    assert_eq!(
        text(|pool| (pool.max_objects, pool.max_idle) = (1, 2)).await,
        "Max idle is greater than max objects."
    );
    assert_eq!(text(|pool| pool.min_idle = 11).await, "Min idle is greater than max idle.");
    assert_eq!(text(|pool| pool.min_idle = -1).await, "Min idle is less than zero.");
    assert_eq!(text(|pool| pool.max_objects = -1).await, "Max active is less than zero.");
    assert_eq!(text(|pool| pool.max_wait = -1).await, "Max wait is less than zero.");
}

#[tokio::test]
async fn fw19_an_instance_that_no_longer_works_is_replaced() {
    let rig = Rig::new();
    rig.run(Operation::Test).await.answer.unwrap();
    rig.world.knobs().dead = vec![Some(ErrorKind::ConnectionBroken)];
    rig.run(Operation::Test).await.answer.unwrap();
    let seen = rig.world.seen();
    assert_eq!((seen.opened, seen.disposed), (2, 1));
}

#[tokio::test]
async fn fw20_a_new_instance_that_does_not_work_is_the_error_of_the_call() {
    let rig = pooled(1, 1, 0);
    rig.world.knobs().dead = vec![Some(ErrorKind::ConnectionFailed)];
    assert_eq!(rig.run(Operation::Test).await.failure().0, "ConnectionFailedException");
    assert_eq!(rig.world.seen().disposed, 1);
    rig.run(Operation::Test).await.answer.unwrap();
}

#[tokio::test]
async fn fw21_no_place_is_lost_when_an_instance_cannot_be_made() {
    let rig = pooled(1, 1, 0);
    rig.world.knobs().open_failures = 20;
    for _ in 0..20 {
        assert_eq!(rig.run(Operation::Test).await.failure().0, "ConnectionFailedException");
    }
    rig.run(Operation::Test).await.answer.unwrap();
}

#[tokio::test]
async fn fw22_without_pool_every_call_has_its_own_instance() {
    let mut rig = Rig::of::<K<false>>();
    for wanted in [false, true] {
        // Wanted or not: a connector that cannot be pooled is not.
        rig.configuration.pooling = wanted;
        let before = rig.world.seen().opened;
        for calls in 1..=3 {
            rig.run(Operation::Test).await.answer.unwrap();
            let seen = rig.world.seen();
            assert_eq!((seen.opened, seen.disposed), (before + calls, before + calls));
        }
    }
}

#[tokio::test]
async fn a_caller_that_wants_no_pool_gets_none() {
    let mut rig = Rig::new();
    rig.configuration.pooling = false;
    for _ in 0..2 {
        rig.run(Operation::Test).await.answer.unwrap();
    }
    assert_eq!(rig.world.lives(), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn instances_idle_for_too_long_are_disposed_of_but_for_those_to_keep() {
    let rig = pooled(3, 3, 1_000);
    rig.world.knobs().work = millis(10);
    let calls: Vec<_> = (0..3).map(|_| rig.start(Operation::Test, call())).collect();
    for call in calls {
        call.await.unwrap().answer.unwrap();
    }
    sleep(millis(119_000)).await;
    assert_eq!(rig.world.seen().disposed, 0);
    sleep(millis(70_000)).await;
    assert_eq!(rig.world.seen().disposed, 2, "min idle is 1");
    rig.run(Operation::Test).await.answer.unwrap();
    assert_eq!(rig.world.seen().opened, 3, "the kept one is used");
}

#[tokio::test(start_paused = true)]
async fn without_idle_instances_each_is_disposed_of_when_it_comes_back() {
    let rig = pooled(2, 0, 1_000);
    for _ in 0..2 {
        rig.run(Operation::Test).await.answer.unwrap();
        sleep(millis(1)).await;
    }
    assert_eq!(rig.world.lives(), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn the_instance_idle_for_longest_is_used_first() {
    let rig = pooled(2, 2, 1_000);
    rig.world.knobs().work = millis(10);
    let first = rig.start_inside().await;
    sleep(millis(1)).await;
    let second = rig.start(Operation::Test, call());
    for call in [first, second] {
        call.await.unwrap().answer.unwrap();
    }
    for _ in 0..2 {
        rig.run(Operation::Test).await.answer.unwrap();
    }
    let ran_on = rig.world.seen().ran_on.clone();
    assert_eq!(ran_on[2..], ran_on[..2]);
}

#[tokio::test(start_paused = true)]
async fn a_pool_that_was_shut_down_serves_nobody() {
    let rig = pooled(1, 1, 150_000);
    rig.world.knobs().work = millis(100);
    let busy = rig.start_inside().await;
    let waiting = rig.start(Operation::Test, call());
    sleep(millis(10)).await;
    rig.dispatcher.shut_down().await;
    let (class, text) = waiting.await.unwrap().failure();
    assert_eq!((class.as_str(), text.as_str()), ("IllegalStateException", "Object pool already shutdown"));
    busy.await.unwrap().answer.unwrap();
    sleep(millis(10)).await;
    assert_eq!(rig.world.lives(), (1, 1), "a borrowed instance is disposed of when it comes back");
}
