//! Links opened with an access token.

use std::time::Duration;

use axum::http::StatusCode;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rcs::config::{OAuthSettings, ServerUrl, TokenEndpointAuthMethod};
use rcs::link::{Credentials, Dialer};
use rcs::tls::{Trust, client_config};
use rcs::token::TokenSource;

use crate::setup::{dial, dialer, options};
use crate::support::acceptor::{Acceptor, Answer};
use crate::support::token_endpoint::{Endpoint, Reply};

async fn with_token_from(endpoint: &Endpoint) -> Dialer {
    let settings = OAuthSettings {
        token_endpoint: endpoint.url(),
        client_id: "RCSClient".to_owned(),
        client_secret: "openidm".into(),
        scope: "fr:idm:*".to_owned(),
        auth_method: TokenEndpointAuthMethod::Auto,
        timeout: Duration::from_millis(500),
    };
    let tls = client_config(Trust::Anyone, None).await.expect("a configuration");
    let source =
        TokenSource::try_new(&settings, None, &tls, StdRng::seed_from_u64(1)).expect("sound settings");
    let mut options = options().await;
    options.credentials = Credentials::Token { source, client_id: settings.client_id };
    dialer(options)
}

async fn endpoint(script: impl Fn() -> Reply + Send + Sync + 'static) -> Endpoint {
    Endpoint::start("RCSClient", "openidm", move |_| script()).await
}

fn long() -> Reply {
    Reply::Token { expires_in: Some(3599) }
}

#[tokio::test]
async fn links_share_a_token() {
    let endpoint = endpoint(long).await;
    let mut acceptor = Acceptor::always(Answer::Accept).await;
    let dialer = with_token_from(&endpoint).await;
    for _ in 0..3 {
        dial(&dialer, &acceptor.url("/openicf/0")).await.expect("accepted");
        assert_eq!(acceptor.next().await.header("Authorization"), Some("Bearer token-0"));
    }
    assert_eq!(endpoint.requests().len(), 1);
}

#[tokio::test]
async fn wire_c03_an_outdated_token_is_replaced_within_the_attempt() {
    let endpoint = endpoint(long).await;
    let mut acceptor = Acceptor::start(None, |head, _| {
        if head.contains("Authorization: Bearer token-1\r\n") {
            Answer::Accept
        } else {
            Answer::status("401 Unauthorized", "")
        }
    })
    .await;
    dial(&with_token_from(&endpoint).await, &acceptor.url("/openicf/0")).await.expect("accepted");
    assert_eq!(acceptor.next().await.header("Authorization"), Some("Bearer token-0"));
    assert_eq!(acceptor.next().await.header("Authorization"), Some("Bearer token-1"));
}

#[tokio::test]
async fn wire_c03_a_tenant_that_refuses_every_token_costs_one_new_token() {
    let endpoint = endpoint(long).await;
    let mut acceptor = Acceptor::always(Answer::status("401 Unauthorized", "")).await;
    let dialer = with_token_from(&endpoint).await;
    for _ in 0..3 {
        let text = dial(&dialer, &acceptor.url("/openicf/0")).await.map(drop).expect_err("refused");
        assert!(text.contains("401 - Unauthorized"), "{text}");
        assert!(text.contains("client \"RCSClient\""), "{text}");
    }
    assert_eq!(endpoint.requests().len(), 2);
    for token in ["token-0", "token-1", "token-1", "token-1"] {
        let expected = format!("Bearer {token}");
        assert_eq!(acceptor.next().await.header("Authorization"), Some(expected.as_str()));
    }
    assert!(acceptor.is_idle());
}

#[tokio::test]
async fn without_a_token_nothing_is_dialled_and_the_reason_is_told() {
    for (reply, refusal, reason) in [
        (Reply::InvalidClient, true, "invalid_client"),
        (Reply::Text(StatusCode::INTERNAL_SERVER_ERROR, String::new()), false, "answered 500"),
        (Reply::Hang, false, "did not answer within 0.5 s"),
    ] {
        let endpoint = endpoint(move || reply.clone()).await;
        let mut acceptor = Acceptor::always(Answer::Accept).await;
        let dialer = with_token_from(&endpoint).await;
        let url = acceptor.url("/openicf/0");
        let text = dial(&dialer, &url).await.map(drop).expect_err("no token");
        assert!(text.contains("no access token: "), "{text}");
        assert!(text.contains(reason), "{text}");
        let error =
            dialer.dial(&ServerUrl::parse(&url).expect("a URL")).await.map(drop).expect_err("no token");
        assert_eq!(error.is_refusal(), refusal, "{reason}");
        assert!(acceptor.is_idle());
    }
}
