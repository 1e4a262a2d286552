//! The message vectors of the protocol: literal bytes made by another encoder, and what they mean.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[path = "envelope/vectors.rs"]
mod vectors;

use bytes::Bytes;
use icf_wire::envelope::{
    AuthenticateOpRequest, BatchEmptyResponse, BatchOpResult, CancelOpRequest, ConfigurationChangeEvent,
    ConnectorEventSubscriptionOpResponse, ConnectorKey, ConnectorObject, ControlRequest, ControlResponse,
    CountPolicy, CreateOpRequest, CreateOpResponse, DeleteOpRequest, DeleteOpResponse, ExceptionMessage,
    HandshakeMessage, InnerCause, LatestSyncTokenRequest, LatestSyncTokenResponse, Locale, OperationRequest,
    OperationResponse, RemoteMessage, RpcRequest, RpcResponse, SearchOpRequest, SearchOpResponse,
    SearchResult, ServerType, SyncDelta, SyncDeltaType, SyncOpRequest, SyncOpResponse, SyncRequest,
    SyncResponse, SyncToken, TestOpRequest, TestOpResponse, Uid, ValidateOpRequest, ValidateOpResponse,
};

fn hex(text: &str) -> Bytes {
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
        .collect::<Vec<_>>()
        .into()
}

/// The message means these bytes and the bytes mean this message.
fn check(literal: &str, message: &RemoteMessage) {
    let bytes = hex(literal);
    assert_eq!(&RemoteMessage::from_bytes(bytes.clone()).unwrap(), message, "decoding {literal}");
    assert_eq!(message.to_bytes(), bytes, "encoding {literal}");
}

fn request(id: i64, request: RpcRequest) -> RemoteMessage {
    RemoteMessage::of_request(id, request)
}

fn response(id: i64, response: RpcResponse) -> RemoteMessage {
    RemoteMessage::of_response(id, response)
}

fn handshake(session: &str, server_type: ServerType) -> HandshakeMessage {
    HandshakeMessage { session_id: session.into(), server_type: server_type.into(), public_key: Bytes::new() }
}

fn control(id: i64, levels: Vec<i32>, local: Vec<i64>, remote: Vec<i64>) -> RemoteMessage {
    let control = ControlRequest { info_level: levels, local_request_id: local, remote_request_id: remote };
    request(id, RpcRequest { control_request: Some(control), ..Default::default() })
}

fn payload() -> Bytes {
    Bytes::from_static(&[0xaa, 0xbb])
}

fn operation(id: i64, fill: impl FnOnce(&mut OperationRequest)) -> RemoteMessage {
    let mut operation = OperationRequest {
        connector_key: Some(ConnectorKey {
            bundle_name: "b".into(),
            bundle_version: "1".into(),
            connector_name: "c".into(),
        }),
        connector_facade_key: Bytes::from_static(b"QQ=="),
        locale: Some(Locale { language: "en".into(), country: "US".into(), variant: String::new() }),
        ..Default::default()
    };
    fill(&mut operation);
    request(id, RpcRequest { operation_request: Some(Box::new(operation)), ..Default::default() })
}

fn answer(id: i64, operation: OperationResponse) -> RemoteMessage {
    response(id, RpcResponse { operation_response: Some(Box::new(operation)), ..Default::default() })
}

fn search_answer(
    sequence: i64,
    result: Option<SearchResult>,
    object: Option<ConnectorObject>,
) -> OperationResponse {
    let search = SearchOpResponse { sequence, result, connector_object: object };
    OperationResponse { search_op_response: Some(search), ..Default::default() }
}

fn counts(cookie: &str, policy: CountPolicy, total: i32, remaining: i32) -> SearchResult {
    SearchResult {
        paged_results_cookie: cookie.into(),
        total_paged_results_policy: policy.into(),
        total_paged_results: total,
        remaining_paged_results: remaining,
    }
}

fn account_object() -> ConnectorObject {
    ConnectorObject { object_class: "__ACCOUNT__".into(), attributes: payload() }
}

fn uid(value: &str, revision: &str) -> Uid {
    Uid { value: value.into(), revision: revision.into() }
}

fn token() -> SyncToken {
    SyncToken { value: payload() }
}

fn error(id: i64, class: &str, message: &str) -> RemoteMessage {
    let error =
        ExceptionMessage { exception_class: class.into(), message: message.into(), ..Default::default() };
    response(id, RpcResponse { error: Some(error), ..Default::default() })
}

fn batch(id: i64, result: BatchOpResult) -> RemoteMessage {
    answer(id, OperationResponse { batch_op_result: Some(result), ..Default::default() })
}

fn subscription(completed: bool) -> RemoteMessage {
    let event = ConnectorEventSubscriptionOpResponse { connector_object: None, completed };
    answer(
        7,
        OperationResponse { connector_event_subscription_op_response: Some(event), ..Default::default() },
    )
}

fn sync(response: SyncOpResponse) -> OperationResponse {
    OperationResponse { sync_op_response: Some(response), ..Default::default() }
}

#[test]
fn wire_c28_unpacked_repeated_fields_are_read() {
    let unpacked = RemoteMessage::from_bytes(hex("0801120412020800")).unwrap();
    assert_eq!(unpacked, control(1, vec![0], vec![], vec![]));
}

#[test]
fn wire_c29_unknown_fields_are_ignored_at_every_level() {
    // Field 100, a varint, stands first in the message, the response, the operation response and the search response.
    let literal =
        concat!("0803a006011a22a006011a1da006015218a006010801", "1a110a0b5f5f4143434f554e545f5f1202aabb",);
    let plain = answer(3, search_answer(1, None, Some(account_object())));
    assert_eq!(RemoteMessage::from_bytes(hex(literal)).unwrap(), plain);
}

#[test]
fn an_unknown_enum_value_is_not_an_error() {
    let message = RemoteMessage::from_bytes(hex("080512040a02107f12")).err();
    assert!(message.is_some(), "a truncated message is an error");
    let handshake = RemoteMessage::from_bytes(hex("12060a040a00107f")).unwrap();
    assert_eq!(handshake.request.unwrap().handshake_message.unwrap().server_type, 127);
}

#[test]
fn a_text_that_is_not_utf8_is_an_error() {
    assert!(RemoteMessage::from_bytes(hex("12050a030a01ff")).is_err());
}

#[test]
fn causes_nested_without_end_are_refused() {
    let mut cause = InnerCause::default();
    for _ in 0..300 {
        cause = InnerCause { cause: Some(Box::new(cause)), ..Default::default() };
    }
    let error = ExceptionMessage { inner_cause: Some(cause), ..Default::default() };
    let bytes = response(1, RpcResponse { error: Some(error), ..Default::default() }).to_bytes();
    let refused = RemoteMessage::from_bytes(bytes).unwrap_err();
    assert!(refused.to_string().len() < 300);
}

#[test]
fn secrets_do_not_show() {
    let message = operation(1, |operation| {
        operation.authenticate_op_request = Some(AuthenticateOpRequest {
            username: "planted-user".into(),
            password: Bytes::from_static(b"planted-secret"),
            ..Default::default()
        });
    });
    let shown = format!("{message:?}");
    assert!(!shown.contains("planted") && !shown.contains("QQ=="), "{shown}");
}
