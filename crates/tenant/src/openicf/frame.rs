//! What a message is: its kind, and a short description for a capture.

use bytes::Bytes;
use icf_wire::envelope::{OperationResponse, RemoteMessage, RpcRequest, RpcResponse};

/// The kind of a message, as faults name it.
pub(super) fn kind(message: &RemoteMessage) -> &'static str {
    match (&message.request, &message.response) {
        (Some(request), _) => request_kind(request),
        (None, Some(response)) => response_kind(response),
        (None, None) => "empty",
    }
}

const fn request_kind(request: &RpcRequest) -> &'static str {
    if request.handshake_message.is_some() {
        "handshake"
    } else if request.operation_request.is_some() {
        "request"
    } else if request.cancel_op_request.is_some() {
        "cancel"
    } else if request.control_request.is_some() {
        "control"
    } else {
        "empty"
    }
}

fn response_kind(response: &RpcResponse) -> &'static str {
    if response.handshake_message.is_some() {
        "handshake"
    } else if response.error.is_some() {
        "error"
    } else if let Some(operation) = &response.operation_response {
        operation_kind(operation)
    } else if response.control_response.is_some() {
        "controlResponse"
    } else {
        "empty"
    }
}

fn operation_kind(response: &OperationResponse) -> &'static str {
    if let Some(search) = &response.search_op_response {
        return if search.connector_object.is_some() { "searchItem" } else { "searchEnd" };
    }
    match response.sync_op_response.as_ref().and_then(|sync| sync.sync.as_ref()) {
        Some(sync) if sync.sync_delta.is_some() => "syncItem",
        Some(_) => "syncEnd",
        None => "response",
    }
}

/// The message in these bytes, if they are one.
pub(super) fn decode(bytes: &Bytes) -> Option<RemoteMessage> {
    RemoteMessage::from_bytes(bytes.clone()).ok()
}

/// Whether a message is an answer to a handshake.
pub(super) fn is_handshake_answer(message: &RemoteMessage) -> bool {
    message.response.as_ref().is_some_and(|response| response.handshake_message.is_some())
}
