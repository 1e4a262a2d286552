//! Two sides connected by as many WebSockets as a test likes.

use std::future::poll_fn;
use std::time::Duration;

use bytes::Bytes;
use icf::Flow;
use icf_session::{Execution, Handler, LinkHandle, Pending, Session, SessionEvent};
use icf_wire::envelope::{
    ConnectorKey, ConnectorObject, HandshakeMessage, OperationRequest, OperationResponse, RemoteMessage,
    RpcResponse, SearchOpRequest, SearchOpResponse, TestOpRequest, TestOpResponse,
};
use icf_wire::session::{Delivery, EngineConfig, GroupId, ResponseClass, Role};
use tokio::io::DuplexStream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role as WsRole, WebSocketConfig};

/// Answers tests at once, forgets validations, and answers a search with as many objects as its class name says.
pub(crate) struct Server;

impl Handler for Server {
    fn start(&self, execution: Execution) {
        tokio::spawn(async move {
            let Execution { request, mut responder, cancellation, .. } = execution;
            if let Some(search) = request.search_op_request {
                let count: i64 = search.object_class.parse().unwrap();
                for sequence in 1..=count {
                    if poll_fn(|cx| responder.poll_ready(cx)).await == Flow::Stop {
                        break;
                    }
                    let part =
                        RemoteMessage::of_response(responder.message_id(), search_part(sequence, true));
                    responder.take(part.to_bytes(), ResponseClass::Exact);
                }
                responder.finish(search_part(count, false));
            } else if request.test_op_request.is_some() {
                let test =
                    OperationResponse { test_op_response: Some(TestOpResponse {}), ..Default::default() };
                responder.finish(answer(test));
            } else if request.validate_op_request.is_some() {
                // Forgets to answer.
                drop(responder);
            } else {
                cancellation.cancelled().await;
            }
        });
    }
}

/// Executes nothing.
pub(crate) struct Nobody;

impl Handler for Nobody {
    fn start(&self, _: Execution) {}
}

fn answer(operation: OperationResponse) -> RpcResponse {
    RpcResponse { operation_response: Some(Box::new(operation)), ..Default::default() }
}

pub(crate) fn search_part(sequence: i64, item: bool) -> RpcResponse {
    let object = ConnectorObject { object_class: "x".into(), attributes: Bytes::from(vec![7; 100]) };
    let search = SearchOpResponse { sequence, result: None, connector_object: item.then_some(object) };
    answer(OperationResponse { search_op_response: Some(search), ..Default::default() })
}

pub(crate) fn search(count: usize) -> OperationRequest {
    let search = SearchOpRequest { object_class: count.to_string(), ..Default::default() };
    OperationRequest {
        connector_key: Some(ConnectorKey::default()),
        search_op_request: Some(search),
        ..Default::default()
    }
}

pub(crate) fn test() -> OperationRequest {
    OperationRequest {
        connector_key: Some(ConnectorKey::default()),
        test_op_request: Some(TestOpRequest {}),
        ..Default::default()
    }
}

pub(crate) fn handshake(session: &str) -> HandshakeMessage {
    HandshakeMessage { session_id: session.into(), server_type: 1, public_key: Bytes::new() }
}

pub(crate) fn validate() -> OperationRequest {
    OperationRequest { test_op_request: None, validate_op_request: Some(Default::default()), ..test() }
}

/// A server that dials and a tenant that asks.
pub(crate) struct Pair {
    pub(crate) server: Session,
    pub(crate) tenant: Session,
    pub(crate) events: UnboundedReceiver<SessionEvent>,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self::with(EngineConfig::default())
    }

    pub(crate) fn with(config: EngineConfig) -> Self {
        let (server, _) = Session::new(config.clone(), handshake("SERVER"), Server);
        let (tenant, events) = Session::new(config, handshake("TENANT"), Nobody);
        Self { server, tenant, events }
    }

    /// Opens a link and waits for its handshake; answers the server's handle.
    pub(crate) async fn connect(&self) -> LinkHandle {
        let (near, far) = tokio::io::duplex(256 * 1024);
        let (client, host) = (socket(near, WsRole::Client).await, socket(far, WsRole::Server).await);
        let accepted = self.tenant.attach(host, Role::Acceptor, "rcs1");
        let link = self.server.attach(client, Role::Dialer, "rcs1");
        link.ready().await.unwrap();
        accepted.ready().await.unwrap();
        link
    }

    pub(crate) fn group(&self) -> GroupId {
        self.tenant.groups()[0].id
    }

    pub(crate) async fn ask(&self, operation: OperationRequest) -> Pending {
        self.tenant.request(self.group(), operation, Duration::from_secs(5)).await.unwrap()
    }
}

pub(crate) async fn socket(stream: DuplexStream, role: WsRole) -> WebSocketStream<DuplexStream> {
    let config = WebSocketConfig::default().max_frame_size(Some(64 << 20)).max_message_size(Some(64 << 20));
    WebSocketStream::from_raw_socket(stream, role, Some(config)).await
}

/// Reads a search to its end and checks that every object came once and in order.
pub(crate) async fn read_all(mut pending: Pending) -> Result<i64, String> {
    let mut seen = 0;
    loop {
        match pending.next().await {
            Some(Delivery::Item(item)) => {
                seen += 1;
                assert_eq!(item.search_op_response.unwrap().sequence, seen);
            }
            Some(Delivery::End(end)) => {
                assert_eq!(end.search_op_response.unwrap().sequence, seen);
                return Ok(seen);
            }
            Some(Delivery::Failed(failure)) => return Err(failure.to_string()),
            None => return Err("no end".into()),
        }
    }
}
