//! Sparing the target: how many operations at a time and in a second, and what happens when it keeps failing.

use std::collections::BTreeMap;
use std::time::Duration;

use icf::ApiOperation;
use icf_wire::rpc::Operation;
use rcs::dispatch::{Breaker, DispatchOptions, Protection};
use tokio::time::{Instant, advance};

use crate::k::K;
use crate::rig::{Rig, call, millis};

const SECOND: Duration = Duration::from_secs(1);

fn protected(protection: Protection) -> Rig {
    let protection = BTreeMap::from([("bundle".to_owned(), protection)]);
    Rig::with_options::<K<true>>(DispatchOptions { protection, ..DispatchOptions::default() })
}

/// Starts so many test operations; answers when each ended, in milliseconds, or what it failed with.
async fn run(rig: &Rig, count: usize) -> Vec<Result<u128, String>> {
    let begun = Instant::now();
    let mut calls = Vec::new();
    for _ in 0..count {
        let running = rig.start(Operation::Test, call());
        calls.push(tokio::spawn(async move {
            let outcome = running.await.unwrap();
            let ended = begun.elapsed().as_millis();
            if outcome.answer.is_ok() { Ok(ended) } else { Err(outcome.failure()) }
        }));
        tokio::task::yield_now().await;
    }
    let mut ended = Vec::new();
    for call in calls {
        ended.push(call.await.unwrap().map_err(|(class, text)| {
            assert_eq!(class, "RetryableException", "{text}");
            text
        }));
    }
    ended
}

#[tokio::test(start_paused = true)]
async fn so_many_at_a_time_and_the_others_wait() {
    let rig = protected(Protection { concurrency: Some(2), wait: 3 * SECOND, ..Protection::default() });
    rig.world.knobs().work = millis(2_000);
    let ended = run(&rig, 5).await;
    assert_eq!(ended[..4], [Ok(2_000), Ok(2_000), Ok(4_000), Ok(4_000)]);
    let refused =
        "The target of K is protected: 2 operations are running already and none ended within 3 s. Try again";
    assert_eq!(ended[4], Err(refused.to_owned()));
    assert_eq!(rig.world.seen().most_inside, 2);
}

#[tokio::test(start_paused = true)]
async fn so_many_in_a_second_and_the_others_wait() {
    let rig = protected(Protection { rate: Some(2), wait: SECOND, ..Protection::default() });
    let ended = run(&rig, 5).await;
    assert_eq!(ended[..4], [Ok(0), Ok(0), Ok(500), Ok(1_000)]);
    let refused = "The target of K is protected: 2 operations in a second are allowed; there is room again in 2 s. Try again";
    assert_eq!(ended[4], Err(refused.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_target_that_keeps_failing_is_left_alone_and_then_tried_once() {
    let breaker = Some(Breaker { failures: 3, pause: 30 * SECOND });
    let rig = protected(Protection { breaker, ..Protection::default() });
    rig.world.knobs().open_failures = 4;
    for _ in 0..3 {
        assert_eq!(rig.run(Operation::Test).await.failure().0, "ConnectionFailedException");
    }
    advance(10 * SECOND).await;
    let refused = "The target of K is protected: it failed 3 times in a row, last with ConnectionFailedException; \
        nothing is sent to it for another 21 s. Try again";
    assert_eq!(run(&rig, 1).await, [Err(refused.to_owned())]);
    assert_eq!(rig.world.knobs().open_failures, 1, "the target was not asked");
    advance(20 * SECOND).await;
    assert_eq!(rig.run(Operation::Test).await.failure().0, "ConnectionFailedException", "the trial failed");
    assert_eq!(rig.run(Operation::Test).await.failure().0, "RetryableException", "and the pause begins anew");
    advance(30 * SECOND).await;
    rig.world.knobs().work = millis(100);
    let ended = run(&rig, 2).await;
    assert_eq!(ended[0], Ok(100));
    assert!(ended[1].as_ref().is_err_and(|text| text.contains("another operation tries")), "{ended:?}");
    rig.run(Operation::Test).await.answer.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_is_a_failure_and_one_that_refuses_is_none() {
    let breaker = Some(Breaker { failures: 2, pause: 30 * SECOND });
    let mut rig = protected(Protection { breaker, ..Protection::default() });
    rig.world.knobs().unknown_uid = true;
    for _ in 0..5 {
        assert_eq!(rig.search(None, crate::rig::none()).await.failure().0, "UnknownUidException");
    }
    rig.world.knobs().work = millis(2_000);
    rig.limit(ApiOperation::Test, 1_000);
    for _ in 0..2 {
        assert_eq!(rig.run(Operation::Test).await.failure().0, "OperationTimeoutException");
    }
    let (class, text) = rig.run(Operation::Test).await.failure();
    assert_eq!(class, "RetryableException");
    assert!(text.contains("last with OperationTimeoutException"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn another_target_of_the_same_connector_has_limits_of_its_own() {
    let breaker = Some(Breaker { failures: 1, pause: 30 * SECOND });
    let mut rig = protected(Protection { breaker, ..Protection::default() });
    rig.world.knobs().open_failures = 1;
    assert_eq!(rig.run(Operation::Test).await.failure().0, "ConnectionFailedException");
    assert_eq!(rig.run(Operation::Test).await.failure().0, "RetryableException");
    rig.configuration.pool.max_objects += 1;
    rig.run(Operation::Test).await.answer.unwrap();
}
