//! What connector servers get when they ask the tenant to run an operation: it hosts no connectors.

use icf_session::{Execution, Handler};
use icf_wire::envelope::{ExceptionMessage, RpcResponse};

/// Refuses every operation.
#[derive(Debug)]
pub(super) struct Refusing;

impl Handler for Refusing {
    fn start(&self, execution: Execution) {
        let error = ExceptionMessage {
            exception_class: icf::ErrorKind::Connector.class_name().to_owned(),
            message: "Connector not found: this side hosts no connectors".to_owned(),
            ..ExceptionMessage::default()
        };
        execution.responder.finish(RpcResponse { error: Some(error), ..RpcResponse::default() });
    }
}
