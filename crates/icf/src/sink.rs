//! Where a connector puts its results. Every sink makes the connector wait while the receiver is busy, so memory does
//! not grow with the number of results.

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll};

use crate::batch::{BatchOutcome, BatchToken};
use crate::error::Result;
use crate::object::ConnectorObject;
use crate::sync::{SearchResult, SyncDelta, SyncToken};

/// Whether the caller wants more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a connector must stop when the caller has stopped"]
pub enum Flow {
    /// Go on.
    Continue,
    /// Deliver nothing more and return.
    Stop,
}

/// The server's side of a sink.
pub trait Receive<T>: Send {
    /// Ready when one more item can be taken, or when no more is wanted.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow>;

    /// Takes one item; called only after `poll_ready` answered [`Flow::Continue`].
    ///
    /// # Errors
    /// What makes the whole operation fail, such as a filter that cannot be applied to the item.
    fn receive(&mut self, item: T) -> Result<Flow>;

    /// The connector says that it evaluates the whole filter exactly.
    fn filter_is_exact(&mut self) {}
}

/// Sinks can stand behind one another: what one receives, it passes on.
impl Receive<ConnectorObject> for ObjectSink<'_> {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Flow> {
        if self.stopped {
            return Poll::Ready(Flow::Stop);
        }
        let polled = self.receiver.poll_ready(cx);
        self.stopped = polled == Poll::Ready(Flow::Stop);
        polled
    }

    fn receive(&mut self, object: ConnectorObject) -> Result<Flow> {
        let flow = self.receiver.receive(object)?;
        self.stopped = flow == Flow::Stop;
        Ok(flow)
    }

    fn filter_is_exact(&mut self) {
        self.receiver.filter_is_exact();
    }
}

async fn push<T>(receiver: &mut dyn Receive<T>, stopped: &mut bool, item: T) -> Result<Flow> {
    if *stopped {
        return Ok(Flow::Stop);
    }
    let mut flow = poll_fn(|cx| receiver.poll_ready(cx)).await;
    if flow == Flow::Continue {
        flow = receiver.receive(item)?;
    }
    *stopped = flow == Flow::Stop;
    Ok(flow)
}

/// Receives the objects of a search.
pub struct ObjectSink<'a> {
    receiver: &'a mut dyn Receive<ConnectorObject>,
    stopped: bool,
    result: Option<SearchResult>,
}

impl<'a> ObjectSink<'a> {
    /// A sink in front of a receiver.
    pub fn new(receiver: &'a mut dyn Receive<ConnectorObject>) -> Self {
        Self { receiver, stopped: false, result: None }
    }

    /// Says, before the first object, that this search evaluates the whole filter by the target's own rules, so that
    /// nobody has to judge the objects again.
    pub fn declare_exact(&mut self) {
        self.receiver.filter_is_exact();
    }

    /// Delivers an object; waits while the receiver is busy.
    ///
    /// # Errors
    /// What makes the search fail; return it.
    pub async fn push(&mut self, object: ConnectorObject) -> Result<Flow> {
        push(self.receiver, &mut self.stopped, object).await
    }

    /// Reports cookie and totals; the last report counts.
    pub fn report(&mut self, result: SearchResult) {
        self.result = Some(result);
    }

    /// Whether the caller has stopped.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// The last report.
    #[must_use]
    pub fn into_result(self) -> Option<SearchResult> {
        self.result
    }
}

impl fmt::Debug for ObjectSink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectSink").field("stopped", &self.stopped).finish_non_exhaustive()
    }
}

/// Receives the changes of a synchronisation.
pub struct DeltaSink<'a> {
    receiver: &'a mut dyn Receive<SyncDelta>,
    stopped: bool,
    token: Option<SyncToken>,
}

impl<'a> DeltaSink<'a> {
    /// A sink in front of a receiver.
    pub fn new(receiver: &'a mut dyn Receive<SyncDelta>) -> Self {
        Self { receiver, stopped: false, token: None }
    }

    /// Delivers a change; waits while the receiver is busy.
    ///
    /// # Errors
    /// What makes the synchronisation fail; return it.
    pub async fn push(&mut self, delta: SyncDelta) -> Result<Flow> {
        push(self.receiver, &mut self.stopped, delta).await
    }

    /// Reports the token after the last change; the first report counts.
    pub fn report(&mut self, token: SyncToken) {
        self.token.get_or_insert(token);
    }

    /// Whether the caller has stopped.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// The first report.
    #[must_use]
    pub fn into_token(self) -> Option<SyncToken> {
        self.token
    }
}

impl fmt::Debug for DeltaSink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeltaSink").field("stopped", &self.stopped).finish_non_exhaustive()
    }
}

/// Receives the outcomes of a batch.
pub struct BatchSink<'a> {
    receiver: &'a mut dyn Receive<(usize, BatchOutcome)>,
    stopped: bool,
    token: Option<BatchToken>,
}

impl<'a> BatchSink<'a> {
    /// A sink in front of a receiver.
    pub fn new(receiver: &'a mut dyn Receive<(usize, BatchOutcome)>) -> Self {
        Self { receiver, stopped: false, token: None }
    }

    /// Delivers the outcome of the task at `index` (from 0); waits while the receiver is busy.
    ///
    /// # Errors
    /// What makes the batch fail as a whole; return it.
    pub async fn push(&mut self, index: usize, outcome: BatchOutcome) -> Result<Flow> {
        push(self.receiver, &mut self.stopped, (index, outcome)).await
    }

    /// Reports how to ask for results later; the last report counts.
    pub fn report(&mut self, token: BatchToken) {
        self.token = Some(token);
    }

    /// The last report.
    #[must_use]
    pub fn into_token(self) -> Option<BatchToken> {
        self.token
    }
}

impl fmt::Debug for BatchSink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchSink").field("stopped", &self.stopped).finish_non_exhaustive()
    }
}

/// A message of a subscription.
#[derive(Debug, PartialEq)]
pub enum Event<T> {
    /// The target accepted the subscription.
    Accepted,
    /// Something happened.
    Item(T),
}

/// Receives the events of a subscription.
pub struct EventSink<'a, T> {
    receiver: &'a mut dyn Receive<Event<T>>,
    stopped: bool,
}

impl<'a, T: Send> EventSink<'a, T> {
    /// A sink in front of a receiver.
    pub fn new(receiver: &'a mut dyn Receive<Event<T>>) -> Self {
        Self { receiver, stopped: false }
    }

    /// Confirms the subscription to the caller. Events may come before it.
    ///
    /// # Errors
    /// What makes the subscription fail; return it.
    pub async fn accepted(&mut self) -> Result<Flow> {
        push(self.receiver, &mut self.stopped, Event::Accepted).await
    }

    /// Delivers an event; waits while the receiver is busy.
    ///
    /// # Errors
    /// What makes the subscription fail; return it.
    pub async fn push(&mut self, event: T) -> Result<Flow> {
        push(self.receiver, &mut self.stopped, Event::Item(event)).await
    }
}

impl<T> fmt::Debug for EventSink<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSink").field("stopped", &self.stopped).finish_non_exhaustive()
    }
}
