//! Requests over real sockets: what is bounded, what is followed, what is repeated.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what a test expects and does not find ends the test")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use icf::{CallContext, ErrorKind};
use icf_http::{
    Answer, Budget, ConnectionSettings, Credentials, Fault, Grant, IdentitySettings, Method, OAuthSettings,
    Request, Service, ServiceSettings, TrustSettings, Url, Way,
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

/// Serves one connection after the other: the first ones are reset in the middle of the body.
async fn resetting(resets: usize) -> (String, Arc<AtomicUsize>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let served = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&served);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let number = count.fetch_add(1, Ordering::SeqCst);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n{\"a\"").await.unwrap();
            stream.flush().await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            if number < resets {
                stream.set_zero_linger().unwrap();
            } else {
                stream.write_all(b": 1}").await.unwrap();
            }
        }
    });
    (url, served)
}

#[tokio::test]
async fn a_reset_in_the_middle_of_a_body() {
    let (url, served) = resetting(1).await;
    let answer = get(&url).await.unwrap();
    assert_eq!((answer.body.as_ref(), served.load(Ordering::SeqCst)), (br#"{"a": 1}"#.as_slice(), 2));
    let (url, served) = resetting(9).await;
    let fault = send(settings(), Method::POST, &url).await.unwrap_err();
    assert_eq!((fault.kind(), served.load(Ordering::SeqCst)), (ErrorKind::ConnectionBroken, 1));
    let (url, served) = resetting(9).await;
    let fault = send(settings(), Method::PUT, &url).await.unwrap_err();
    assert_eq!((fault.kind(), served.load(Ordering::SeqCst)), (ErrorKind::ConnectionBroken, 3));
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_a_server_that_asks_for_it() {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
    use tokio_rustls::rustls::crypto::aws_lc_rs;
    use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
    use tokio_rustls::rustls::server::WebPkiClientVerifier;
    use tokio_rustls::rustls::{RootCertStore, ServerConfig};

    let folder = tempfile::tempdir().unwrap();
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority_certificate = authority.self_signed(&key).unwrap();
    let issuer = rcgen::Issuer::from_params(&authority, &key);
    let issued = |name: &str| {
        let own = KeyPair::generate().unwrap();
        (CertificateParams::new([name.to_owned()]).unwrap().signed_by(&own, &issuer).unwrap(), own)
    };
    let ((server, server_key), (client, client_key)) = (issued("localhost"), issued("client"));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority_certificate.der().clone()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let configuration = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![server.der().clone()],
            PrivatePkcs8KeyDer::from(server_key.serialize_der()).into(),
        )
        .unwrap();
    let fake = FakeService::start_tls(Arc::new(configuration), |_| Reply::status(204)).await;
    let url = format!("https://localhost:{}/x", fake.address().port());
    let (roots, own) = (folder.path().join("roots.pem"), folder.path().join("client.pem"));
    std::fs::write(&roots, authority_certificate.pem()).unwrap();
    std::fs::write(&own, format!("{}{}", client.pem(), client_key.serialize_pem())).unwrap();
    let with = |identity: Option<IdentitySettings>| {
        let mut settings = ServiceSettings { tls: true, ..settings() };
        settings.connection.trust.more_roots = vec![roots.clone()];
        settings.connection.identity = identity;
        settings
    };
    let shown = IdentitySettings { path: own, alias: None, password: None };
    assert_eq!(send(with(Some(shown)), Method::GET, &url).await.unwrap().status, 204);
    assert!(send(with(None), Method::GET, &url).await.is_err(), "nobody gets in without one");
    let missing = IdentitySettings { path: folder.path().join("nobody.pem"), alias: None, password: None };
    let fault = send(with(Some(missing)), Method::GET, &url).await.unwrap_err();
    assert!(fault.to_string().starts_with("Property clientCertAlias"), "{fault}");
}
