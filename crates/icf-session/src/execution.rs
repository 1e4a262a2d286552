//! An operation that a peer asked for, and the way its answer goes back.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use icf::Flow;
use icf_wire::envelope::{ExceptionMessage, OperationRequest, RemoteMessage, RpcResponse};
use icf_wire::session::{Capacity, ExecutionId, GroupId, Part, ResponseClass};
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

/// Parts that have come together go to the session when they are that many or have that many bytes, or when their
/// producer waits for something. Each hand-over costs a lock and perhaps the waking of a task.
const TOGETHER: usize = 64;
const TOGETHER_BYTES: usize = 16 << 10;

/// Takes the answer of one execution. Dropped without an answer, it sends an error: a caller never waits in vain.
///
/// A part is sent when enough have come together, or when [`poll_flush`](Self::poll_flush) is asked: whoever makes
/// parts must ask before waiting for anything but this.
#[derive(Debug)]
pub struct Responder {
    shared: Arc<Shared>,
    group: GroupId,
    execution: ExecutionId,
    message_id: i64,
    /// Parts to be sent.
    parts: VecDeque<Part>,
    parts_bytes: usize,
    /// The session has said that there is room, and nothing was sent since.
    has_room: bool,
    finished: bool,
}

impl Responder {
    pub(crate) const fn new(
        shared: Arc<Shared>,
        group: GroupId,
        execution: ExecutionId,
        message_id: i64,
    ) -> Self {
        Self {
            shared,
            group,
            execution,
            message_id,
            parts: VecDeque::new(),
            parts_bytes: 0,
            has_room: false,
            finished: false,
        }
    }

    /// The message id under which the peer expects the answer.
    #[must_use]
    pub const fn message_id(&self) -> i64 {
        self.message_id
    }

    /// Ready when one more part can be taken, or when the caller has left.
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        if self.has_room && self.parts.len() < TOGETHER && self.parts_bytes < TOGETHER_BYTES {
            return Poll::Ready(Flow::Continue);
        }
        let polled = self.send(cx);
        self.has_room = polled == Poll::Ready(Flow::Continue);
        polled
    }

    /// Takes a part of a streamed answer, an encoded message under [`message_id`](Self::message_id), after
    /// [`poll_ready`](Self::poll_ready) answered that there is room.
    pub fn take(&mut self, bytes: Bytes, class: ResponseClass) {
        self.parts_bytes += bytes.len();
        self.parts.push_back(Part { bytes, class });
    }

    /// Sends the parts that were taken. Ready when they are gone, or when the caller has left.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        if self.parts.is_empty() {
            return Poll::Ready(Flow::Continue);
        }
        // What the session says now may no longer be so when the next part comes.
        self.has_room = false;
        match self.send(cx) {
            Poll::Pending if self.parts.is_empty() => Poll::Ready(Flow::Continue),
            polled => polled,
        }
    }

    /// Gives the session as many parts as it has room for. Ready when it would take one more.
    fn send(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        let polled = self.shared.with(|state, now| {
            match state.engine.send_parts(self.execution, &mut self.parts, now) {
                Capacity::Ready => Poll::Ready(Flow::Continue),
                Capacity::Gone => Poll::Ready(Flow::Stop),
                Capacity::Wait => {
                    state.wait_for_room(self.group, cx.waker());
                    Poll::Pending
                }
            }
        });
        self.parts_bytes = self.parts.iter().map(|part| part.bytes.len()).sum();
        polled
    }

    /// Sends the last message, and before it whatever parts are left. It is kept while there is no link.
    pub fn finish(mut self, last: RpcResponse) {
        self.end(last);
    }

    fn end(&mut self, last: RpcResponse) {
        self.finished = true;
        let bytes = RemoteMessage::of_response(self.message_id, last).to_bytes();
        self.shared.with(|state, now| {
            state.running.remove(&self.execution);
            state.engine.finish(self.execution, &mut self.parts, bytes, now);
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
