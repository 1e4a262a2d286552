//! What is and is not a message, seen by a peer that writes frames by hand.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use icf_session::{Handler, LinkHandle, Session};
use icf_wire::envelope::{HandshakeMessage, OperationRequest, RemoteMessage, RpcRequest, RpcResponse};
use icf_wire::session::{EngineConfig, Role};
use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role as WsRole;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::peers::{Server, handshake, search, socket, test};

/// A tenant of raw frames in front of a real server session.
pub(crate) struct Raw {
    socket: WebSocketStream<DuplexStream>,
    link: LinkHandle,
    _server: Session,
}

impl Raw {
    async fn connect() -> Self {
        Self::connect_to(Server).await
    }

    pub(crate) async fn connect_to(handler: impl Handler) -> Self {
        let (server, _) = Session::new(EngineConfig::default(), handshake("SERVER"), handler);
        let (near, far) = tokio::io::duplex(64 * 1024);
        let link = server.attach(socket(near, WsRole::Client).await, Role::Dialer, "x");
        let mut raw = Self { socket: socket(far, WsRole::Server).await, link, _server: server };
        assert!(raw.next().await.request.unwrap().handshake_message.is_some());
        let hello = HandshakeMessage { session_id: "TENANT".into(), ..Default::default() };
        raw.send(RemoteMessage::of_response(
            0,
            RpcResponse { handshake_message: Some(hello), ..Default::default() },
        ))
        .await;
        assert!(raw.next().await.request.unwrap().control_request.is_some());
        raw
    }

    pub(crate) async fn send(&mut self, message: RemoteMessage) {
        self.socket.send(Message::Binary(message.to_bytes())).await.unwrap();
    }

    pub(crate) async fn ask(&mut self, id: i64, operation: OperationRequest) {
        self.send(ask(id, operation)).await;
    }

    /// The next message; pings are answered by the library.
    pub(crate) async fn next(&mut self) -> RemoteMessage {
        loop {
            match self.socket.next().await.unwrap().unwrap() {
                Message::Binary(bytes) => return RemoteMessage::from_bytes(bytes).unwrap(),
                Message::Ping(_) => {}
                other => panic!("unexpected {other:?}"),
            }
        }
    }

    async fn is_alive(&mut self) {
        self.ask(77, test()).await;
        let answer = self.next().await;
        assert_eq!(answer.message_id, 77);
        assert!(answer.response.unwrap().operation_response.unwrap().test_op_response.is_some());
    }
}

pub(crate) fn ask(id: i64, operation: OperationRequest) -> RemoteMessage {
    RemoteMessage::of_request(
        id,
        RpcRequest { operation_request: Some(Box::new(operation)), ..Default::default() },
    )
}

#[tokio::test(start_paused = true)]
async fn wire_c30_garbage_is_ignored_and_the_link_stays() {
    let mut raw = Raw::connect().await;
    raw.socket.send(Message::Binary(Bytes::from_static(&[0xff; 40]))).await.unwrap();
    raw.is_alive().await;
}

#[tokio::test(start_paused = true)]
async fn wire_c31_text_is_ignored() {
    let mut raw = Raw::connect().await;
    raw.socket.send(Message::Text("hello".into())).await.unwrap();
    raw.is_alive().await;
}

#[tokio::test(start_paused = true)]
async fn wire_c32_fragments_are_put_together() {
    let mut raw = Raw::connect().await;
    let bytes = ask(5, test()).to_bytes();
    let parts = [&bytes[..3], &bytes[3..10], &bytes[10..]];
    for (n, part) in parts.iter().enumerate() {
        let opcode = if n == 0 { Data::Binary } else { Data::Continue };
        let frame = Frame::message(part.to_vec(), OpCode::Data(opcode), n == 2);
        raw.socket.send(Message::Frame(frame)).await.unwrap();
    }
    assert_eq!(raw.next().await.message_id, 5);
}

#[tokio::test(start_paused = true)]
async fn wire_c34_a_ping_is_echoed_while_an_operation_runs() {
    let mut raw = Raw::connect().await;
    raw.ask(6, search(1_000_000)).await;
    let payload = Bytes::from_static(&[1, 2, 3, 4, 5, 6, 7, 8]);
    raw.socket.send(Message::Ping(payload.clone())).await.unwrap();
    let echoed = async {
        loop {
            if let Message::Pong(echo) = raw.socket.next().await.unwrap().unwrap() {
                return echo;
            }
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(1), echoed).await.unwrap(), payload);
}

#[tokio::test(start_paused = true)]
async fn wire_c83_a_peer_that_answers_nothing_is_dropped_within_40_seconds() {
    let mut raw = Raw::connect().await;
    raw.is_alive().await;
    let start = tokio::time::Instant::now();
    // The peer keeps the connection open and reads nothing any more, so it answers no ping.
    let closed = tokio::time::timeout(Duration::from_secs(60), raw.link.closed()).await.unwrap();
    assert!(start.elapsed() <= Duration::from_secs(41), "{:?}", start.elapsed());
    assert!(closed.to_string().contains("nothing arrived after a ping"), "{closed}");
}
