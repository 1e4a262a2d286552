//! What is asked and what is executed: streams of numbered items, single answers, subscriptions.

use std::collections::{BTreeMap, VecDeque};

use icf_wire::envelope::{ConnectorEventSubscriptionOpRequest, OperationRequest};
use icf_wire::envelope::{
    ConnectorEventSubscriptionOpResponse, ConnectorObject, OperationResponse, RemoteMessage, RpcResponse,
    SearchOpRequest, SearchOpResponse, TestOpRequest, TestOpResponse,
};
use icf_wire::session::{Action, Capacity, Delivery, ExecutionId, Part, RequestId, ResponseClass};

use super::net::{Net, Side};
use crate::script::Script;

/// What an operation answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// So many items and an end.
    Search(i64),
    /// So many events and an end.
    Events(i64),
    /// One message.
    Test,
}

impl Kind {
    fn request(self) -> OperationRequest {
        let mut request = OperationRequest::default();
        match self {
            Self::Search(count) => {
                let search = SearchOpRequest { object_class: count.to_string(), ..Default::default() };
                request.search_op_request = Some(search);
            }
            Self::Events(count) => {
                let object_class = count.to_string();
                let events = ConnectorEventSubscriptionOpRequest { object_class, ..Default::default() };
                request.connector_event_subscription_op_request = Some(events);
            }
            Self::Test => request.test_op_request = Some(TestOpRequest {}),
        }
        request
    }

    fn of(request: &OperationRequest) -> Self {
        let count = |text: &str| text.parse().expect("our own number");
        if let Some(search) = &request.search_op_request {
            Self::Search(count(&search.object_class))
        } else if let Some(events) = &request.connector_event_subscription_op_request {
            Self::Events(count(&events.object_class))
        } else {
            Self::Test
        }
    }

    const fn count(self) -> i64 {
        match self {
            Self::Search(count) | Self::Events(count) => count,
            Self::Test => 0,
        }
    }

    /// The part with that number, or the end behind the last part.
    fn message(self, id: i64, number: i64) -> RemoteMessage {
        let is_part = number <= self.count();
        let object = || ConnectorObject { object_class: number.to_string(), ..Default::default() };
        let mut answer = OperationResponse::default();
        match self {
            Self::Search(count) => {
                let sequence = number.min(count);
                let connector_object = is_part.then(object);
                answer.search_op_response =
                    Some(SearchOpResponse { sequence, result: None, connector_object });
            }
            Self::Events(_) => {
                let connector_object = is_part.then(object);
                let event = ConnectorEventSubscriptionOpResponse { connector_object, completed: !is_part };
                answer.connector_event_subscription_op_response = Some(event);
            }
            Self::Test => answer.test_op_response = Some(TestOpResponse {}),
        }
        RemoteMessage::of_response(
            id,
            RpcResponse { operation_response: Some(Box::new(answer)), ..Default::default() },
        )
    }
}

/// The number inside a part.
fn number_of(part: &OperationResponse) -> i64 {
    let search = part.search_op_response.as_ref().and_then(|part| part.connector_object.as_ref());
    let events = part.connector_event_subscription_op_response.as_ref();
    let object = search.or_else(|| events?.connector_object.as_ref()).expect("a part holds an object");
    object.object_class.parse().expect("our own number")
}

#[derive(Clone, Copy, Debug)]
struct Running {
    id: i64,
    kind: Kind,
    next: i64,
}

/// The operations under way at the executing side.
#[derive(Debug, Default)]
pub(super) struct Executed {
    running: BTreeMap<ExecutionId, Running>,
}

impl Executed {
    pub(super) fn take(&mut self, action: Action) {
        match action {
            Action::Start { execution, message_id: id, request, .. } => {
                self.running.insert(execution, Running { id, kind: Kind::of(&request), next: 1 });
            }
            Action::Cancel { execution } => {
                assert!(self.running.remove(&execution).is_some(), "{execution} is cancelled after its end");
            }
            _ => {}
        }
    }

    /// Goes on with one of them, a few parts.
    pub(super) fn work(&mut self, net: &mut Net, script: &mut Script<'_>) {
        let parts = script.byte() % 16;
        let at = script.choose(self.running.len());
        if let Some(execution) = at.and_then(|at| self.running.keys().nth(at).copied()) {
            for _ in 0..=parts {
                if !self.one_part(net, execution) {
                    break;
                }
            }
        }
    }

    /// Goes on with all of them as far as the links take it; whether that was anything.
    pub(super) fn work_on_all(&mut self, net: &mut Net) -> bool {
        let mut moved = false;
        for execution in self.running.keys().copied().collect::<Vec<_>>() {
            while self.one_part(net, execution) {
                moved = true;
            }
        }
        moved
    }

    fn one_part(&mut self, net: &mut Net, execution: ExecutionId) -> bool {
        let Some(running) = self.running.get(&execution).copied() else { return false };
        let bytes = running.kind.message(running.id, running.next).to_bytes();
        if running.next > running.kind.count() {
            self.running.remove(&execution);
            net.with(Side::Executing, |engine, now| {
                engine.finish(execution, &mut VecDeque::new(), bytes, now);
            });
            return true;
        }
        let class = match running.kind {
            Kind::Events(_) => ResponseClass::Once,
            Kind::Search(_) | Kind::Test => ResponseClass::Exact,
        };
        let sent = net.with(Side::Executing, |engine, now| match engine.capacity(execution, now) {
            Capacity::Ready => {
                engine.send_parts(execution, &mut VecDeque::from([Part { bytes, class }]), now);
                true
            }
            Capacity::Wait => false,
            Capacity::Gone => panic!("{execution} is gone, and nobody has said so"),
        });
        if sent && let Some(running) = self.running.get_mut(&execution) {
            running.next += 1;
        }
        sent
    }
}

#[derive(Debug)]
struct Waiting {
    kind: Kind,
    received: i64,
}

/// The requests of the asking side that have not ended.
#[derive(Debug, Default)]
pub(super) struct Asked {
    waiting: BTreeMap<RequestId, Waiting>,
}

impl Asked {
    pub(super) fn submit(&mut self, net: &mut Net, script: &mut Script<'_>) {
        let choice = script.byte();
        let count = i64::from(script.byte() % 64);
        let kind = match choice % 4 {
            0 | 1 => Kind::Search(count),
            2 => Kind::Events(count),
            _ => Kind::Test,
        };
        let Some(group) = net.group(Side::Asking) else { return };
        let submitted = net.with(Side::Asking, |engine, now| engine.submit(group, kind.request(), now));
        if let Ok(request) = submitted {
            self.waiting.insert(request, Waiting { kind, received: 0 });
        }
    }

    pub(super) fn cancel(&mut self, net: &mut Net, script: &mut Script<'_>) {
        let at = script.choose(self.waiting.len());
        if let Some(request) = at.and_then(|at| self.waiting.keys().nth(at).copied()) {
            self.waiting.remove(&request);
            net.with(Side::Asking, |engine, now| engine.cancel(request, now));
        }
    }

    pub(super) fn take(&mut self, action: Action, had_faults: bool) {
        let Action::Deliver { request, delivery } = action else { return };
        // What was under way when the request was cancelled.
        let Some(waiting) = self.waiting.get_mut(&request) else { return };
        match delivery {
            Delivery::Item(part) => {
                waiting.received += 1;
                assert_eq!(number_of(&part), waiting.received, "a part is lost, doubled or out of order");
            }
            Delivery::End(_) => {
                assert_eq!(waiting.received, waiting.kind.count(), "parts are missing at the end");
                self.waiting.remove(&request);
            }
            Delivery::Failed(failure) => {
                assert!(had_faults, "failed without a fault: {failure}");
                self.waiting.remove(&request);
            }
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }
}
