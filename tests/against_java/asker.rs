//! The client of both servers: accepts a connector server in client mode and asks it for operations.

// The bench needs other parts of it than the tests.
#![allow(dead_code)]

use std::time::Duration;

use icf::{ConnectorError, ConnectorInfo, ConnectorKey, ErrorKind, Locale};
use icf_session::{Execution, Handler, Session, SessionEvent};
use icf_wire::binary::Limits;
use icf_wire::rpc::{Answer, Expected, FacadeKey, Item, Operation, OperationRequest, read_connector_infos};
use icf_wire::session::{Delivery, EngineConfig, GroupId, Role};
use rcs::link::socket_config;
use tokio::net::TcpListener;
use tokio_tungstenite::accept_hdr_async_with_config;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;

/// A hang guard, far above what anything here takes.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// How long a server may take to say what it offers before it is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(1);
const NO_ANSWER: &str = "The server never answers.";
const MAX_MESSAGE: usize = 64 << 20;

/// Where one server is to dial.
#[derive(Debug)]
pub(crate) struct Door(TcpListener);

/// A server that has dialled in, with the connectors that it offers.
#[derive(Debug)]
pub(crate) struct Asker {
    session: Session,
    group: GroupId,
    pub(crate) connectors: Vec<ConnectorInfo>,
}

/// What an operation was answered with.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) items: Vec<Item>,
    pub(crate) end: Result<Answer, ConnectorError>,
}

struct Nobody;

impl Handler for Nobody {
    fn start(&self, _: Execution) {}
}

impl Door {
    pub(crate) async fn open() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}/openicf/0", self.0.local_addr().unwrap().port())
    }

    /// Takes every link that is opened, and waits until the server behind them has said what it offers.
    pub(crate) async fn admit(self) -> Asker {
        let config = EngineConfig { ask_again: Some(ASK_AGAIN), ..EngineConfig::default() };
        let (session, mut events) = Session::new(config, rcs::serve::new_identity().unwrap(), Nobody);
        tokio::spawn(accept_links(self.0, session.clone()));
        let listed = async {
            while let Some(event) = events.recv().await {
                if let SessionEvent::ConnectorInfos { group, infos } = event {
                    return (group, infos);
                }
            }
            panic!("the session ended");
        };
        let (group, infos) = tokio::time::timeout(ANSWER_WITHIN, listed).await.unwrap();
        let connectors = read_connector_infos(&infos, &Limits::default()).unwrap();
        Asker { session, group, connectors }
    }
}

async fn accept_links(listener: TcpListener, session: Session) {
    loop {
        let (tcp, _) = listener.accept().await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let config = Some(socket_config(MAX_MESSAGE));
        let socket = accept_hdr_async_with_config(tcp, echo_protocol, config).await.unwrap();
        session.attach(socket, Role::Acceptor, "server");
    }
}

#[allow(clippy::result_large_err, reason = "the library says what a refusal is")]
fn echo_protocol(_: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let protocol = HeaderValue::from_static("v1.openicf.forgerock.org");
    response.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
    Ok(response)
}

impl Asker {
    /// What the server says of a connector.
    pub(crate) fn connector(&self, key: &ConnectorKey) -> &ConnectorInfo {
        self.connectors.iter().find(|info| info.key == *key).expect("the connector is offered")
    }

    /// Asks for an operation that must succeed, and counts the items of the answer without reading them.
    pub(crate) async fn count(
        &self,
        connector: &ConnectorKey,
        facade_key: &FacadeKey,
        operation: Operation,
    ) -> usize {
        let message = request(connector, facade_key, operation).to_message().unwrap();
        let mut pending = self.session.request(self.group, message, ANSWER_WITHIN).await.unwrap();
        let mut count = 0;
        while let Some(part) = pending.next().await {
            match part {
                Delivery::Item(_) => count += 1,
                Delivery::End(_) => {}
                Delivery::Failed(failure) => panic!("{failure}"),
            }
        }
        count
    }

    /// Asks for an operation and waits for all of the answer.
    pub(crate) async fn ask(
        &self,
        connector: &ConnectorKey,
        facade_key: &FacadeKey,
        operation: Operation,
    ) -> Outcome {
        let mut expected = Expected::of(&operation, Limits::default());
        let request = request(connector, facade_key, operation);
        let message = request.to_message().unwrap();
        let mut pending = self.session.request(self.group, message, ANSWER_WITHIN).await.unwrap();
        let mut items = Vec::new();
        loop {
            let Ok(part) = tokio::time::timeout(ANSWER_WITHIN, pending.next()).await else {
                let end = Err(ConnectorError::new(ErrorKind::OperationTimeout, NO_ANSWER));
                return Outcome { items, end };
            };
            let end = match part.expect("an answer has an end") {
                Delivery::Item(message) => match expected.item(*message) {
                    Ok(item) => {
                        items.push(item);
                        continue;
                    }
                    Err(error) => Err(error),
                },
                Delivery::End(message) => expected.end(*message),
                Delivery::Failed(failure) => Err(ConnectorError::from(&failure)),
            };
            return Outcome { items, end };
        }
    }
}

/// Whether an answer as JSON stands for none at all.
pub(crate) fn is_no_answer(told: &serde_json::Value) -> bool {
    told["error"]["message"] == NO_ANSWER
}

fn request(connector: &ConnectorKey, facade_key: &FacadeKey, operation: Operation) -> OperationRequest {
    OperationRequest {
        connector: connector.clone(),
        facade_key: facade_key.clone(),
        locale: Some(Locale::new("en", "US")),
        operation,
    }
}
