//! An operation that a peer asked for, and the way its answer goes back.

use std::sync::Arc;
use std::task::{Context, Poll};

use icf::Flow;
use icf_wire::envelope::{ExceptionMessage, OperationRequest, RemoteMessage, RpcResponse};
use icf_wire::session::{Capacity, ExecutionId, GroupId, ResponseClass};
use tokio_util::sync::CancellationToken;

use crate::session::Shared;

/// An operation to execute.
#[derive(Debug)]
pub struct Execution {
    /// Its name in this process.
    pub id: ExecutionId,
    /// Who asks.
    pub group: GroupId,
    /// The message id the peer chose; for logs.
    pub message_id: i64,
    /// What to do.
    pub request: Box<OperationRequest>,
    /// Fires when nobody waits for the answer any more.
    pub cancellation: CancellationToken,
    /// Takes the answer.
    pub responder: Responder,
}

/// Takes the answer of one execution. Dropped without an answer, it sends an error: a caller never waits in vain.
#[derive(Debug)]
pub struct Responder {
    shared: Arc<Shared>,
    group: GroupId,
    execution: ExecutionId,
    message_id: i64,
    finished: bool,
}

impl Responder {
    pub(crate) const fn new(
        shared: Arc<Shared>,
        group: GroupId,
        execution: ExecutionId,
        message_id: i64,
    ) -> Self {
        Self { shared, group, execution, message_id, finished: false }
    }

    /// Ready when one more part can be sent, or when the caller has left.
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        self.shared.with(|state, now| match state.engine.capacity(self.execution, now) {
            Capacity::Ready => Poll::Ready(Flow::Continue),
            Capacity::Gone => Poll::Ready(Flow::Stop),
            Capacity::Wait => {
                state.wait_for_room(self.group, cx.waker());
                Poll::Pending
            }
        })
    }

    /// Sends a part of a streamed answer, after [`poll_ready`](Self::poll_ready) answered that there is room.
    pub fn send_part(&mut self, part: RpcResponse, class: ResponseClass) {
        let bytes = RemoteMessage::of_response(self.message_id, part).to_bytes();
        self.shared.with(|state, now| state.engine.send_part(self.execution, bytes, class, now));
    }

    /// Sends the last message. It is kept while there is no link.
    pub fn finish(mut self, last: RpcResponse) {
        self.end(last);
    }

    fn end(&mut self, last: RpcResponse) {
        self.finished = true;
        let bytes = RemoteMessage::of_response(self.message_id, last).to_bytes();
        self.shared.with(|state, now| {
            state.running.remove(&self.execution);
            state.engine.finish(self.execution, bytes, now);
        });
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        if !self.finished {
            let error = ExceptionMessage {
                exception_class: icf::ErrorKind::Retryable.class_name().to_owned(),
                message: "The connector server gave the operation up before it had an answer; try again"
                    .to_owned(),
                ..Default::default()
            };
            self.end(RpcResponse { error: Some(error), ..Default::default() });
        }
    }
}
