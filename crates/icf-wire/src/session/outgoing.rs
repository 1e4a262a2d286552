//! Requests of this side: which answers end them, in which order their parts are delivered.

use std::time::Instant;

use crate::envelope::{BatchOpResult, OperationRequest, OperationResponse};

use super::reorder::{Arrival, Reorder};
use super::{Delivery, Failure, RequestId};

/// How a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// By one message.
    Single,
    /// By numbered items and a final message.
    Search,
    /// By numbered items and a final message.
    Sync,
    /// By a confirmation and events, until completed.
    ObjectEvents,
    /// By a confirmation and events, until completed.
    ChangeEvents,
    /// By results with task indexes, a token and an end.
    Batch,
}

impl RequestKind {
    /// The kind of an operation request.
    #[must_use]
    pub const fn of(request: &OperationRequest) -> Self {
        if request.batch_op_request.is_some() {
            Self::Batch
        } else if request.search_op_request.is_some() {
            Self::Search
        } else if request.connector_event_subscription_op_request.is_some() {
            Self::ObjectEvents
        } else if request.sync_event_subscription_op_request.is_some() {
            Self::ChangeEvents
        } else if let Some(sync) = &request.sync_op_request
            && sync.latest_sync_token.is_none()
        {
            Self::Sync
        } else {
            Self::Single
        }
    }
}

/// What a response means to its request.
pub(super) enum Effect {
    /// Deliver these; the request goes on.
    Deliver(Vec<Delivery>),
    /// Deliver these; the request is over.
    Finish(Vec<Delivery>),
}

/// Progress of a request by its kind.
#[derive(Debug)]
enum Progress {
    Single,
    Stream { items: Reorder<Box<OperationResponse>>, end: Option<(i64, Box<OperationResponse>)> },
    Events,
    Batch(Batch),
}

/// A request of this side that awaits its answer.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// Who waits; `None` for control requests.
    pub(super) request: Option<RequestId>,
    /// Whether it asks for the peer's connector list.
    pub(super) asks_for_connectors: bool,
    /// Whether it asks a second time because the first answer was an error.
    pub(super) is_retry: bool,
    pub(super) inconsistency: u32,
    /// Whether the peer is known to have read the request.
    pub(super) proven: bool,
    kind: RequestKind,
    progress: Progress,
}

impl Outgoing {
    pub(super) fn control(asks_for_connectors: bool, is_retry: bool) -> Self {
        Self {
            request: None,
            asks_for_connectors,
            is_retry,
            inconsistency: 0,
            proven: false,
            kind: RequestKind::Single,
            progress: Progress::Single,
        }
    }

    pub(super) fn operation(request: RequestId, kind: RequestKind, now: Instant) -> Self {
        let progress = match kind {
            RequestKind::Single => Progress::Single,
            RequestKind::Search | RequestKind::Sync => Progress::Stream { items: Reorder::new(1), end: None },
            RequestKind::ObjectEvents | RequestKind::ChangeEvents => Progress::Events,
            RequestKind::Batch => Progress::Batch(Batch::new(now)),
        };
        Self {
            request: Some(request),
            asks_for_connectors: false,
            is_retry: false,
            inconsistency: 0,
            proven: false,
            kind,
            progress,
        }
    }

    /// Takes a response; counts stream items in `(received, repeated)`.
    pub(super) fn respond(
        &mut self,
        response: Box<OperationResponse>,
        now: Instant,
        counts: &mut (u64, u64),
        max_held: usize,
    ) -> Effect {
        self.proven = true;
        let unexpected = || Effect::Finish(vec![Delivery::Failed(Failure::UnexpectedResponse)]);
        match (&mut self.progress, self.kind) {
            (Progress::Single, _) => Effect::Finish(vec![Delivery::End(response)]),
            (Progress::Stream { items, end }, kind) => {
                let Some((sequence, is_item)) = sequence_of(&response, kind) else { return unexpected() };
                if is_item {
                    counts.0 += 1;
                    if items.push(sequence, response) == Arrival::Repeated {
                        counts.1 += 1;
                        return Effect::Deliver(vec![]);
                    }
                } else {
                    self.inconsistency = 0;
                    end.get_or_insert((sequence, response));
                }
                stream_effect(items, end, max_held)
            }
            (Progress::Events, kind) => match event_of(&response, kind) {
                None => unexpected(),
                Some(EventPart::Completed) => Effect::Finish(vec![Delivery::End(response)]),
                Some(EventPart::Other) => Effect::Deliver(vec![Delivery::Item(response)]),
            },
            (Progress::Batch(batch), _) => {
                let Some(result) = response.batch_op_result.clone() else { return unexpected() };
                batch.respond(&result, response, now, max_held)
            }
        }
    }

    /// When the request ends by itself.
    pub(super) fn ends_at(&self, batch_end: std::time::Duration) -> Option<Instant> {
        match &self.progress {
            Progress::Batch(batch) => batch.ends_at(batch_end),
            _ => None,
        }
    }

    /// How it ended by itself.
    pub(super) fn end_by_itself(&mut self) -> Delivery {
        match &mut self.progress {
            Progress::Batch(batch) if batch.token => {
                Delivery::End(Box::new(OperationResponse { batch_op_result: None, ..Default::default() }))
            }
            _ => Delivery::Failed(Failure::BatchWithoutToken),
        }
    }
}

fn stream_effect(
    items: &mut Reorder<Box<OperationResponse>>,
    end: &mut Option<(i64, Box<OperationResponse>)>,
    max_held: usize,
) -> Effect {
    let mut out: Vec<_> = std::iter::from_fn(|| items.pop()).map(Delivery::Item).collect();
    if let Some((_, last)) = end.take_if(|(count, _)| items.is_past(*count)) {
        out.push(Delivery::End(last));
        return Effect::Finish(out);
    }
    if items.held() > max_held {
        out.push(Delivery::Failed(Failure::TooManyHeldBack));
        return Effect::Finish(out);
    }
    Effect::Deliver(out)
}

/// The number of a stream message and whether it is an item.
fn sequence_of(response: &OperationResponse, kind: RequestKind) -> Option<(i64, bool)> {
    match kind {
        RequestKind::Search => {
            let search = response.search_op_response.as_ref()?;
            Some((search.sequence, search.connector_object.is_some()))
        }
        _ => {
            let sync = response.sync_op_response.as_ref()?.sync.as_ref()?;
            Some((sync.sequence, sync.sync_delta.is_some()))
        }
    }
}

enum EventPart {
    Completed,
    Other,
}

fn event_of(response: &OperationResponse, kind: RequestKind) -> Option<EventPart> {
    let (event, completed) = match kind {
        RequestKind::ObjectEvents => {
            let part = response.connector_event_subscription_op_response.as_ref()?;
            (part.connector_object.is_some(), part.completed)
        }
        _ => {
            let part = response.sync_event_subscription_op_response.as_ref()?;
            (part.sync_delta.is_some(), part.completed)
        }
    };
    Some(if completed && !event { EventPart::Completed } else { EventPart::Other })
}

/// Results of a batch come under task indexes; its end is a token, a completion, and five quiet seconds at worst.
#[derive(Debug)]
struct Batch {
    results: Reorder<Box<OperationResponse>>,
    results_closed: bool,
    token: bool,
    complete: bool,
    last_result: Instant,
}

impl Batch {
    const fn new(now: Instant) -> Self {
        Self {
            results: Reorder::new(0),
            results_closed: false,
            token: false,
            complete: false,
            last_result: now,
        }
    }

    fn respond(
        &mut self,
        result: &BatchOpResult,
        response: Box<OperationResponse>,
        now: Instant,
        max_held: usize,
    ) -> Effect {
        let mut out = Vec::new();
        if result.uid.is_some() || result.empty_result.is_some() {
            let Ok(index) = result.task_id.parse::<i64>() else {
                return Effect::Finish(vec![Delivery::Failed(Failure::UnexpectedResponse)]);
            };
            self.last_result = now;
            self.results_closed |= result.complete;
            self.results.push(index, response);
            out.extend(std::iter::from_fn(|| self.results.pop()).map(Delivery::Item));
            if self.results.held() > max_held {
                out.push(Delivery::Failed(Failure::TooManyHeldBack));
                return Effect::Finish(out);
            }
        } else if result.task_id.is_empty() && !result.complete {
            self.token = true;
            self.results_closed |= !result.returns_results;
            out.push(Delivery::Item(response));
        } else {
            self.complete = true;
        }
        if self.results_closed && self.token && self.complete {
            out.push(Delivery::End(Box::default()));
            return Effect::Finish(out);
        }
        Effect::Deliver(out)
    }

    fn ends_at(&self, batch_end: std::time::Duration) -> Option<Instant> {
        (self.token || self.complete).then(|| self.last_result + batch_end)
    }
}
