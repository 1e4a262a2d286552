//! The protobuf envelope.

use bytes::Bytes;
use icf_wire::binary::Limits;
use icf_wire::envelope::RemoteMessage;
use icf_wire::rpc::OperationRequest;

/// Takes any bytes: what was read is written in a form that means the same.
pub fn run(data: &[u8]) {
    let Ok(message) = RemoteMessage::from_bytes(Bytes::copy_from_slice(data)) else { return };
    if let Some(request) = message.request.as_ref().and_then(|request| request.operation_request.clone())
        && let Ok(request) = OperationRequest::from_message(*request, &Limits::default())
        && let Ok(message) = request.to_message()
    {
        OperationRequest::from_message(message, &Limits::default()).expect("our own request can be read");
    }
    let written = message.to_bytes();
    let again = RemoteMessage::from_bytes(written.clone()).expect("what was written can be read");
    assert_eq!(again.to_bytes(), written, "written again it differs");
    assert!(again == message, "another message came back");
    assert!(!format!("{message:?}").is_empty());
}
