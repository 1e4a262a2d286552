//! A tenant that writes and reads whole messages by hand.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use icf_wire::binary::{Profile, facade_key};
use icf_wire::envelope::{
    ConnectorKey, ExceptionMessage, HandshakeMessage, Locale, OperationRequest, RemoteMessage, RpcRequest,
    RpcResponse,
};
use icf_wire::session::{EngineConfig, Role};
use rcs::dispatch::DispatchOptions;
use rcs::serve::Server;
use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role as WsRole;

use crate::connector::registration;

pub(crate) struct Raw {
    socket: WebSocketStream<DuplexStream>,
    _server: Server,
}

impl Raw {
    /// Connected, with handshake and the questions for connectors behind it.
    pub(crate) async fn connect() -> Self {
        let server = Server::without_links(
            "test",
            EngineConfig::default(),
            DispatchOptions::default(),
            vec![registration()],
        )
        .unwrap();
        let (near, far) = tokio::io::duplex(1 << 20);
        let client = WebSocketStream::from_raw_socket(near, WsRole::Client, None).await;
        server.session().attach(client, Role::Dialer, "test");
        let socket = WebSocketStream::from_raw_socket(far, WsRole::Server, None).await;
        let mut raw = Self { socket, _server: server };
        assert!(raw.next().await.request.unwrap().handshake_message.is_some());
        let hello = HandshakeMessage { session_id: "TENANT".into(), ..Default::default() };
        let hello = RpcResponse { handshake_message: Some(hello), ..Default::default() };
        raw.send(&RemoteMessage::of_response(0, hello)).await;
        assert!(raw.next().await.request.unwrap().control_request.is_some());
        raw
    }

    pub(crate) async fn send(&mut self, message: &RemoteMessage) {
        self.socket.send(Message::Binary(message.to_bytes())).await.unwrap();
    }

    /// Asks for an operation of the connector of the message vectors, with its default configuration.
    pub(crate) async fn ask(&mut self, id: i64, fill: impl FnOnce(&mut OperationRequest)) {
        let mut operation = operation();
        fill(&mut operation);
        let request = RpcRequest { operation_request: Some(Box::new(operation)), ..Default::default() };
        self.send(&RemoteMessage::of_request(id, request)).await;
    }

    pub(crate) async fn next(&mut self) -> RemoteMessage {
        RemoteMessage::from_bytes(self.next_bytes().await).unwrap()
    }

    /// The next message as hexadecimal text.
    pub(crate) async fn next_hex(&mut self) -> String {
        self.next_bytes().await.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) async fn next_error(&mut self) -> ExceptionMessage {
        self.next().await.response.unwrap().error.expect("an error")
    }

    async fn next_bytes(&mut self) -> Bytes {
        loop {
            match self.socket.next().await.unwrap().unwrap() {
                Message::Binary(bytes) => return bytes,
                Message::Ping(_) => {}
                other => panic!("unexpected {other:?}"),
            }
        }
    }
}

fn operation() -> OperationRequest {
    let configuration = registration().info().configuration;
    OperationRequest {
        connector_key: Some(ConnectorKey {
            bundle_name: "b".into(),
            bundle_version: "1".into(),
            connector_name: "c".into(),
        }),
        connector_facade_key: facade_key::encode(&configuration, Profile::OpenIcf2).unwrap().into(),
        locale: Some(Locale { language: "en".into(), country: "US".into(), variant: String::new() }),
        ..Default::default()
    }
}
