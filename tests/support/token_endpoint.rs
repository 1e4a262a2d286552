//! A token endpoint: checks the request as an authorization server would, then replies as scripted.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use super::HANG_GUARD;
use super::certificates::Authority;

/// What a sound request with the right secret is answered with.
#[derive(Clone)]
pub(crate) enum Reply {
    /// `token-N`, N counting from 0.
    Token { expires_in: Option<u64> },
    /// The same, after a while.
    Late,
    /// 401.
    InvalidClient,
    /// Anything.
    Text(StatusCode, String),
    /// 307 to this address.
    Redirect(url::Url),
    /// No answer.
    Hang,
    /// A head, and then one byte now and then.
    Trickle,
}

/// A request as it was received.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) authorization: Option<String>,
    pub(crate) query: Option<String>,
    pub(crate) body: String,
}

pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    id: &'static str,
    secret: &'static str,
    script: Box<dyn Fn(&Seen) -> Reply + Send + Sync>,
    seen: Mutex<Vec<Seen>>,
}

impl Endpoint {
    pub(crate) async fn start(
        id: &'static str,
        secret: &'static str,
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let (listener, endpoint) = Self::bind(id, secret, script).await;
        let app = Router::new().fallback(answer).with_state(Arc::clone(&endpoint.shared));
        tokio::spawn(async move { axum::serve(listener, app).await.expect("serving") });
        endpoint
    }

    pub(crate) async fn start_tls(
        id: &'static str,
        secret: &'static str,
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let (listener, endpoint) = Self::bind(id, secret, script).await;
        let app = Router::new().fallback(answer).with_state(Arc::clone(&endpoint.shared));
        let acceptor = TlsAcceptor::from(Authority::new().server(&["am.example"]).serve());
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.expect("accepting");
                let (acceptor, service) = (acceptor.clone(), TowerToHyperService::new(app.clone()));
                tokio::spawn(async move {
                    let stream = TokioIo::new(acceptor.accept(tcp).await.expect("TLS"));
                    let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    server.serve_connection(stream, service).await.expect("serving");
                });
            }
        });
        endpoint
    }

    /// An address where nobody listens.
    pub(crate) async fn gone() -> Self {
        Self::bind("", "", |_| Reply::Hang).await.1
    }

    async fn bind(
        id: &'static str,
        secret: &'static str,
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> (TcpListener, Self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let shared = Arc::new(Shared { id, secret, script: Box::new(script), seen: Mutex::default() });
        (listener, Self { address, shared })
    }

    pub(crate) fn url(&self) -> url::Url {
        format!("http://{}/am/oauth2/access_token?realm=alpha&x=%2F", self.address).parse().expect("a URL")
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.shared.seen.lock().expect("not poisoned").clone()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let text = |name| parts.headers.get(name).map(|value| value.to_str().expect("ASCII").to_owned());
    let form = text(header::CONTENT_TYPE).as_deref() == Some("application/x-www-form-urlencoded");
    if parts.method != "POST" || !form {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request", "Grant type is not set");
    }
    let bytes = axum::body::to_bytes(body, 64 * 1024).await.expect("a body");
    let seen = Seen {
        authorization: text(header::AUTHORIZATION),
        query: parts.uri.query().map(str::to_owned),
        body: String::from_utf8(bytes.to_vec()).expect("a form"),
    };
    let number = {
        let mut all = shared.seen.lock().expect("not poisoned");
        all.push(seen.clone());
        all.len() - 1
    };
    if !knows(&shared, &seen) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed");
    }
    reply((shared.script)(&seen), number).await
}

fn knows(shared: &Shared, seen: &Seen) -> bool {
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect();
    let member = |name: &str| pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    assert_eq!(member("grant_type"), Some("client_credentials"));
    assert_eq!(member("scope"), Some("fr:idm:*"));
    let Some(value) = &seen.authorization else {
        return member("client_id") == Some(shared.id) && member("client_secret") == Some(shared.secret);
    };
    assert_eq!(member("client_secret"), None, "shown in two ways at once");
    let decoded = STANDARD.decode(value.strip_prefix("Basic ").expect("Basic")).expect("base64");
    let decoded = String::from_utf8(decoded).expect("ASCII");
    let (id, secret) = decoded.split_once(':').expect("a pair");
    let plain = |text: &str| {
        let pair = format!("x={text}");
        url::form_urlencoded::parse(pair.as_bytes()).next().expect("a pair").1.into_owned()
    };
    plain(id) == shared.id && plain(secret) == shared.secret
}

async fn reply(reply: Reply, number: usize) -> Response {
    match reply {
        Reply::Token { expires_in } => token(number, expires_in),
        Reply::Late => {
            sleep(Duration::from_millis(200)).await;
            token(number, Some(3600))
        }
        Reply::InvalidClient => {
            refuse(StatusCode::UNAUTHORIZED, "invalid_client", "Invalid authentication method")
        }
        Reply::Redirect(url) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, url.to_string())]).into_response()
        }
        Reply::Text(status, text) => (status, text).into_response(),
        Reply::Hang => {
            sleep(HANG_GUARD).await;
            StatusCode::OK.into_response()
        }
        Reply::Trickle => Body::from_stream(stream::unfold((), |()| async {
            sleep(Duration::from_millis(50)).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), ()))
        }))
        .into_response(),
    }
}

fn token(number: usize, expires_in: Option<u64>) -> Response {
    let life = expires_in.map(|seconds| format!(r#","expires_in":{seconds}"#)).unwrap_or_default();
    let json =
        format!(r#"{{"access_token":"token-{number}","scope":"fr:idm:*","token_type":"Bearer"{life}}}"#);
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

fn refuse(status: StatusCode, error: &str, description: &str) -> Response {
    let json = format!(r#"{{"error_description":"{description}","error":"{error}"}}"#);
    (status, [(header::CONTENT_TYPE, "application/json")], json).into_response()
}
