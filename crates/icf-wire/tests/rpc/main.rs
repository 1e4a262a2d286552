//! Requests and answers between messages and values. Expected bytes are literals made by another encoder.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod batches;
mod errors;
mod replies;
mod requests;
mod responses;
mod round_trip;

use bytes::Bytes;
use icf::{ConnectorKey, Locale, Uid};
use icf_wire::binary::Limits;
use icf_wire::envelope::{OperationResponse, RemoteMessage, RpcRequest, RpcResponse};
use icf_wire::rpc::{FacadeKey, Operation, OperationRequest};

fn hex(text: &str) -> Bytes {
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap();
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect::<Vec<_>>().into()
}

fn shown(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The operation request in a message.
fn request_in(literal: &str) -> icf_wire::envelope::OperationRequest {
    *RemoteMessage::from_bytes(hex(literal)).unwrap().request.unwrap().operation_request.unwrap()
}

/// The operation response in a message.
fn response_in(literal: &str) -> OperationResponse {
    *RemoteMessage::from_bytes(hex(literal)).unwrap().response.unwrap().operation_response.unwrap()
}

/// A request as all vectors have it.
fn asking(operation: Operation) -> OperationRequest {
    OperationRequest {
        connector: ConnectorKey::new("b", "1", "c"),
        facade_key: FacadeKey::new(Bytes::from_static(b"QQ==")),
        locale: Some(Locale::new("en", "US")),
        operation,
    }
}

/// The request of that operation under an id has these bytes.
#[track_caller]
fn asks(id: i64, operation: Operation, literal: &str) {
    let request = RpcRequest {
        operation_request: Some(Box::new(asking(operation).to_message().unwrap())),
        ..RpcRequest::default()
    };
    assert_eq!(shown(&RemoteMessage::of_request(id, request).to_bytes()), literal);
}

/// The response under an id has these bytes.
#[track_caller]
fn answers(id: i64, response: RpcResponse, literal: &str) {
    assert_eq!(shown(&RemoteMessage::of_response(id, response).to_bytes()), literal);
}

fn read(literal: &str) -> OperationRequest {
    OperationRequest::from_message(request_in(literal), &Limits::default()).unwrap()
}

fn uid(value: &str) -> Uid {
    Uid::try_new(value).unwrap()
}
