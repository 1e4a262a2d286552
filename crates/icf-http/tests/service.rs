//! Requests over real sockets: what is bounded, what is followed, what is repeated.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test expects and does not find ends the test")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use icf::{CallContext, ErrorKind};
use icf_http::{
    Answer, Budget, ConnectionSettings, Credentials, Fault, Grant, Method, OAuthSettings, Request, Service,
    ServiceSettings, TrustSettings, Url, Way,
};
use icf_testkit::http::{FakeService, Reply};
use serde_json::json;

const LIMIT: usize = 64 * 1024;

fn settings() -> ServiceSettings {
    ServiceSettings {
        connection: ConnectionSettings {
            connections: 4,
            timeout: Duration::from_secs(5),
            compression: true,
            proxy: None,
            trust: TrustSettings::default(),
            identity: None,
            user_agent: "test".to_owned(),
        },
        credentials: Credentials::Token { prefix: "Bearer".to_owned(), token: "s3cret".into() },
        read_rate: None,
        write_rate: None,
        tls: false,
    }
}

async fn send(settings: ServiceSettings, method: Method, url: &str) -> Result<Answer, Fault> {
    let service = Service::open(settings, |_| true).await?;
    let budget = Budget::new(&CallContext::new("t"), Duration::from_secs(4));
    service.send(&budget, Request::new(method, Url::parse(url).unwrap(), LIMIT)).await
}

async fn get(url: &str) -> Result<Answer, Fault> {
    send(settings(), Method::GET, url).await
}

#[tokio::test]
async fn an_endless_body_meets_a_limit() {
    let fake = FakeService::start(|_| Reply::text(200, "application/json", vec![b' '; 4096]).endless()).await;
    let fault = get(&fake.url("/")).await.unwrap_err();
    assert!(matches!(fault, Fault::TooLarge { limit: LIMIT, .. }), "{fault}");
    assert_eq!(fault.kind(), ErrorKind::ConnectorIo);
}

#[tokio::test]
async fn a_slow_body_ends_with_the_time_of_the_operation() {
    let fake = FakeService::start(|_| {
        Reply::json(200, &json!({"a": "x".repeat(400)})).slowly(1, Duration::from_millis(100))
    })
    .await;
    let service = Service::open(settings(), |_| true).await.unwrap();
    let budget = Budget::new(&CallContext::new("t"), Duration::from_millis(500));
    let begun = Instant::now();
    let request = Request::new(Method::GET, Url::parse(&fake.url("/")).unwrap(), LIMIT);
    let fault = service.send(&budget, request).await.unwrap_err();
    assert!(matches!(fault, Fault::Timeout { .. }), "{fault}");
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_redirect_to_another_host_is_refused_and_gets_no_credentials() {
    let elsewhere = FakeService::start(|_| Reply::status(200)).await;
    let to = elsewhere.url("/x?code=1");
    let fake = FakeService::start(move |_| Reply::status(307).header("location", &to)).await;
    let fault = get(&fake.url("/")).await.unwrap_err();
    assert!(fault.to_string().contains("another origin") && !fault.to_string().contains("code=1"), "{fault}");
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn a_redirect_within_the_host_is_followed_twice() {
    let fake = FakeService::start(|request| match request.path.as_str() {
        "/a" => Reply::status(308).header("location", "/b"),
        "/b" => Reply::status(307).header("location", "c"),
        "/c" => Reply::json(200, &json!({})),
        "/moved" => Reply::status(302).header("location", "/c"),
        _ => Reply::status(307).header("location", "/loop"),
    })
    .await;
    assert_eq!(get(&fake.url("/a")).await.unwrap().status, 200);
    let asked: Vec<_> = fake.take();
    assert!(asked.iter().all(|request| request.header("authorization") == Some("Bearer s3cret")));
    assert!(get(&fake.url("/moved")).await.unwrap_err().to_string().contains("only 307 and 308"));
    assert!(get(&fake.url("/loop")).await.unwrap_err().to_string().contains("twice"));
}

#[tokio::test]
async fn a_bomb_is_measured_unpacked() {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![b' '; 10 * LIMIT]).unwrap();
    let packed = packed.finish().unwrap();
    assert!(packed.len() < LIMIT / 10);
    let fake = FakeService::start(move |request| {
        assert!(request.header("accept-encoding").unwrap().contains("gzip"));
        Reply::text(200, "application/json", packed.clone()).header("content-encoding", "gzip")
    })
    .await;
    assert!(matches!(get(&fake.url("/")).await.unwrap_err(), Fault::TooLarge { .. }));
}

#[tokio::test]
async fn compression_is_not_asked_for_when_it_is_off() {
    let fake = FakeService::start(|_| Reply::json(200, &json!({}))).await;
    let mut settings = settings();
    settings.connection.compression = false;
    send(settings, Method::GET, &fake.url("/")).await.unwrap();
    assert_eq!(fake.received()[0].header("accept-encoding"), None);
}

#[tokio::test]
async fn a_lost_connection_is_tried_again_only_where_that_does_no_harm() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let fake = FakeService::start(move |_| match seen.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::hang_up(),
        _ => Reply::status(404),
    })
    .await;
    let answer = send(settings(), Method::DELETE, &fake.url("/x")).await.unwrap();
    assert!(answer.uncertain && answer.status == 404);
    count.store(0, Ordering::SeqCst);
    let fault = send(settings(), Method::POST, &fake.url("/x")).await.unwrap_err();
    assert_eq!((fault.kind(), count.load(Ordering::SeqCst)), (ErrorKind::ConnectionBroken, 1));
}

#[tokio::test]
async fn cancelling_ends_a_request_at_once() {
    let fake = FakeService::start(|_| Reply::status(200).after(Duration::from_secs(30))).await;
    let service = Service::open(settings(), |_| true).await.unwrap();
    let cx = CallContext::new("t");
    let budget = Budget::new(&cx, Duration::from_secs(20));
    let request = Request::new(Method::GET, Url::parse(&fake.url("/")).unwrap(), LIMIT);
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        cx.cancellation().cancel();
    };
    let (outcome, ()) = tokio::join!(service.send(&budget, request), cancel);
    assert!(matches!(outcome.unwrap_err(), Fault::Cancelled));
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_there_may_be_connections() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, highest) = (Arc::clone(&now), Arc::clone(&most));
    let fake = FakeService::start(move |_| {
        highest.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let counted = Arc::clone(&counted);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(30)).await;
            counted.fetch_sub(1, Ordering::SeqCst);
        });
        Reply::status(200).after(Duration::from_millis(40))
    })
    .await;
    let service = Arc::new(Service::open(settings(), |_| true).await.unwrap());
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (service, url) = (Arc::clone(&service), Url::parse(&fake.url("/")).unwrap());
        calls.spawn(async move {
            let budget = Budget::new(&CallContext::new("t"), Duration::from_secs(20));
            service.send(&budget, Request::new(Method::GET, url, LIMIT)).await.unwrap();
        });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    assert!(most.load(Ordering::SeqCst) <= 4, "{most:?}");
}

fn refreshing(fake: &FakeService, token: &str) -> ServiceSettings {
    let oauth = OAuthSettings {
        endpoint: Url::parse(&fake.url("/token")).unwrap(),
        grant: Grant::RefreshToken(token.into()),
        client: None,
        scope: None,
        prefix: "Bearer".to_owned(),
        way: Way::Form,
        switch: false,
    };
    ServiceSettings { credentials: Credentials::OAuth(Box::new(oauth)), ..settings() }
}

#[tokio::test]
async fn a_refresh_token_is_used_once_however_many_configurations_hold_it() {
    // Each token request uses up a refresh token; a resource is refused when the number in its path says so.
    let issued = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&issued);
    let fake = FakeService::start(move |request| {
        let now = count.load(Ordering::SeqCst);
        if request.path != "/token" {
            let bearer = format!("Bearer a{now}");
            let ended = request.path == format!("/ended{now}");
            let fits = !ended && request.header("authorization") == Some(bearer.as_str());
            return Reply::status(if fits { 200 } else { 401 });
        }
        if request.text() != format!("grant_type=refresh_token&refresh_token=r{now}") {
            return Reply::json(400, &json!({"error": "invalid_grant"}));
        }
        count.store(now + 1, Ordering::SeqCst);
        Reply::json(
            200,
            &json!({"access_token": format!("a{}", now + 1), "refresh_token": format!("r{}", now + 1)}),
        )
    })
    .await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let open = async |name: &'static str, token: &str| {
        let told = Arc::clone(&told);
        let listener = move |token: icf::GuardedString| {
            told.lock().unwrap().push(format!("{name} {}", token.reveal().as_str()));
            name != "first"
        };
        Service::open(refreshing(&fake, token), listener).await.unwrap()
    };
    let status = async |service: &Service, path: &str| {
        let budget = Budget::new(&CallContext::new("t"), Duration::from_secs(4));
        let url = Url::parse(&fake.url(path)).unwrap();
        service.send(&budget, Request::new(Method::GET, url, LIMIT)).await.unwrap().status.as_u16()
    };
    let first = open("first", "r0").await;
    assert_eq!(status(&first, "/x").await, 200);
    // The caller makes a configuration of what it was told; another one still has the old token.
    let (second, late) = (open("second", "r1").await, open("late", "r0").await);
    drop(first);
    assert_eq!((status(&second, "/x").await, status(&late, "/x").await), (200, 200));
    assert_eq!(issued.load(Ordering::SeqCst), 1, "the access token at hand serves them all");
    assert_eq!(status(&late, "/ended1").await, 200);
    assert_eq!(issued.load(Ordering::SeqCst), 2);
    assert_eq!(*told.lock().unwrap(), ["first r1", "second r2", "late r2"]);
    // Once nobody uses any of them, nothing is remembered.
    drop((second, late));
    let again = open("again", "r0").await;
    let budget = Budget::new(&CallContext::new("t"), Duration::from_secs(4));
    let request = Request::new(Method::GET, Url::parse(&fake.url("/x")).unwrap(), LIMIT);
    assert_eq!(again.send(&budget, request).await.unwrap_err().kind(), ErrorKind::InvalidCredential);
}
