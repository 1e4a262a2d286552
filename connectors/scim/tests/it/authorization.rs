//! Who the connector says it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use icf::{ErrorKind, Value};
use icf_testkit::http::{FakeProxy, FakeService, Received, Reply};
use rcgen::{CertificateParams, KeyPair};
use serde_json::json;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;

use crate::harness::{Scim, failure, kind, oauth_properties, secret, token_properties};
use crate::service::{Described, error, list_of};

/// A service and its token endpoint in one; `token` answers token requests.
async fn service(token: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> FakeService {
    with_answers(token, |_| Reply::scim(200, &list_of(&[]))).await
}

async fn with_answers(
    token: impl Fn(&Received) -> Reply + Send + Sync + 'static,
    answer: impl Fn(&Received) -> Reply + Send + Sync + 'static,
) -> FakeService {
    let described = Described::standard();
    FakeService::start(move |request| match request.path.as_str() {
        "/token" => token(request),
        _ => described.describe(request).unwrap_or_else(|| answer(request)),
    })
    .await
}

fn granted(token: &str, seconds: u64) -> Reply {
    Reply::json(200, &json!({"access_token": token, "token_type": "Bearer", "expires_in": seconds}))
}

fn token_requests(service: &FakeService) -> Vec<Received> {
    service.received().into_iter().filter(|request| request.path == "/token").collect()
}

fn resource_requests(service: &FakeService) -> Vec<Received> {
    service.received().into_iter().filter(|request| request.path == "/s/Users").collect()
}

fn oauth(service: &FakeService, more: &[(&'static str, Value)]) -> Scim {
    let mut properties = oauth_properties(&service.url(""));
    properties.extend_from_slice(more);
    Scim::new(&properties)
}

#[tokio::test]
async fn scim_a01_client_credentials_in_a_header() {
    let service = service(|_| granted("t1", 3600)).await;
    oauth(&service, &[("scope", "a b".into())]).users().await.unwrap();
    let asked = token_requests(&service);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].method, "POST");
    assert_eq!(asked[0].header("authorization"), Some("Basic Y2xpZW50OnNlY3JldA=="));
    assert_eq!(asked[0].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(asked[0].text(), "grant_type=client_credentials&scope=a+b");
    assert_eq!(resource_requests(&service)[0].header("authorization"), Some("Bearer t1"));
}

#[tokio::test]
async fn scim_a02_client_credentials_in_the_form() {
    let service = service(|_| granted("t1", 3600)).await;
    let more = [("useBasicAuthForOauthTokenNeg", false.into()), ("clientSecret", secret("a&b=c+d"))];
    oauth(&service, &more).users().await.unwrap();
    let asked = token_requests(&service);
    assert_eq!(asked[0].header("authorization"), None);
    assert_eq!(asked[0].text(), "grant_type=client_credentials&client_id=client&client_secret=a%26b%3Dc%2Bd");
}

#[tokio::test]
async fn scim_a03_the_other_way_is_found_and_renewals_go_it_at_once() {
    let served = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&served);
    let service = with_answers(
        |request| match request.header("authorization") {
            Some(_) => Reply::json(400, &json!({"error": "invalid_client"})),
            None => granted("t1", 3600),
        },
        move |_| match count.fetch_add(1, Ordering::SeqCst) {
            1 => error(401, "", ""),
            _ => Reply::scim(200, &list_of(&[])),
        },
    )
    .await;
    let scim = oauth(&service, &[("providerProfile", "auto".into())]);
    scim.users().await.unwrap();
    scim.users().await.unwrap();
    let ways: Vec<_> = token_requests(&service).iter().map(|r| r.header("authorization").is_some()).collect();
    assert_eq!(ways, [true, false, false]);
    let form = "grant_type=client_credentials&client_id=client&client_secret=secret";
    assert!(token_requests(&service)[1..].iter().all(|request| request.text() == form));
    // Where the profile says how, nothing else is tried.
    let basic = [("providerOverrides", r#"{"tokenAuth":"basic"}"#.into())];
    assert_eq!(kind(oauth(&service, &basic).users().await), ErrorKind::InvalidCredential);
    assert_eq!(token_requests(&service).len(), 4);
}

#[tokio::test]
async fn scim_a04_a_token_serves_many_calls() {
    let service = service(|_| granted("t1", 3600)).await;
    let scim = oauth(&service, &[]);
    scim.users().await.unwrap();
    scim.users().await.unwrap();
    assert_eq!(token_requests(&service).len(), 1);
}

#[tokio::test]
async fn scim_a05_a_token_is_renewed_a_minute_before_its_end() {
    let service = service(|_| granted("t1", 70)).await;
    let scim = oauth(&service, &[]);
    scim.users().await.unwrap();
    scim.users().await.unwrap();
    assert_eq!(token_requests(&service).len(), 1, "within the first seconds it serves");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(15)).await;
    tokio::time::resume();
    scim.users().await.unwrap();
    assert_eq!(token_requests(&service).len(), 2);
}

#[tokio::test]
async fn scim_a06_a_refused_token_is_replaced_once() {
    let service = with_answers(
        {
            let number = AtomicUsize::new(0);
            move |_| granted(&format!("t{}", number.fetch_add(1, Ordering::SeqCst)), 3600)
        },
        |request| match request.header("authorization") {
            Some("Bearer t0") => error(401, "", "expired"),
            _ => Reply::scim(200, &list_of(&[])),
        },
    )
    .await;
    oauth(&service, &[]).users().await.unwrap();
    assert_eq!(resource_requests(&service).len(), 2);
    assert_eq!(token_requests(&service).len(), 2);
}

#[tokio::test]
async fn scim_a07_a_second_refusal_stands() {
    let service = with_answers(|_| granted("t", 3600), |_| error(401, "", "no")).await;
    let scim = oauth(&service, &[]);
    assert_eq!(kind(scim.users().await), ErrorKind::InvalidCredential);
    assert_eq!(resource_requests(&service).len(), 2);
}

#[tokio::test]
async fn scim_a08_a_rotated_refresh_token_is_used_and_handed_back() {
    let served = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&served);
    let service = with_answers(
        |request| match request.text().contains("refresh_token=r1") {
            true => {
                Reply::json(200, &json!({"access_token": "t1", "expires_in": 3600, "refresh_token": "r2"}))
            }
            false => Reply::json(200, &json!({"access_token": "t2", "expires_in": 3600})),
        },
        move |_| match count.fetch_add(1, Ordering::SeqCst) {
            1 => error(401, "", ""),
            _ => Reply::scim(200, &list_of(&[])),
        },
    )
    .await;
    let scim = oauth(&service, &[("grantType", "refresh_token".into()), ("refreshToken", secret("r1"))]);
    scim.users().await.unwrap();
    let changes = scim.changes.lock().unwrap().clone();
    assert_eq!(changes.len(), 1);
    let told = changes[0].iter().find(|(name, _)| *name == "refreshToken").unwrap();
    assert_eq!(told.1, secret("r2"));
    scim.users().await.unwrap();
    let asked: Vec<_> = token_requests(&service).iter().map(Received::text).collect();
    assert_eq!(
        asked,
        ["grant_type=refresh_token&refresh_token=r1", "grant_type=refresh_token&refresh_token=r2"]
    );
    assert_eq!(scim.changes.lock().unwrap().len(), 1, "an unchanged token is no change");
}

#[tokio::test]
async fn scim_a09_an_ended_grant_is_not_tried_again() {
    let service = service(|_| {
        Reply::json(400, &json!({"error": "invalid_grant", "error_description": "token was revoked"}))
    })
    .await;
    let scim = oauth(&service, &[("grantType", "refresh_token".into()), ("refreshToken", secret("r1"))]);
    let (kind, message) = failure(scim.users().await);
    assert_eq!(kind, ErrorKind::InvalidCredential);
    assert!(message.contains("invalid_grant") && message.contains("token was revoked"), "{message}");
    assert_eq!(token_requests(&service).len(), 1);
}

#[tokio::test]
async fn scim_a10_a_refresh_without_client() {
    let service = service(|_| granted("t1", 3600)).await;
    let more = [
        ("grantType", "refresh_token".into()),
        ("refreshToken", secret("r/1")),
        ("clientId", Value::Null),
        ("clientSecret", Value::Null),
        ("providerProfile", "beyondtrust".into()),
    ];
    oauth(&service, &more).users().await.unwrap();
    let asked = token_requests(&service);
    assert_eq!(asked[0].text(), "grant_type=refresh_token&refresh_token=r%2F1");
    assert_eq!(asked[0].header("authorization"), None);
}

#[tokio::test]
async fn scim_a11_a_fixed_token_behind_its_word() {
    let service = service(|_| Reply::status(500)).await;
    let mut properties = token_properties(&service.url("/s"));
    properties.push(("authorizationTokenPrefix", "SSWS".into()));
    Scim::new(&properties).users().await.unwrap();
    assert_eq!(resource_requests(&service)[0].header("authorization"), Some("SSWS tok"));
}

#[tokio::test]
async fn basic_goes_along_with_every_request() {
    let service = service(|_| Reply::status(500)).await;
    let mut properties = token_properties(&service.url("/s"));
    properties.extend([
        ("authenticationMethod", "basic".into()),
        ("user", "ü".into()),
        ("password", secret("p")),
    ]);
    Scim::new(&properties).users().await.unwrap();
    assert!(service.received().iter().all(|r| r.header("authorization") == Some("Basic w7w6cA==")));
}

#[tokio::test]
async fn scim_a12_many_calls_wait_for_one_token() {
    let service = service(|_| granted("t1", 3600).after(Duration::from_millis(100))).await;
    let scim = Arc::new(oauth(&service, &[]));
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let scim = Arc::clone(&scim);
        calls.spawn(async move { scim.users().await.unwrap() });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    assert_eq!(token_requests(&service).len(), 1);
}

#[tokio::test]
async fn scim_a13_a_token_without_end_serves_until_it_is_refused() {
    let service = service(|_| {
        Reply::json(
            200,
            &json!({"access_token": "t1", "issued_at": "1", "colour": ["blue"], "token_type": "x"}),
        )
    })
    .await;
    let scim = oauth(&service, &[]);
    scim.users().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(100_000)).await;
    tokio::time::resume();
    scim.users().await.unwrap();
    assert_eq!(token_requests(&service).len(), 1);
}

#[tokio::test]
async fn an_answer_without_token_says_so() {
    for reply in [Reply::text(200, "text/html", "<html>"), Reply::json(200, &json!({"token": "x"}))] {
        let service = service(move |_| reply.clone()).await;
        let (kind, message) = failure(oauth(&service, &[]).users().await);
        assert_eq!(kind, ErrorKind::ConnectorSecurity);
        assert!(message.contains("status 200"), "{message}");
    }
}

fn certificate(names: &[&str]) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let configuration = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    Arc::new(configuration)
}

async fn secure(names: &[&str]) -> FakeService {
    let described = Described::standard();
    FakeService::start_tls(certificate(names), move |request| match request.path.as_str() {
        "/token" => granted("t1", 3600),
        _ => described.describe(request).unwrap_or_else(|| Reply::scim(200, &list_of(&[]))),
    })
    .await
}

#[tokio::test]
async fn scim_a14_each_switch_lifts_one_check() {
    let (accept, any) = ("acceptSelfSignedCertificates", "disableHostNameVerifier");
    let service = secure(&["localhost"]).await;
    let endpoint = format!("https://localhost:{}/s", service.address().port());
    let (kind, message) = failure(Scim::at(&endpoint).users().await);
    assert_eq!(kind, ErrorKind::ConnectionFailed);
    assert!(message.to_lowercase().contains("certificate"), "{message}");
    Scim::with(&endpoint, &[(accept, true.into())]).users().await.unwrap();
    assert_eq!(
        failure(Scim::with(&endpoint, &[(any, true.into())]).users().await).0,
        ErrorKind::ConnectionFailed,
        "the other switch does not make it known"
    );
    let other = secure(&["other.example"]).await;
    let endpoint = format!("https://localhost:{}/s", other.address().port());
    let (kind, message) = failure(Scim::with(&endpoint, &[(accept, true.into())]).users().await);
    assert_eq!(kind, ErrorKind::ConnectionFailed, "the name is still compared: {message}");
    Scim::with(&endpoint, &[(accept, true.into()), (any, true.into())]).users().await.unwrap();
}

#[tokio::test]
async fn scim_a15_a_proxy_gets_its_own_credentials_for_all_requests() {
    let service = secure(&["pws.example.com", "auth.example.com"]).await;
    let proxy = FakeProxy::start(service.address()).await;
    let mut properties = oauth_properties("https://pws.example.com");
    properties.extend([
        ("httpProxyHost", "127.0.0.1".into()),
        ("httpProxyPort", i32::from(proxy.address().port()).into()),
        ("httpProxyUsername", "pu".into()),
        ("httpProxyPassword", secret("pp")),
        ("acceptSelfSignedCertificates", true.into()),
        ("tokenEndpoint", "https://auth.example.com/token".into()),
    ]);
    Scim::new(&properties).users().await.unwrap();
    let heads = proxy.heads();
    for host in ["pws.example.com", "auth.example.com"] {
        let asked = format!("CONNECT {host}:443 HTTP/1.1\r\n");
        assert!(heads.iter().any(|head| head.starts_with(&asked)), "{heads:?}");
    }
    for head in &heads {
        assert!(head.to_lowercase().contains("proxy-authorization: basic chu6cha="), "{head}");
    }
    let paths: Vec<_> = service.received().iter().map(|request| request.path.clone()).collect();
    assert!(paths.contains(&"/token".to_owned()) && paths.contains(&"/s/Users".to_owned()), "{paths:?}");
    assert!(service.received().iter().all(|request| request.header("proxy-authorization").is_none()));
}

#[tokio::test]
async fn a_proxy_without_tls_gets_whole_addresses() {
    let service = service(|_| granted("t1", 3600)).await;
    let mut properties = oauth_properties("http://pws.example.com");
    properties.extend([
        ("httpProxyHost", "127.0.0.1".into()),
        ("httpProxyPort", i32::from(service.address().port()).into()),
        ("httpProxyUsername", "pu".into()),
        ("httpProxyPassword", secret("pp")),
    ]);
    Scim::new(&properties).users().await.unwrap();
    assert!(!token_requests(&service).is_empty() && !resource_requests(&service).is_empty());
    for request in service.received() {
        assert_eq!(request.header("host"), Some("pws.example.com"));
        assert_eq!(request.header("proxy-authorization"), Some("Basic cHU6cHA="));
    }
}

#[tokio::test]
async fn an_assertion_is_signed_and_sent() {
    let service = service(|_| granted("t1", 3600)).await;
    let more = [
        ("grantType", "jwt_bearer".into()),
        ("clientSecret", Value::Null),
        ("jwtKey", secret("a-shared-secret-of-32-characters")),
        ("jwtAlgorithm", "HS256".into()),
        ("jwtExpiration", 120.into()),
        ("scope", "scim".into()),
    ];
    oauth(&service, &more).users().await.unwrap();
    let form = token_requests(&service)[0].text();
    let fields: Vec<_> = form.split('&').map(|field| field.split_once('=').unwrap()).collect();
    let named = |name: &str| fields.iter().find(|(key, _)| *key == name).unwrap().1;
    assert_eq!(named("grant_type"), "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer");
    assert_eq!(named("scope"), "scim");
    let parts: Vec<_> = named("assertion").split('.').collect();
    // {"alg":"HS256"... begins so in base64, and three parts there are.
    assert!(parts.len() == 3 && parts[0].starts_with("eyJ") && parts[2].len() == 43, "{form}");
    assert_eq!(resource_requests(&service)[0].header("authorization"), Some("Bearer t1"));
    let without = [("grantType", "jwt_bearer".into()), ("clientSecret", Value::Null)];
    assert!(failure(oauth(&service, &without).users().await).1.contains("jwtKey"));
}
