//! Against `oidc-provider`, a strict OAuth server that others wrote.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use icf::{ErrorKind, Value};
use icf_testkit::http::{FakeService, Received, Reply};

use crate::counterparts::Counterpart;
use crate::harness::{Scim, kind, oauth_properties, secret};
use crate::service::{Described, error, list_of};

const SCRIPT: &str = include_str!("../counterparts/tokens.js");

/// A service that takes any token until it is told that tokens have ended, and then any other one.
struct Guarded {
    service: FakeService,
    ended: Arc<AtomicBool>,
}

impl Guarded {
    async fn start() -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let (flag, described) = (Arc::clone(&ended), Described::standard());
        let refused = std::sync::Mutex::new(String::new());
        let service = FakeService::start(move |request| {
            let token = request.header("authorization").unwrap_or_default().to_owned();
            let mut refused = refused.lock().unwrap();
            if flag.swap(false, Ordering::SeqCst) {
                refused.clone_from(&token);
            }
            if !token.starts_with("Bearer ") || token == *refused {
                return error(401, "", "that token has ended");
            }
            described.describe(request).unwrap_or_else(|| Reply::scim(200, &list_of(&[])))
        })
        .await;
        Self { service, ended }
    }

    fn scim(&self, server: &Counterpart, more: &[(&'static str, Value)]) -> Scim {
        let mut properties = oauth_properties(&self.service.url(""));
        properties.extend([
            ("tokenEndpoint", format!("http://127.0.0.1:{}/token", server.port).into()),
            ("clientSecret", secret("s3cret-of-the-client")),
        ]);
        properties.extend_from_slice(more);
        Scim::new(&properties)
    }

    fn tokens(&self) -> Vec<String> {
        let token = |request: &Received| request.header("authorization").unwrap_or_default().to_owned();
        let mut tokens: Vec<_> = self.service.received().iter().map(token).collect();
        tokens.dedup();
        tokens
    }
}

#[tokio::test]
async fn a_strict_server_grants_to_clients_by_either_way() {
    for way in ["client_secret_basic", "client_secret_post"] {
        let (server, _) = Counterpart::script("tokens", SCRIPT, &["3600", way]);
        let guarded = Guarded::start().await;
        let scim = guarded.scim(&server, &[("scope", "scim".into())]);
        scim.users().await.unwrap();
        guarded.ended.store(true, Ordering::SeqCst);
        scim.users().await.unwrap();
        assert_eq!(guarded.tokens().len(), 2, "one token, and the one after it was refused");
        let wrong = guarded.scim(&server, &[("clientSecret", secret("wrong"))]);
        assert_eq!(kind(wrong.users().await), ErrorKind::InvalidCredential);
    }
}

#[tokio::test]
async fn refresh_tokens_that_are_replaced_at_every_use() {
    let (server, first) = Counterpart::script("tokens", SCRIPT, &[]);
    let guarded = Guarded::start().await;
    let with = |token: &Value| {
        let more = [("grantType", "refresh_token".into()), ("refreshToken", token.clone())];
        guarded.scim(&server, &more)
    };
    let told = |scim: &Scim| {
        let changes = scim.changes.lock().unwrap();
        let (_, token) = changes.last().unwrap().iter().find(|(name, _)| *name == "refreshToken").unwrap();
        (changes.len(), token.clone())
    };
    let scim = with(&secret(&first));
    for round in 1..=3 {
        scim.users().await.unwrap();
        assert_eq!(told(&scim).0, round);
        guarded.ended.store(true, Ordering::SeqCst);
    }
    // What the caller was told is what works; the one it began with has ended, and with it everything that came of it.
    let (_, last) = told(&scim);
    drop(scim);
    let scim = with(&last);
    scim.users().await.unwrap();
    let (_, after) = told(&scim);
    drop(scim);
    let outdated = with(&secret(&first));
    assert_eq!(kind(outdated.users().await), ErrorKind::InvalidCredential);
    assert_eq!(kind(with(&after).users().await), ErrorKind::InvalidCredential);
}
