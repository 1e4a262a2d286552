//! Limits of the service and of the configuration, and services that fail.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use icf::ErrorKind;
use icf_testkit::http::{FakeService, Reply};
use serde_json::json;

use crate::harness::{Scim, failure, kind, texts};
use crate::service::{asked, error, list_of, standard, user, users_page};

fn limited(seconds: &str) -> Reply {
    error(429, "", "slow down").header("retry-after", seconds)
}

#[tokio::test]
async fn scim_l01_a_short_limit_is_waited_for() {
    let count = AtomicUsize::new(0);
    let service = standard(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => limited("1"),
        _ => Reply::scim(201, &user("1", "a")),
    })
    .await;
    let begun = Instant::now();
    Scim::at(&service.url("/s")).create("__ACCOUNT__", texts([("__NAME__", "a")])).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(asked(&service).len(), 2);
}

#[tokio::test]
async fn scim_l02_a_long_limit_is_told_at_once() {
    let service = standard(|_| limited("120")).await;
    let begun = Instant::now();
    let scim = Scim::at(&service.url("/s")).within(Duration::from_secs(15));
    let (kind, message) = failure(scim.users().await);
    assert_eq!(kind, ErrorKind::Retryable);
    assert!(message.contains("120"), "{message}");
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert_eq!(asked(&service).len(), 1);
}

fn most_in_a_second(service: &FakeService) -> usize {
    let times: Vec<_> = service.received().iter().map(|request| request.at).collect();
    times
        .iter()
        .map(|start| {
            times
                .iter()
                .filter(|at| **at >= *start && at.duration_since(*start) < Duration::from_secs(1))
                .count()
        })
        .max()
        .unwrap()
}

#[tokio::test]
async fn scim_l03_the_configured_limit_holds_for_every_page() {
    let service = standard(|request| users_page(request, 6, 1)).await;
    let begun = Instant::now();
    let scim = Scim::with(&service.url("/s"), &[("readRateLimit", "2/sec".into())]);
    assert_eq!(scim.users().await.unwrap().len(), 6);
    assert!(begun.elapsed() >= Duration::from_secs(2));
    assert_eq!(most_in_a_second(&service), 2);
}

#[tokio::test]
async fn scim_l04_less_than_one_request_a_second() {
    let service = standard(|_| Reply::status(204)).await;
    let scim = Scim::with(&service.url("/s"), &[("writeRateLimit", "0.5/sec".into())]);
    scim.delete("__ACCOUNT__", "1").await.unwrap();
    scim.delete("__ACCOUNT__", "2").await.unwrap();
    let asked = asked(&service);
    assert!(asked[1].at.duration_since(asked[0].at) >= Duration::from_secs(2));
}

#[tokio::test]
async fn a_wait_for_the_configured_limit_that_does_not_fit_is_told_at_once() {
    let service = standard(|_| Reply::status(204)).await;
    let scim = Scim::with(&service.url("/s"), &[("writeRateLimit", "1/hour".into())]);
    scim.delete("__ACCOUNT__", "1").await.unwrap();
    let (kind, message) = failure(scim.delete("__ACCOUNT__", "2").await);
    assert_eq!(kind, ErrorKind::Retryable);
    assert!(message.contains("writeRateLimit"), "{message}");
}

#[tokio::test]
async fn scim_l05_an_unavailable_service_is_tried_with_growing_pauses() {
    let service = standard(|_| error(503, "", "down")).await;
    let (kind, message) = failure(Scim::at(&service.url("/s")).users().await);
    assert_eq!(kind, ErrorKind::ConnectionFailed);
    assert!(message.contains("down"), "{message}");
    let times: Vec<_> = asked(&service).iter().map(|request| request.at).collect();
    assert_eq!(times.len(), 4);
    let pauses: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(
        pauses[0] >= Duration::from_millis(400) && pauses[1] > pauses[0] && pauses[2] > pauses[1],
        "{pauses:?}"
    );
}

#[tokio::test]
async fn scim_l06_what_may_have_been_done_is_not_done_again() {
    let service = standard(|_| error(502, "", "bad gateway")).await;
    let outcome = Scim::at(&service.url("/s")).create("__ACCOUNT__", texts([("__NAME__", "a")])).await;
    assert_eq!(kind(outcome), ErrorKind::ConnectionFailed);
    assert_eq!(asked(&service).len(), 1);
}

#[tokio::test]
async fn scim_l07_a_service_that_wants_plain_json() {
    let service = standard(|request| match request.header("content-type") {
        Some("application/json") => Reply::json(201, &user("1", "a")),
        _ => error(415, "", "json please"),
    })
    .await;
    let scim = Scim::at(&service.url("/s"));
    scim.create("__ACCOUNT__", texts([("__NAME__", "a")])).await.unwrap();
    scim.create("__ACCOUNT__", texts([("__NAME__", "b")])).await.unwrap();
    assert_eq!(asked(&service).len(), 3, "it is remembered");
}

#[tokio::test]
async fn scim_l08_a_login_page_is_no_answer() {
    let service =
        standard(|_| Reply::text(200, "text/html", "<html><title>Sign in</title> token Bearer abc</html>"))
            .await;
    let (kind, message) = failure(Scim::at(&service.url("/s")).users().await);
    assert_eq!(kind, ErrorKind::ConnectorIo);
    assert!(
        message.contains("text/html") && message.contains("Sign in") && !message.contains("abc"),
        "{message}"
    );
}

#[tokio::test]
async fn a_storm_of_limits_ends_within_the_time_of_the_operation() {
    let service = standard(|_| limited("1")).await;
    let begun = Instant::now();
    let scim = Scim::at(&service.url("/s")).within(Duration::from_secs(4));
    assert_eq!(kind(scim.create("__ACCOUNT__", texts([("__NAME__", "a")])).await), ErrorKind::Retryable);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_service_that_does_not_answer_in_time() {
    let service = standard(|_| Reply::status(204).after(Duration::from_secs(60))).await;
    let begun = Instant::now();
    let scim = Scim::at(&service.url("/s")).within(Duration::from_secs(2));
    assert_eq!(
        kind(scim.update("__ACCOUNT__", "1", texts([("title", "T")])).await),
        ErrorKind::OperationTimeout
    );
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_list_without_end_is_bounded_by_its_repetitions() {
    let service = standard(|_| {
        Reply::scim(
            200,
            &json!({"totalResults": 1_000_000, "nextCursor": "again", "Resources": [user("1", "a")]}),
        )
    })
    .await;
    // It counts more than it shows, which is no list to go by.
    assert_eq!(kind(Scim::at(&service.url("/s")).users().await), ErrorKind::ConnectorIo);
    assert!(asked(&service).len() <= 3);
}

#[tokio::test]
async fn deep_json_is_refused() {
    let deep = format!(
        r#"{{"Resources":[{{"id":"1","userName":"a","x":{}1{}}}]}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    let service = standard(move |_| Reply::text(200, "application/json", deep.clone())).await;
    assert_eq!(kind(Scim::at(&service.url("/s")).users().await), ErrorKind::ConnectorIo);
}

#[tokio::test]
async fn a_lost_page_is_asked_for_again_and_nothing_comes_twice() {
    let count = AtomicUsize::new(0);
    let service = standard(move |request| match count.fetch_add(1, Ordering::SeqCst) {
        1 => Reply::hang_up(),
        _ => users_page(request, 12, 5),
    })
    .await;
    let users = Scim::at(&service.url("/s")).users().await.unwrap();
    assert_eq!((users.len(), asked(&service).len()), (12, 4));
    let empty = standard(|_| Reply::scim(200, &list_of(&[]))).await;
    assert!(Scim::at(&empty.url("/s")).users().await.unwrap().is_empty());
}
