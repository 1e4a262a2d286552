//! Messages that a peer might send, made of a few bytes each.

use bytes::Bytes;
use icf_wire::envelope::{
    BatchEmptyResponse, BatchOpRequest, BatchOpResult, CancelOpRequest, ConfigurationChangeEvent,
    ConnectorEventSubscriptionOpRequest, ConnectorEventSubscriptionOpResponse, ConnectorObject,
    ControlRequest, ControlResponse, ExceptionMessage, HandshakeMessage, OperationRequest, OperationResponse,
    RemoteMessage, RpcRequest, RpcResponse, SearchOpRequest, SearchOpResponse, SyncDelta,
    SyncEventSubscriptionOpRequest, SyncEventSubscriptionOpResponse, SyncOpRequest, SyncOpResponse,
    SyncRequest, SyncResponse, TestOpRequest, TestOpResponse, Uid,
};
use icf_wire::session::Role;

use crate::script::Script;

/// The handshake that a peer of that session sends to a side in that role.
pub(super) fn handshake(role: Role, session: &str) -> RemoteMessage {
    let hello = Some(HandshakeMessage { session_id: session.to_owned(), ..Default::default() });
    match role {
        Role::Acceptor => {
            RemoteMessage::of_request(0, RpcRequest { handshake_message: hello, ..Default::default() })
        }
        Role::Dialer => {
            RemoteMessage::of_response(0, RpcResponse { handshake_message: hello, ..Default::default() })
        }
    }
}

/// Any message, made so that it often means something.
pub(super) fn structured(script: &mut Script<'_>) -> RemoteMessage {
    let id = script.small();
    match script.byte() % 12 {
        0 => handshake(Role::Acceptor, session(script)),
        1 => handshake(Role::Dialer, session(script)),
        2 => RemoteMessage::of_request(
            id,
            RpcRequest { control_request: Some(control(script)), ..Default::default() },
        ),
        3 => {
            let infos = Bytes::copy_from_slice(script.bytes());
            let control = Some(ControlResponse { connector_infos: infos, ..Default::default() });
            RemoteMessage::of_response(id, RpcResponse { control_response: control, ..Default::default() })
        }
        4 => {
            let cancel_op_request = Some(CancelOpRequest {});
            RemoteMessage::of_request(id, RpcRequest { cancel_op_request, ..Default::default() })
        }
        5 => error(id, script),
        6 | 7 => {
            let operation_request = Some(Box::new(operation(script)));
            RemoteMessage::of_request(id, RpcRequest { operation_request, ..Default::default() })
        }
        8 => RemoteMessage { message_id: id, request: None, response: None },
        _ => response(id, answer(script)),
    }
}

fn session(script: &mut Script<'_>) -> &'static str {
    ["theirs", "others", " "][usize::from(script.byte() % 3)]
}

fn control(script: &mut Script<'_>) -> ControlRequest {
    let mut ids = || script.bytes().iter().take(8).map(|byte| i64::from(*byte as i8)).collect();
    let (local_request_id, remote_request_id) = (ids(), ids());
    ControlRequest { info_level: vec![script.byte().into()], local_request_id, remote_request_id }
}

fn error(id: i64, script: &mut Script<'_>) -> RemoteMessage {
    let class = ["any.SocketClosingSoonException", "java.lang.RuntimeException", ""];
    let error = ExceptionMessage {
        exception_class: class[usize::from(script.byte() % 3)].to_owned(),
        ..Default::default()
    };
    RemoteMessage::of_response(id, RpcResponse { error: Some(error), ..Default::default() })
}

/// An operation of some way of answering, or a configuration change.
pub(super) fn operation(script: &mut Script<'_>) -> OperationRequest {
    operation_of(script.byte())
}

/// One operation of each way of answering.
pub(super) fn operation_of(choice: u8) -> OperationRequest {
    let mut request = OperationRequest::default();
    match choice % 8 {
        0 => request.test_op_request = Some(TestOpRequest {}),
        1 | 2 => request.search_op_request = Some(SearchOpRequest::default()),
        3 => {
            let sync = Some(SyncRequest::default());
            request.sync_op_request = Some(SyncOpRequest { sync, latest_sync_token: None });
        }
        4 => request.batch_op_request = Some(BatchOpRequest::default()),
        5 => {
            let events = ConnectorEventSubscriptionOpRequest::default();
            request.connector_event_subscription_op_request = Some(events);
        }
        6 => {
            let changes = SyncEventSubscriptionOpRequest::default();
            request.sync_event_subscription_op_request = Some(changes);
        }
        _ => request.configuration_change_event = Some(ConfigurationChangeEvent::default()),
    }
    request
}

fn response(id: i64, operation: OperationResponse) -> RemoteMessage {
    RemoteMessage::of_response(
        id,
        RpcResponse { operation_response: Some(Box::new(operation)), ..Default::default() },
    )
}

/// An item of a search.
pub(super) fn item(id: i64, sequence: i64) -> RemoteMessage {
    let item = search(sequence, true);
    response(id, OperationResponse { search_op_response: Some(item), ..Default::default() })
}

fn search(sequence: i64, is_item: bool) -> SearchOpResponse {
    let connector_object = is_item.then(ConnectorObject::default);
    SearchOpResponse { sequence, result: None, connector_object }
}

fn answer(script: &mut Script<'_>) -> OperationResponse {
    let mut answer = OperationResponse::default();
    let kind = script.byte() % 7;
    let (number, flags) = (script.small(), script.byte());
    let has = |bit: u8| flags & bit != 0;
    match kind {
        0 => answer.test_op_response = Some(TestOpResponse {}),
        1 | 2 => answer.search_op_response = Some(search(number, !has(1))),
        3 => {
            let sync_delta = (!has(1)).then(SyncDelta::default);
            let sync = Some(SyncResponse { sequence: number, sync_token: None, sync_delta });
            answer.sync_op_response = Some(SyncOpResponse { sync, latest_sync_token: None });
        }
        4 => {
            answer.batch_op_result = Some(BatchOpResult {
                task_id: if has(1) { String::new() } else { number.to_string() },
                complete: has(2),
                returns_results: has(4),
                uid: has(8).then(Uid::default),
                empty_result: has(16).then(BatchEmptyResponse::default),
                ..Default::default()
            });
        }
        5 => {
            let connector_object = has(1).then(ConnectorObject::default);
            let event = ConnectorEventSubscriptionOpResponse { connector_object, completed: has(2) };
            answer.connector_event_subscription_op_response = Some(event);
        }
        _ => {
            let sync_delta = has(1).then(SyncDelta::default);
            let event = SyncEventSubscriptionOpResponse { sync_delta, completed: has(2) };
            answer.sync_event_subscription_op_response = Some(event);
        }
    }
    answer
}
