//! Token requests against an endpoint that is strict about the protocol (RFC 6749) and misbehaves on demand.

#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rcs::config::{OAuthSettings, ProxySettings, TokenEndpointAuthMethod};
use rcs::tls::{Trust, client_config};
use rcs::token::{TokenError, TokenSource};
use tokio::time::timeout;

use support::HANG_GUARD;
use support::connect_proxy::{Conduct, ConnectProxy};
use support::token_endpoint::{Endpoint, Reply};

const SECRET: &str = "s3cr:t &+/ä";

fn settings(endpoint: &Endpoint) -> OAuthSettings {
    OAuthSettings {
        token_endpoint: endpoint.url(),
        client_id: "RCS Client".to_owned(),
        client_secret: SECRET.into(),
        scope: "fr:idm:*".to_owned(),
        auth_method: TokenEndpointAuthMethod::Auto,
        timeout: Duration::from_secs(30),
    }
}

async fn source(settings: &OAuthSettings, proxy: Option<&ProxySettings>) -> TokenSource {
    let tls = client_config(Trust::Anyone, None).await.expect("a configuration");
    TokenSource::try_new(settings, proxy, &tls, StdRng::seed_from_u64(1)).expect("sound settings")
}

async fn failure(endpoint: &Endpoint) -> TokenError {
    let mut settings = settings(endpoint);
    settings.timeout = Duration::from_millis(500);
    let source = source(&settings, None).await;
    let result = timeout(HANG_GUARD, source.token()).await.expect("an end");
    let error = result.map(drop).expect_err("no token");
    assert!(!format!("{error} {error:?}").contains(SECRET), "the secret is shown: {error:?}");
    error
}

#[tokio::test]
async fn the_request_is_as_rfc_6749_wants_it() {
    let endpoint = Endpoint::start("RCS Client", SECRET, |_| Reply::Token { expires_in: Some(3599) }).await;
    let source = source(&settings(&endpoint), None).await;
    assert_eq!(source.token().await.expect("granted").expose(), "token-0");
    let requests = endpoint.requests();
    assert_eq!(requests.len(), 1);
    // "RCS Client" and the secret form-url-encoded, then base64: RCS+Client:s3cr%3At+%26%2B%2F%C3%A4
    assert_eq!(
        requests[0].authorization.as_deref(),
        Some("Basic UkNTK0NsaWVudDpzM2NyJTNBdCslMjYlMkIlMkYlQzMlQTQ=")
    );
    assert_eq!(requests[0].body, "grant_type=client_credentials&scope=fr%3Aidm%3A*");
    assert_eq!(requests[0].query.as_deref(), Some("realm=alpha&x=%2F"), "the query string survives");
    let status = source.status();
    assert_eq!((status.granted, status.failures, status.last_error), (1, 0, None));
    assert!(
        status.expires_in.is_some_and(|left| left > Duration::from_secs(3500)),
        "{:?}",
        status.expires_in
    );
}

#[tokio::test]
async fn after_invalid_client_the_secret_goes_in_the_body_and_this_is_remembered() {
    let endpoint = Endpoint::start("RCS Client", SECRET, |request| {
        if request.authorization.is_some() {
            Reply::InvalidClient
        } else {
            Reply::Token { expires_in: Some(0) }
        }
    })
    .await;
    let source = source(&settings(&endpoint), None).await;
    source.token().await.expect("granted");
    source.token().await.expect("granted");
    let requests = endpoint.requests();
    let shown: Vec<_> = requests.iter().map(|request| request.authorization.is_some()).collect();
    assert_eq!(shown, [true, false, false], "Basic is not tried again");
    assert_eq!(
        requests[1].body,
        "grant_type=client_credentials&scope=fr%3Aidm%3A*&client_id=RCS+Client&client_secret=s3cr%3At+%26%2B%2F%C3%A4"
    );
}

#[tokio::test]
async fn a_forced_way_is_the_only_one() {
    for (method, basic) in [(TokenEndpointAuthMethod::Basic, true), (TokenEndpointAuthMethod::Post, false)] {
        let endpoint = Endpoint::start("RCS Client", SECRET, |_| Reply::InvalidClient).await;
        let mut settings = settings(&endpoint);
        settings.auth_method = method;
        source(&settings, None).await.token().await.map(drop).expect_err("refused");
        let requests = endpoint.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].authorization.is_some(), basic);
    }
}

#[tokio::test]
async fn wrong_credentials_are_named_after_both_ways() {
    let endpoint = Endpoint::start("RCS Client", "another", |_| Reply::Token { expires_in: None }).await;
    let error = failure(&endpoint).await;
    assert_eq!(endpoint.requests().len(), 2);
    let text = error.to_string();
    assert!(text.contains("answered 401 invalid_client (Client authentication failed)"), "{text}");
    assert!(text.contains("check clientId, clientSecret"), "{text}");
}

#[tokio::test]
async fn a_401_without_invalid_client_is_not_tried_the_other_way() {
    let endpoint =
        Endpoint::start("RCS Client", SECRET, |_| Reply::Text(StatusCode::UNAUTHORIZED, "who?".into())).await;
    let error = failure(&endpoint).await;
    assert!(matches!(error, TokenError::Refused { status: 401, error: None, .. }), "{error:?}");
    assert_eq!(endpoint.requests().len(), 1);
}

#[tokio::test]
async fn refusals_and_nonsense_are_told_apart() {
    let token = |json: &str| Reply::Text(StatusCode::OK, json.into());
    let cases: [(Reply, &str); 9] = [
        (
            Reply::Text(StatusCode::INTERNAL_SERVER_ERROR, "boom".into()),
            "answered 500: the fault is on that side",
        ),
        (Reply::Text(StatusCode::NOT_FOUND, String::new()), "check the URL in tokenEndpoint"),
        (
            Reply::Text(
                StatusCode::BAD_REQUEST,
                r#"{"error":"invalid_scope","error_description":"no such\nscope"}"#.into(),
            ),
            "400 invalid_scope (no such scope): check scope",
        ),
        (
            Reply::Text(
                StatusCode::BAD_REQUEST,
                format!(r#"{{"error":"x","error_description":"bad {SECRET}!"}}"#),
            ),
            "400 x (bad ***!)",
        ),
        (token("<html>Sign in</html>"), "not the expected JSON (line 1, column 1)"),
        (token("{}"), "no access_token"),
        (token(r#"{"access_token":"a b"}"#), "not a text that fits a header"),
        (token(r#"{"access_token":"t","token_type":"mac"}"#), "token_type is \"mac\""),
        (token(&"x".repeat(1024 * 1024)), "more than 262144 bytes"),
    ];
    for (reply, hint) in cases {
        let endpoint = Endpoint::start("RCS Client", SECRET, move |_| reply.clone()).await;
        let text = failure(&endpoint).await.to_string();
        assert!(text.contains(hint), "{hint}: {text}");
    }
}

#[tokio::test]
async fn the_secret_does_not_follow_a_redirect() {
    let elsewhere = Endpoint::start("RCS Client", SECRET, |_| Reply::Token { expires_in: None }).await;
    let target = elsewhere.url();
    let endpoint = Endpoint::start("RCS Client", SECRET, move |_| Reply::Redirect(target.clone())).await;
    let text = failure(&endpoint).await.to_string();
    assert!(text.contains("answered 307: check the URL in tokenEndpoint"), "{text}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_hanging_endpoint_costs_the_configured_time_and_no_more() {
    for reply in [Reply::Hang, Reply::Trickle] {
        let endpoint = Endpoint::start("RCS Client", SECRET, move |_| reply.clone()).await;
        let began = Instant::now();
        let error = failure(&endpoint).await;
        assert!(matches!(error, TokenError::Timeout { .. }), "{error:?}");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_named_with_the_reason() {
    let endpoint = Endpoint::gone().await;
    let text = failure(&endpoint).await.to_string();
    assert!(text.contains("cannot reach the token endpoint"), "{text}");
    assert!(text.contains("Connection refused"), "{text}");
}

#[tokio::test]
async fn unknown_members_and_odd_lifetimes_are_taken() {
    for (json, least, most) in [
        (
            r#"{"access_token":"t","expireTime":"soon","expires_in":"600","scope":["a"],"x":{"y":[1]}}"#,
            590,
            600,
        ),
        (r#"{"access_token":"t","token_type":"bearer"}"#, 290, 300),
        (r#"{"access_token":"t","expires_in":1e99}"#, 2_591_990, 2_592_000),
        (r#"{"access_token":"t","expires_in":-5}"#, 0, 0),
        (r#"{"access_token":"t","expires_in":null}"#, 290, 300),
    ] {
        let endpoint =
            Endpoint::start("RCS Client", SECRET, |_| Reply::Text(StatusCode::OK, json.into())).await;
        let source = source(&settings(&endpoint), None).await;
        assert_eq!(source.token().await.expect("granted").expose(), "t");
        let left = source.status().expires_in.unwrap_or_default().as_secs_f64().ceil();
        assert!((f64::from(least)..=f64::from(most)).contains(&left), "{json}: {left}");
    }
}

#[tokio::test]
async fn callers_at_once_cause_one_request() {
    let endpoint = Endpoint::start("RCS Client", SECRET, |_| Reply::Late).await;
    let source = source(&settings(&endpoint), None).await;
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let source = source.clone();
            tokio::spawn(async move { source.token().await.expect("granted").expose().to_owned() })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.expect("no panic"), "token-0");
    }
    assert_eq!(endpoint.requests().len(), 1);
}

#[tokio::test]
async fn requests_go_through_the_proxy_of_the_links() {
    let endpoint = Endpoint::start_tls("RCS Client", SECRET, |_| Reply::Token { expires_in: None }).await;
    // user:secret
    let proxy = ConnectProxy::start(endpoint.address, Conduct::TunnelFor("Basic dXNlcjpzZWNyZXQ=")).await;
    let mut settings = settings(&endpoint);
    settings.token_endpoint = "https://am.example/access_token?realm=alpha".parse().expect("a URL");
    let mut through = ProxySettings {
        host: proxy.address.ip().to_string(),
        port: proxy.address.port(),
        credentials: Some(rcs::config::BasicCredentials {
            principal: "user".into(),
            password: "secret".into(),
        }),
    };
    let source_with = source(&settings, Some(&through)).await;
    assert_eq!(source_with.token().await.expect("granted").expose(), "token-0");
    assert!(proxy.heads()[0].starts_with("CONNECT am.example:443 HTTP/1.1\r\n"), "{}", proxy.heads()[0]);
    assert_eq!(endpoint.requests()[0].query.as_deref(), Some("realm=alpha"));

    through.credentials = None;
    let error = source(&settings, Some(&through)).await.token().await.map(drop).expect_err("refused");
    assert!(error.to_string().contains("proxy"), "{error}");
}
