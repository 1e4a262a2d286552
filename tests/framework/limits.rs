//! Time limits and cancellation.

use std::time::Duration;

use icf::{ApiOperation, CancellationToken, ConnectorObject, ErrorKind, PoolConfiguration};
use icf_wire::rpc::{Answer, Operation, UpdateKind};
use rcs::dispatch::{Call, DispatchOptions};
use tokio::time::{Instant, sleep};

use crate::k::K;
use crate::rig::{Rig, Taken, call, create, equals, get, millis, none, search_for, texts, update};
use crate::variants::Events;
use crate::world::{u1, u2, uid};

fn replace() -> Operation {
    update(UpdateKind::Replace, "u1", vec![texts("a", &["z"])])
}

fn one_instance(rig: &mut Rig) {
    rig.configuration.pool =
        PoolConfiguration { max_objects: 1, max_idle: 1, ..PoolConfiguration::default() };
}

fn objects(count: usize) -> Vec<ConnectorObject> {
    let object = |number| ConnectorObject { uid: uid(&format!("u{number}")), ..u1() };
    (0..count).map(object).collect()
}

#[tokio::test(start_paused = true)]
async fn fw50_an_expired_call_is_answered_at_once_and_its_instance_not_used_again() {
    let mut rig = Rig::new();
    one_instance(&mut rig);
    rig.limit(ApiOperation::Update, 200);
    rig.world.knobs().work = millis(1_000);
    rig.world.knobs().stubborn = true;
    let started = Instant::now();
    let (class, text) = rig.run(replace()).await.failure();
    assert_eq!(started.elapsed(), millis(200));
    assert_eq!(class, "OperationTimeoutException");
    assert_eq!(text, "Operation Update of K did not end within 200 ms");
    assert_eq!(rig.world.seen().inside, 1, "the connector still runs");

    rig.world.knobs().work = millis(0);
    rig.run(Operation::Test).await.answer.unwrap();
    assert_eq!(started.elapsed(), millis(1_000), "the only place in the pool was taken until then");
    let seen = rig.world.seen();
    assert_eq!((seen.opened, seen.disposed, seen.most_inside), (2, 1, 1));
    assert_ne!(seen.ran_on[0], seen.ran_on[1]);
}

#[tokio::test(start_paused = true)]
async fn fw50_a_connector_that_minds_is_told_and_one_that_does_not_is_dropped_after_five_seconds() {
    for (stubborn, expected) in [(false, 200), (true, 5_200)] {
        let mut rig = Rig::new();
        one_instance(&mut rig);
        rig.limit(ApiOperation::Update, 200);
        rig.world.knobs().work = Duration::from_secs(3_600);
        rig.world.knobs().stubborn = stubborn;
        let started = Instant::now();
        assert_eq!(rig.run(replace()).await.failure().0, "OperationTimeoutException");
        rig.world.knobs().work = millis(0);
        rig.run(Operation::Test).await.answer.unwrap();
        assert_eq!(started.elapsed(), millis(expected));
        let seen = rig.world.seen();
        assert_eq!((seen.cancelled, seen.opened, seen.disposed), (usize::from(!stubborn), 2, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn fw51_the_limit_of_a_search_is_for_each_object() {
    let mut rig = Rig::new();
    rig.limit(ApiOperation::Search, 200);
    rig.world.knobs().objects = objects(10);
    rig.world.knobs().gaps = vec![millis(150)];
    assert_eq!(rig.search(None, none()).await.objects().len(), 10);

    rig.world.knobs().gaps = vec![millis(150), millis(150), millis(300), millis(150)];
    let started = Instant::now();
    let outcome = rig.search(None, none()).await;
    assert_eq!(outcome.items.len(), 2);
    assert_eq!(started.elapsed(), millis(500));
    let error = outcome.answer.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::OperationTimeout);
    assert_eq!(error.to_string(), "Operation Search of K delivered nothing for 200 ms");
}

#[tokio::test(start_paused = true)]
async fn fw52_a_slow_receiver_is_not_the_connectors_fault() {
    let mut rig = Rig::new();
    rig.limit(ApiOperation::Search, 200);
    rig.world.knobs().objects = objects(10);
    let slow = || Taken::slow(millis(1_000));
    assert_eq!(rig.run_into(search_for(None, none()), slow()).await.objects().len(), 10);
    // And yet the connector's own time does count, from the moment at which the receiver is ready again.
    rig.world.knobs().gaps = vec![millis(0), millis(0), millis(1_300)];
    let started = Instant::now();
    let outcome = rig.run_into(search_for(None, none()), slow()).await;
    assert_eq!(outcome.items.len(), 2);
    assert_eq!(*outcome.answer.unwrap_err().kind(), ErrorKind::OperationTimeout);
    assert_eq!(started.elapsed(), millis(1_200));
}

#[tokio::test(start_paused = true)]
async fn fw52_nor_is_it_when_the_object_it_kept_waiting_does_not_match() {
    let mut rig = Rig::new();
    rig.limit(ApiOperation::Search, 200);
    rig.world.knobs().objects = vec![u1(), u2(), u1()];
    rig.world.knobs().gaps = vec![millis(0), millis(0), millis(150)];
    let search = search_for(equals("__NAME__", &["n1"]), none());
    assert_eq!(rig.run_into(search, Taken::slow(millis(1_000))).await.objects().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn fw53_zero_means_at_once_or_sixty_seconds() {
    let mut rig = Rig::new();
    rig.limit(ApiOperation::Get, 0);
    rig.limit(ApiOperation::Search, 0);
    let started = Instant::now();
    assert_eq!(rig.run(get("u1")).await.failure().0, "OperationTimeoutException");
    assert_eq!(started.elapsed(), millis(0));
    rig.world.knobs().gaps = vec![millis(59_000)];
    assert_eq!(rig.search(None, none()).await.objects().len(), 2);
    rig.world.knobs().gaps = vec![millis(61_000)];
    let started = Instant::now();
    assert_eq!(rig.search(None, none()).await.failure().0, "OperationTimeoutException");
    assert_eq!(started.elapsed(), millis(60_000));
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_an_instance_counts() {
    let mut rig = Rig::new();
    one_instance(&mut rig);
    rig.world.knobs().work = millis(500);
    let busy = rig.start_inside().await;
    rig.limit(ApiOperation::Test, 200);
    assert_eq!(rig.run(Operation::Test).await.failure().0, "OperationTimeoutException");
    busy.await.unwrap().answer.unwrap();
    assert_eq!(rig.world.seen().ran_on.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_expired_before_it_had_an_instance_does_not_begin() {
    let mut rig = Rig::new();
    rig.limit(ApiOperation::Create, 200);
    rig.world.knobs().opening = millis(500);
    assert_eq!(rig.run(create(vec![])).await.failure().0, "OperationTimeoutException");
    sleep(millis(1_000)).await;
    assert_eq!((rig.world.lives(), rig.world.seen().created), ((1, 1), 0));
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_the_operators_cap_applies_and_subscriptions_have_none() {
    let options =
        DispatchOptions { max_operation_time: Some(Duration::from_secs(10)), ..DispatchOptions::default() };
    let mut rig = Rig::with_options::<K<true>>(options.clone());
    rig.limit(ApiOperation::Create, -1);
    rig.limit(ApiOperation::Test, 60_000);
    rig.world.knobs().work = Duration::from_secs(30);
    rig.world.knobs().gaps = vec![Duration::from_secs(11)];
    let started = Instant::now();
    assert_eq!(rig.run(create(vec![])).await.failure().0, "OperationTimeoutException");
    assert_eq!(started.elapsed(), Duration::from_secs(10));
    assert_eq!(rig.search(None, none()).await.failure().0, "OperationTimeoutException");
    assert_eq!(rig.run(Operation::Test).await.answer.unwrap(), Answer::Done, "its own limit is longer");

    let rig = Rig::with_options::<Events>(options);
    let call = call();
    let cancellation = call.cancellation.clone();
    let subscription = rig.start(crate::subscriptions::objects(None), call);
    sleep(Duration::from_secs(100)).await;
    assert!(!subscription.is_finished());
    cancellation.cancel();
    subscription.await.unwrap().answer.unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_limit_and_cap_a_call_may_take_for_ever() {
    let options = DispatchOptions { max_operation_time: None, ..DispatchOptions::default() };
    let rig = Rig::with_options::<K<true>>(options);
    rig.world.knobs().work = Duration::from_secs(1_000_000);
    rig.run(Operation::Test).await.answer.unwrap();
}

fn cancellable() -> (Call, CancellationToken) {
    let call = call();
    let token = call.cancellation.clone();
    (call, token)
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_search_stops_at_the_next_object_and_its_instance_is_used_again() {
    let rig = Rig::new();
    rig.world.knobs().objects = objects(10);
    rig.world.knobs().gaps = vec![millis(100)];
    let (call, token) = cancellable();
    let search = rig.start(search_for(None, none()), call);
    sleep(millis(250)).await;
    token.cancel();
    let started = Instant::now();
    let outcome = search.await.unwrap();
    assert_eq!(outcome.items.len(), 2);
    assert_eq!(outcome.answer.unwrap(), Answer::SearchEnd(None));
    assert_eq!(started.elapsed(), millis(50));
    rig.run(Operation::Test).await.answer.unwrap();
    assert_eq!(rig.world.seen().opened, 1);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_search_that_waits_for_its_receiver_stops_too() {
    let rig = Rig::new();
    let (call, token) = cancellable();
    let never_ready = Taken::slow(Duration::from_secs(1_000_000));
    let (request, dispatcher) = (rig.request(search_for(None, none())), rig.dispatcher.clone());
    let search = tokio::spawn(async move { dispatcher.run(request, call, never_ready).await });
    sleep(millis(10)).await;
    token.cancel();
    let started = Instant::now();
    let (taken, answer) = search.await.unwrap();
    assert_eq!((taken.items.len(), started.elapsed()), (1, millis(0)));
    answer.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_whose_connector_does_not_mind_is_dropped_after_five_seconds() {
    let rig = Rig::new();
    rig.world.knobs().work = Duration::from_secs(1_000);
    rig.world.knobs().stubborn = true;
    let (call, token) = cancellable();
    let test = rig.start(Operation::Test, call);
    sleep(millis(10)).await;
    token.cancel();
    let started = Instant::now();
    assert_eq!(test.await.unwrap().failure().0, "CancellationException");
    assert_eq!(started.elapsed(), Duration::from_secs(5));
    sleep(millis(1)).await;
    let seen = rig.world.seen();
    assert_eq!((seen.inside, seen.disposed), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_connector_that_never_waits_can_be_cancelled() {
    let rig = Rig::new();
    rig.world.knobs().objects = objects(100_000);
    let (call, token) = cancellable();
    let search = rig.start(search_for(None, none()), call);
    while rig.world.seen().inside == 0 {
        tokio::task::yield_now().await;
    }
    token.cancel();
    let items = search.await.unwrap().items.len();
    assert!(items < 100_000, "{items} objects");
}

#[tokio::test(start_paused = true)]
async fn the_connector_knows_its_limits() {
    let mut rig = Rig::new();
    rig.limit(ApiOperation::Update, 500);
    rig.limit(ApiOperation::Search, 300);
    rig.run(replace()).await.answer.unwrap();
    rig.search(None, none()).await.answer.unwrap();
    rig.run(Operation::Test).await.answer.unwrap();
    let hour = Duration::from_secs(3_600);
    let limits = rig.world.seen().limits.clone();
    assert_eq!(limits, [(Some(millis(500)), None), (None, Some(millis(300))), (Some(hour), None)]);
}

#[tokio::test(start_paused = true)]
async fn what_a_connector_has_delivered_does_not_wait_with_it() {
    let rig = Rig::new();
    rig.world.knobs().objects = objects(4);
    rig.world.knobs().gaps = vec![millis(0), millis(100), millis(0), millis(100)];
    let request = rig.request(search_for(None, none()));
    let (taken, answer) = rig.dispatcher.run(request, call(), Taken::default()).await;
    answer.unwrap();
    let mut flushed = taken.flushed;
    flushed.dedup();
    flushed.retain(|items| *items > 0);
    assert_eq!(flushed, [1, 3], "before each wait, and not for each item");
}
