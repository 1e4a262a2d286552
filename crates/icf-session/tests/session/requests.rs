//! Requests over healthy links.

use std::time::Duration;

use icf_session::{Closed, SessionEvent};
use icf_wire::session::{Delivery, EngineConfig, Failure};

use crate::peers::{Pair, read_all, search, test, validate};

#[tokio::test(start_paused = true)]
async fn a_test_is_answered() {
    let pair = Pair::new();
    pair.connect().await;
    let mut pending = pair.ask(test()).await;
    assert!(matches!(pending.next().await, Some(Delivery::End(_))));
    assert!(pending.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn wire_c75_a_slow_reader_gets_all_of_100_000_results() {
    let pair = Pair::new();
    pair.connect().await;
    let pending = pair.ask(search(100_000)).await;
    // The application does not look for a while; the links are drained all the same.
    tokio::time::sleep(Duration::from_secs(50)).await;
    assert_eq!(pair.tenant.counters().items_received, 100_000);
    assert_eq!(read_all(pending).await, Ok(100_000));
}

#[tokio::test(start_paused = true)]
async fn an_application_too_far_behind_loses_its_request_and_what_it_holds_is_bounded_in_bytes() {
    let pair = Pair::with(EngineConfig { max_waiting: 4 << 20, ..EngineConfig::default() });
    pair.connect().await;
    let mut pending = pair.ask(search(100_000)).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(pair.server.executing(), 0, "it was cancelled");
    let mut bytes = 0;
    loop {
        match pending.next().await {
            Some(Delivery::Item(item)) => bytes += item.size(),
            Some(Delivery::Failed(failure)) => break assert_eq!(failure, Failure::TooMuchWaiting),
            other => panic!("{other:?}"),
        }
    }
    assert!((2 << 20..=4 << 20).contains(&bytes), "{bytes}");
    // Another answer is not concerned.
    assert_eq!(read_all(pair.ask(search(1_000)).await).await, Ok(1_000));
}

#[tokio::test(start_paused = true)]
async fn many_searches_share_the_links() {
    let pair = Pair::new();
    pair.connect().await;
    pair.connect().await;
    let mut searches = Vec::new();
    for _ in 0..20 {
        searches.push(tokio::spawn(read_all(pair.ask(search(2_000)).await)));
    }
    for search in searches {
        assert_eq!(search.await.unwrap(), Ok(2_000));
    }
    assert_eq!(pair.tenant.counters().items_repeated, 0);
}

#[tokio::test(start_paused = true)]
async fn dropping_a_request_cancels_it_at_the_peer() {
    let pair = Pair::new();
    pair.connect().await;
    let mut pending = pair.ask(search(1_000_000)).await;
    assert!(matches!(pending.next().await, Some(Delivery::Item(_))));
    assert_eq!(pair.server.executing(), 1);
    drop(pending);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(pair.server.executing(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_for_a_link_and_gives_up_in_time() {
    let pair = Pair::new();
    let link = pair.connect().await;
    let group = pair.group();
    link.kill("cut by the test");
    link.closed().await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    let started = tokio::time::Instant::now();
    assert!(pair.tenant.request(group, test(), Duration::from_secs(5)).await.is_err());
    assert_eq!(started.elapsed().as_secs(), 5);
    let waiting = {
        let tenant = pair.tenant.clone();
        tokio::spawn(async move { tenant.request(group, test(), Duration::from_secs(30)).await.is_ok() })
    };
    tokio::time::sleep(Duration::from_secs(3)).await;
    pair.connect().await;
    assert!(waiting.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_closes_every_link_with_1000() {
    let mut pair = Pair::new();
    pair.connect().await;
    pair.connect().await;
    pair.server.shutdown(Duration::from_secs(5)).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    let mut codes = Vec::new();
    while let Ok(event) = pair.events.try_recv() {
        if let SessionEvent::LinkClosed { closed: Closed::ByPeer { code, .. }, .. } = event {
            codes.push(code);
        }
    }
    assert_eq!(codes, [1000, 1000]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_the_handler_forgot_is_an_error() {
    let pair = Pair::new();
    pair.connect().await;
    let mut pending = pair.ask(validate()).await;
    let Some(Delivery::Failed(failure)) = pending.next().await else { panic!("expected a failure") };
    assert!(failure.to_string().contains("RetryableException"), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn wire_c66_a_configuration_change_nobody_knows_hurts_nobody() {
    let mut pair = Pair::new();
    pair.connect().await;
    let group = pair.server.groups()[0].id;
    pair.server.notify_configuration_change(group, "unknown".into(), "x".into());
    let mut test = pair.ask(test()).await;
    assert!(matches!(test.next().await, Some(Delivery::End(_))));
    let told = std::iter::from_fn(|| pair.events.try_recv().ok())
        .filter(|event| matches!(event, SessionEvent::ConfigurationChanged { .. }))
        .count();
    assert_eq!(told, 1, "told once, and not answered");
}

/// Links are replaced all the time while 8 searches run: nothing is lost, nothing comes twice.
#[tokio::test(start_paused = true)]
async fn wire_c79_rotation_under_load_loses_nothing() {
    // No moment of rest between two rotations, so that many happen while results flow.
    let pair = Pair::with(EngineConfig { retire_linger: Duration::ZERO, ..EngineConfig::default() });
    let mut oldest = pair.connect().await;
    let mut newest = pair.connect().await;
    let mut searches = Vec::new();
    for _ in 0..8 {
        searches.push(tokio::spawn(read_all(pair.ask(search(20_000)).await)));
    }
    let mut rotations = 0;
    while searches.iter().any(|search| !search.is_finished()) {
        let next = pair.connect().await;
        oldest.retire();
        assert_eq!(oldest.closed().await, Closed::ByUs { reason: "replaced" });
        oldest = std::mem::replace(&mut newest, next);
        rotations += 1;
        let mut test = pair.ask(test()).await;
        assert!(matches!(test.next().await, Some(Delivery::End(_))));
    }
    for search in searches {
        assert_eq!(search.await.unwrap(), Ok(20_000));
    }
    assert!(rotations > 10, "{rotations}");
    assert_eq!(pair.tenant.counters().items_received, 160_000);
    assert_eq!(pair.tenant.counters().items_repeated, 0);
    assert_eq!(pair.server.counters().messages_repeated, 0);
}
