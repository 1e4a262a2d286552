//! A small connector server for tests: dials the tenant over real sockets and answers from memory.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use icf::{Attribute, Flow};
use icf_session::{Execution, Handler, LinkHandle, Session};
use icf_wire::binary::Limits;
use icf_wire::envelope::HandshakeMessage;
use icf_wire::rpc::{Answer, Item, Operation, OperationRequest, Reply, connector_infos};
use icf_wire::session::{EngineConfig, Role};
use reqwest::Client;
use tenant::Tenant;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::{accept_hdr_async, client_async};

use crate::harness::{info, object, object42};
use crate::show;

/// What the server does when asked.
#[derive(Default)]
pub(crate) struct Behaviour {
    /// Objects of a search.
    pub(crate) objects: AtomicUsize,
    /// Answer reads never.
    pub(crate) silent: AtomicBool,
    log: Mutex<Vec<String>>,
}

impl Behaviour {
    pub(crate) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

struct Memory(Arc<Behaviour>);

impl Handler for Memory {
    fn start(&self, execution: Execution) {
        let behaviour = Arc::clone(&self.0);
        tokio::spawn(async move { execute(behaviour, execution).await });
    }
}

async fn execute(behaviour: Arc<Behaviour>, execution: Execution) {
    let Execution { request, mut responder, cancellation, .. } = execution;
    let request = match OperationRequest::from_message(*request, &Limits::default()) {
        Ok(request) => request,
        Err(error) => return responder.finish(icf_wire::rpc::failed(&error)),
    };
    let operation = request.operation;
    behaviour.log.lock().unwrap().push(show::operation(&operation));
    let mut reply = Reply::to(&operation);
    let answer = match &operation {
        Operation::Get { .. } if behaviour.silent.load(Ordering::Relaxed) => {
            cancellation.cancelled().await;
            return;
        }
        Operation::Get { .. } => Answer::Object(Some(Box::new(object42()))),
        Operation::Search { .. } => {
            for number in 0..behaviour.objects.load(Ordering::Relaxed) {
                if poll_fn(|cx| responder.poll_ready(cx)).await == Flow::Stop {
                    behaviour.log.lock().unwrap().push("stopped".to_owned());
                    return;
                }
                let found =
                    object(&format!("u{number}"), "n").with(Attribute::single("sn", number.to_string()));
                let (part, class) = reply.message(responder.message_id(), &Item::Object(found)).unwrap();
                responder.take(part, class);
                let _ = poll_fn(|cx| responder.poll_flush(cx)).await;
                tokio::task::yield_now().await;
            }
            Answer::SearchEnd(None)
        }
        _ => Answer::Done,
    };
    responder.finish(reply.end(&Ok(answer)));
}

/// A connector server.
#[derive(Clone)]
pub(crate) struct Rcs {
    pub(crate) behaviour: Arc<Behaviour>,
    session: Session,
    name: String,
    socket_url: String,
    token_url: String,
    token: Arc<Mutex<Option<String>>>,
}

impl Rcs {
    pub(crate) fn new(tenant: &Tenant, name: &str) -> Self {
        let behaviour = Arc::new(Behaviour::default());
        let handshake = HandshakeMessage { session_id: format!("SESSION-OF-{name}"), ..Default::default() };
        let config = EngineConfig { repeat_delay: Duration::from_millis(50), ..EngineConfig::default() };
        let (session, _) = Session::new(config, handshake, Memory(Arc::clone(&behaviour)));
        session.set_connector_infos(connector_infos(&[info("1.5.20.11")]).unwrap());
        Self {
            behaviour,
            session,
            name: name.to_owned(),
            socket_url: tenant.socket_url(0).replace("/openicf/0", "/openicf"),
            token_url: tenant.token_url(),
            token: Arc::default(),
        }
    }

    async fn token(&self) -> String {
        if let Some(token) = self.token.lock().unwrap().clone() {
            return token;
        }
        let client = Client::builder().no_proxy().build().unwrap();
        let form = [("grant_type", "client_credentials"), ("scope", "fr:idm:*")];
        let answer = client.post(&self.token_url).basic_auth("RCSClient", Some("openidm")).form(&form);
        let answer: serde_json::Value = answer.send().await.unwrap().json().await.unwrap();
        let token = answer["access_token"].as_str().unwrap().to_owned();
        *self.token.lock().unwrap() = Some(token.clone());
        token
    }

    pub(crate) fn forget_token(&self) {
        *self.token.lock().unwrap() = None;
    }

    /// Opens one socket to a node; the status when refused.
    pub(crate) async fn dial(&self, node: usize) -> Result<LinkHandle, u16> {
        let token = self.token().await;
        let url = format!("{}/{node}?connectorServerName={}", self.socket_url, self.name);
        let mut request = url.as_str().into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("Authorization", format!("Bearer {token}").parse().unwrap());
        headers.insert("Sec-WebSocket-Protocol", "v1.openicf.forgerock.org".parse().unwrap());
        let authority = request.uri().authority().unwrap().to_string().replace("localhost", "127.0.0.1");
        let tcp = TcpStream::connect(authority).await.unwrap();
        match client_async(request, tcp).await {
            Ok((socket, _)) => Ok(self.session.attach(socket, Role::Dialer, "tenant")),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(_) => Err(0),
        }
    }

    /// Opens one socket and waits until both sides know each other.
    pub(crate) async fn connect(&self, node: usize) -> LinkHandle {
        let link = self.dial(node).await.unwrap();
        link.ready().await.unwrap();
        link
    }

    /// Accepts sockets that show these Basic credentials, until dropped.
    pub(crate) async fn accept(self, listener: TcpListener, credentials: &str) {
        let expected = format!("Basic {}", STANDARD.encode(credentials));
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            #[allow(clippy::result_large_err, reason = "the library's callback has this type")]
            let check = |request: &Request, mut response: Response| {
                assert_eq!(request.uri().path(), "/openicf");
                assert_eq!(request.headers()["Authorization"], expected.as_str());
                let protocol = request.headers()["Sec-WebSocket-Protocol"].clone();
                response.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
                Ok(response)
            };
            let socket = accept_hdr_async(tcp, check).await.unwrap();
            self.session.attach(socket, Role::Acceptor, "tenant");
        }
    }

    /// Moves this side's clock forward.
    pub(crate) fn advance(&self, by: Duration) {
        self.session.advance(by);
    }

    /// Keeps one socket open, with growing pauses after refusals and a fresh token after 401.
    pub(crate) fn keep(&self, node: usize) -> tokio::task::JoinHandle<()> {
        let rcs = self.clone();
        tokio::spawn(async move {
            let mut pause = Duration::from_millis(20);
            loop {
                match rcs.dial(node).await {
                    Ok(link) => {
                        pause = Duration::from_millis(20);
                        link.closed().await;
                    }
                    Err(status) => {
                        if status == 401 {
                            rcs.forget_token();
                        }
                        tokio::time::sleep(pause).await;
                        pause *= 2;
                    }
                }
            }
        })
    }
}
