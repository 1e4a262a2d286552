//! What a request asks for.

use icf::{ErrorKind, ObjectClass, OperationOptions};
use icf_wire::binary::Limits;
use icf_wire::envelope::{
    self, AuthenticateOpRequest, BatchOpRequest, SearchOpRequest, SyncOpRequest, SyncRequest, TestOpRequest,
    UpdateOpRequest, ValidateOpRequest,
};
use icf_wire::rpc::{FacadeKey, Operation, OperationRequest};

use super::{asks, read, request_in, uid};

const TEST: &str = "080212201a1e0a090a01621201311a0163120451513d3d1a080a02656e12025553820100";
const VALIDATE: &str = "080212201a1e0a090a01621201311a0163120451513d3d1a080a02656e12025553920100";
const SEARCH: &str =
    "0803122c1a2a0a090a01621201311a0163120451513d3d1a080a02656e120255536a0d0a0b5f5f4143434f554e545f5f";
const LATEST: &str =
    "0804122e1a2c0a090a01621201311a0163120451513d3d1a080a02656e12025553720f120d0a0b5f5f4143434f554e545f5f";
const CREATE: &str = "080a12301a2e0a090a01621201311a0163120451513d3d1a080a02656e120255532a110a0b5f5f4143434f554e545f5f1202aabb";
const SYNC: &str = "080b12341a320a090a01621201311a0163120451513d3d1a080a02656e1202555372150a130a0b5f5f4143434f554e545f5f\
                    12040a02aabb";
const DELETE: &str = "080912321a300a090a01621201311a0163120451513d3d1a080a02656e120255533a130a0b5f5f4143434f554e545f5f12040a027531";

fn account() -> Option<ObjectClass> {
    Some(ObjectClass::ACCOUNT)
}

fn fails(message: envelope::OperationRequest) -> (ErrorKind, String) {
    let error = OperationRequest::from_message(message, &Limits::default()).unwrap_err();
    (error.kind().clone(), error.to_string())
}

#[test]
fn wire_t08_test_is_asked_for() {
    let request = read(TEST);
    assert!(matches!(request.operation, Operation::Test));
    assert_eq!(request.connector.to_string(), "ConnectorKey( bundleName=b bundleVersion=1 connectorName=c )");
    assert_eq!(request.facade_key, FacadeKey::new("QQ==".into()));
    assert_eq!(request.locale.unwrap().to_string(), "en_US");
    asks(2, Operation::Test, TEST);
}

#[test]
fn wire_t10_validate_is_asked_for() {
    assert!(matches!(read(VALIDATE).operation, Operation::Validate));
    asks(2, Operation::Validate, VALIDATE);
}

#[test]
fn wire_t13_a_search_for_everything() {
    let Operation::Search { class, filter: None, options } = read(SEARCH).operation else {
        panic!("a search without filter")
    };
    assert_eq!((class, options), (account(), OperationOptions::default()));
    asks(
        3,
        Operation::Search { class: account(), filter: None, options: OperationOptions::default() },
        SEARCH,
    );
}

#[test]
fn wire_t14_the_latest_token_is_asked_for() {
    let Operation::LatestSyncToken { class } = read(LATEST).operation else { panic!("the latest token") };
    assert_eq!(class, account());
    asks(4, Operation::LatestSyncToken { class }, LATEST);
}

#[test]
fn wire_t22_a_create_whose_attributes_are_not_readable_is_refused() {
    let (kind, text) = fails(request_in(CREATE));
    assert_eq!(
        (kind, text.as_str()),
        (ErrorKind::Connector, "Cannot read createAttributes: The data ends in the middle of an object",)
    );
}

#[test]
fn wire_t24_a_sync_whose_token_is_not_readable_is_refused() {
    let (_, text) = fails(request_in(SYNC));
    assert_eq!(text, "Cannot read the sync token: The data ends in the middle of an object");
}

#[test]
fn wire_t36_a_delete() {
    let Operation::Delete { class, uid: asked, options } = read(DELETE).operation else { panic!("a delete") };
    assert_eq!((class, asked, options.is_empty()), (account(), Some(uid("u1")), true));
    let delete =
        Operation::Delete { class: account(), uid: Some(uid("u1")), options: OperationOptions::default() };
    asks(9, delete, DELETE);
}

#[test]
fn wire_c39_a_request_for_nothing() {
    let nothing = envelope::OperationRequest { test_op_request: None, ..request_in(TEST) };
    assert_eq!(fails(nothing), (ErrorKind::Connector, "Unknown OperationRequest".to_owned()));
}

#[test]
fn wire_c56_a_sync_without_token_has_none() {
    for token in [None, Some(envelope::SyncToken::default())] {
        let sync = SyncRequest { object_class: "__ALL__".into(), token, options: bytes::Bytes::new() };
        let message = envelope::OperationRequest {
            sync_op_request: Some(SyncOpRequest { sync: Some(sync), latest_sync_token: None }),
            ..Default::default()
        };
        let request = OperationRequest::from_message(message, &Limits::default()).unwrap();
        let Operation::Sync { class, token: None, .. } = request.operation else { panic!("no token") };
        assert_eq!(class, Some(ObjectClass::ALL));
    }
}

#[test]
fn a_sync_request_without_content_is_an_error() {
    let message =
        envelope::OperationRequest { sync_op_request: Some(SyncOpRequest::default()), ..Default::default() };
    let (kind, text) = fails(message);
    assert_eq!(kind, ErrorKind::Connector);
    assert!(text.starts_with("Unknown OperationRequest"), "{text}");
}

#[test]
fn of_both_sync_requests_the_one_for_the_latest_token_counts() {
    let mut message = request_in(LATEST);
    message.sync_op_request.as_mut().unwrap().sync = Some(SyncRequest::default());
    let request = OperationRequest::from_message(message, &Limits::default()).unwrap();
    assert!(matches!(request.operation, Operation::LatestSyncToken { .. }));
}

#[test]
fn operations_are_looked_for_in_javas_order() {
    let mut message = envelope::OperationRequest {
        batch_op_request: Some(BatchOpRequest { query: true, ..Default::default() }),
        authenticate_op_request: Some(AuthenticateOpRequest::default()),
        search_op_request: Some(SearchOpRequest::default()),
        test_op_request: Some(TestOpRequest {}),
        update_op_request: Some(UpdateOpRequest { uid: Some(uid_message("u1")), ..Default::default() }),
        validate_op_request: Some(ValidateOpRequest {}),
        ..Default::default()
    };
    let first = |message: &envelope::OperationRequest| {
        OperationRequest::from_message(message.clone(), &Limits::default()).unwrap().operation
    };
    assert!(matches!(first(&message), Operation::BatchQuery { .. }));
    message.batch_op_request = None;
    assert!(matches!(first(&message), Operation::Authenticate { .. }));
    message.authenticate_op_request = None;
    assert!(matches!(first(&message), Operation::Search { .. }));
    message.search_op_request = None;
    assert!(matches!(first(&message), Operation::Test));
    message.test_op_request = None;
    assert!(matches!(first(&message), Operation::Update { .. }));
    message.update_op_request = None;
    assert!(matches!(first(&message), Operation::Validate));
}

#[test]
fn an_unknown_update_type_is_an_error_and_nothing_is_done() {
    let update = UpdateOpRequest { update_type: 7, ..Default::default() };
    let message = envelope::OperationRequest { update_op_request: Some(update), ..Default::default() };
    let (kind, text) = fails(message);
    assert_eq!(kind, ErrorKind::IllegalArgument);
    assert!(text.starts_with("Unknown update type 7"), "{text}");
}

/// The empty text is a class that no connector knows, and no uid: this protocol has no other way to leave them out.
#[test]
fn what_is_left_out_is_absent_or_the_empty_text() {
    let update = |uid| UpdateOpRequest { uid, ..Default::default() };
    let message =
        |update| envelope::OperationRequest { update_op_request: Some(update), ..Default::default() };
    let request =
        OperationRequest::from_message(message(update(Some(uid_message("u1")))), &Limits::default()).unwrap();
    assert_eq!(request.locale, None);
    let Operation::Update { class: Some(class), attributes: None, options, .. } = request.operation else {
        panic!("no attributes")
    };
    assert_eq!(class.as_str(), "");
    assert!(options.is_empty());
    let (kind, text) = fails(message(update(None)));
    assert_eq!((kind, text.as_str()), (ErrorKind::IllegalArgument, "Uid value must not be blank!"));
}

#[test]
fn a_blank_uid_is_refused_and_a_blank_revision_is_none() {
    let delete = |value: &str, revision: &str| {
        let uid = envelope::Uid { value: value.into(), revision: revision.into() };
        let delete = envelope::DeleteOpRequest { uid: Some(uid), ..Default::default() };
        envelope::OperationRequest { delete_op_request: Some(delete), ..Default::default() }
    };
    assert_eq!(fails(delete(" ", "")).0, ErrorKind::IllegalArgument);
    let request = OperationRequest::from_message(delete("u", " "), &Limits::default()).unwrap();
    let Operation::Delete { uid: Some(uid), .. } = request.operation else { panic!("a delete") };
    assert_eq!(uid.revision(), None);
}

#[test]
fn a_script_needs_language_and_text() {
    let script = |language: &str, text: &str| {
        let script = envelope::Script { script_language: language.into(), script_text: text.into() };
        let context = envelope::ScriptContext { script: Some(script), ..Default::default() };
        let request =
            envelope::ScriptOnConnectorOpRequest { script_context: Some(context), ..Default::default() };
        let message = envelope::OperationRequest {
            script_on_connector_op_request: Some(request),
            ..Default::default()
        };
        OperationRequest::from_message(message, &Limits::default())
    };
    assert!(script("groovy", "1").is_ok());
    assert_eq!(*script(" ", "1").unwrap_err().kind(), ErrorKind::IllegalArgument);
    assert_eq!(*script("groovy", "").unwrap_err().kind(), ErrorKind::IllegalArgument);
}

fn uid_message(value: &str) -> envelope::Uid {
    envelope::Uid { value: value.into(), ..Default::default() }
}
