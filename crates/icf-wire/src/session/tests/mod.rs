//! Two engines over simulated links: every message, ping and close is delivered by hand, and time is a number.

mod control;
mod dropped;
mod handshake;
mod loss;
mod requests;
mod rotation;
mod streams;

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::*;
use crate::envelope::{
    ConnectorKey, ConnectorObject, OperationRequest, OperationResponse, SearchOpRequest, SearchOpResponse,
    ServerType, TestOpRequest, TestOpResponse,
};

/// One direction of a link.
#[derive(Debug)]
enum Frame {
    Message(Bytes),
    Ping([u8; 8]),
    Pong([u8; 8]),
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Side {
    /// Dials; executes operations.
    Rcs,
    /// Accepts; asks for operations.
    Idm,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Rcs => Self::Idm,
            Self::Idm => Self::Rcs,
        }
    }
}

struct Wire {
    queues: HashMap<Side, VecDeque<Frame>>,
    handed_out: HashMap<Side, u64>,
    /// The side has sent its close.
    closed_by: Vec<Side>,
}

struct Net {
    now: Instant,
    rcs: Engine,
    idm: Engine,
    wires: HashMap<LinkId, Wire>,
    /// What the engines asked for beyond links, in order.
    seen: Vec<(Side, Action)>,
}

fn session(id: &str) -> HandshakeMessage {
    HandshakeMessage { session_id: id.into(), server_type: ServerType::Java.into(), public_key: Bytes::new() }
}

impl Net {
    fn new() -> Self {
        Self::with(
            EngineConfig::default(),
            EngineConfig { grace: Duration::from_secs(720), ..Default::default() },
        )
    }

    fn with(rcs: EngineConfig, idm: EngineConfig) -> Self {
        let mut rcs = Engine::new(rcs, session("RCS"));
        rcs.set_connector_infos(Bytes::from_static(&[0xaa, 0xbb]));
        Self {
            now: Instant::now(),
            rcs,
            idm: Engine::new(idm, session("IDM")),
            wires: HashMap::new(),
            seen: Vec::new(),
        }
    }

    fn engine(&mut self, side: Side) -> &mut Engine {
        match side {
            Side::Rcs => &mut self.rcs,
            Side::Idm => &mut self.idm,
        }
    }

    /// Opens a link and lets the handshake and what follows happen.
    fn connect(&mut self, link: u64) {
        self.open(link);
        self.run();
    }

    fn open(&mut self, link: u64) {
        let id = LinkId(link);
        let queues = HashMap::from([(Side::Rcs, VecDeque::new()), (Side::Idm, VecDeque::new())]);
        let handed_out = HashMap::from([(Side::Rcs, 0), (Side::Idm, 0)]);
        self.wires.insert(id, Wire { queues, handed_out, closed_by: vec![] });
        let now = self.now;
        self.idm.opened(id, Role::Acceptor, "rcs1", now);
        self.rcs.opened(id, Role::Dialer, "rcs1", now);
        self.collect();
    }

    /// Moves actions of both engines onto the wires.
    fn collect(&mut self) {
        for side in [Side::Rcs, Side::Idm] {
            while let Some(action) = self.engine(side).next_action() {
                self.perform(side, action);
            }
        }
    }

    fn perform(&mut self, side: Side, action: Action) {
        let (link, frame) = match action {
            Action::Write { link, bytes } => {
                let Some(wire) = self.wires.get_mut(&link).filter(|wire| !wire.closed_by.contains(&side))
                else {
                    return;
                };
                *wire.handed_out.get_mut(&side).unwrap() += 1;
                (link, Frame::Message(bytes))
            }
            Action::Ping { link, payload } => (link, Frame::Ping(payload)),
            Action::Close { link, .. } => {
                if let Some(wire) = self.wires.get_mut(&link) {
                    wire.closed_by.push(side);
                }
                self.seen.push((side, Action::Close { link, code: CloseCode::NORMAL, reason: "" }));
                (link, Frame::Close)
            }
            Action::Kill { link, reason } => {
                self.seen.push((side, Action::Kill { link, reason }));
                self.cut(link.0);
                return;
            }
            other => return self.seen.push((side, other)),
        };
        if let Some(wire) = self.wires.get_mut(&link) {
            wire.queues.get_mut(&side).unwrap().push_back(frame);
        }
    }

    /// Delivers one frame that `from` sent on the link; false if there is none.
    fn deliver(&mut self, link: u64, from: Side) -> bool {
        let id = LinkId(link);
        let Some(frame) = self.wires.get_mut(&id).and_then(|wire| wire.queues.get_mut(&from)?.pop_front())
        else {
            return false;
        };
        let now = self.now;
        let to = self.engine(from.other());
        match frame {
            Frame::Message(bytes) => match RemoteMessage::from_bytes(bytes) {
                Ok(message) => to.received(id, message, now),
                Err(_) => to.activity(id, now),
            },
            Frame::Ping(payload) => {
                to.activity(id, now);
                // No pong once this side has sent its close, as WebSocket libraries do.
                let wire = self.wires.get_mut(&id).unwrap();
                if !wire.closed_by.contains(&from.other()) {
                    wire.queues.get_mut(&from.other()).unwrap().push_back(Frame::Pong(payload));
                }
            }
            Frame::Pong(payload) => to.pong(id, &payload, now),
            Frame::Close => self.close_arrived(id, from),
        }
        self.collect();
        true
    }

    /// A close came in: it is answered, and what was never sent on the link is reported.
    fn close_arrived(&mut self, id: LinkId, from: Side) {
        let to = from.other();
        let wire = self.wires.get_mut(&id).unwrap();
        if wire.closed_by.contains(&to) {
            self.cut(id.0);
        } else {
            wire.closed_by.push(to);
            wire.queues.get_mut(&to).unwrap().push_back(Frame::Close);
        }
    }

    /// The link is gone on both sides; frames under way are lost.
    fn cut(&mut self, link: u64) {
        let id = LinkId(link);
        let Some(wire) = self.wires.remove(&id) else { return };
        let now = self.now;
        self.rcs.closed(id, wire.handed_out[&Side::Rcs], now);
        self.idm.closed(id, wire.handed_out[&Side::Idm], now);
        self.collect();
    }

    /// Delivers frames round robin until nothing moves.
    fn run(&mut self) {
        self.collect();
        loop {
            let mut links: Vec<_> = self.wires.keys().map(|id| id.0).collect();
            links.sort_unstable();
            let mut moved = false;
            for link in links {
                moved |= self.deliver(link, Side::Rcs);
                moved |= self.deliver(link, Side::Idm);
            }
            if !moved {
                return;
            }
        }
    }

    fn advance(&mut self, by: Duration) {
        let end = self.now + by;
        while self.now < end {
            let next = [self.rcs.next_deadline(), self.idm.next_deadline()].into_iter().flatten().min();
            self.now = next.map_or(end, |next| next.clamp(self.now + Duration::from_millis(1), end));
            let now = self.now;
            self.rcs.tick(now);
            self.idm.tick(now);
            self.run();
        }
    }

    /// The link on which something of the server is under way.
    fn loaded_link(&self) -> u64 {
        self.wires.iter().find(|(_, wire)| !wire.queues[&Side::Rcs].is_empty()).unwrap().0.0
    }

    fn group(&mut self, side: Side) -> GroupId {
        self.engine(side).groups()[0].id
    }

    fn submit(&mut self, operation: OperationRequest) -> RequestId {
        let group = self.group(Side::Idm);
        let now = self.now;
        let request = self.idm.submit(group, operation, now).unwrap();
        self.collect();
        request
    }

    /// Takes the recorded actions that match.
    fn take<T>(&mut self, side: Side, mut pick: impl FnMut(&Action) -> Option<T>) -> Vec<T> {
        let mut taken = Vec::new();
        self.seen.retain(|(who, action)| match (*who == side).then(|| pick(action)).flatten() {
            Some(value) => {
                taken.push(value);
                false
            }
            None => true,
        });
        taken
    }

    /// Executions started at the server since the last call: execution and message id.
    fn started(&mut self) -> Vec<(ExecutionId, i64)> {
        self.take(Side::Rcs, |action| match action {
            Action::Start { execution, message_id, .. } => Some((*execution, *message_id)),
            _ => None,
        })
    }

    fn cancelled(&mut self) -> Vec<ExecutionId> {
        self.take(Side::Rcs, |action| match action {
            Action::Cancel { execution } => Some(*execution),
            _ => None,
        })
    }

    /// What was delivered to a request since the last call, in a short form.
    fn delivered(&mut self, request: RequestId) -> Vec<String> {
        self.take(Side::Idm, |action| match action {
            Action::Deliver { request: to, delivery } if *to == request => Some(match delivery {
                Delivery::Item(response) => match &response.search_op_response {
                    Some(item) => format!("item {}", item.sequence),
                    None => "item".to_owned(),
                },
                Delivery::End(response) => match &response.search_op_response {
                    Some(end) => format!("end {}", end.sequence),
                    None => "end".to_owned(),
                },
                Delivery::Failed(failure) => format!("failed: {failure}"),
            }),
            _ => None,
        })
    }

    fn send_item(&mut self, execution: ExecutionId, id: i64, sequence: i64) -> Capacity {
        let now = self.now;
        let capacity = self.rcs.capacity(execution, now);
        if capacity == Capacity::Ready {
            self.rcs.send_parts(
                execution,
                &mut one_part(item(id, sequence).to_bytes(), ResponseClass::Exact),
                now,
            );
        }
        self.collect();
        capacity
    }

    fn finish(&mut self, execution: ExecutionId, message: &RemoteMessage) {
        let now = self.now;
        self.rcs.finish(execution, &mut VecDeque::new(), message.to_bytes(), now);
        self.collect();
    }
}

fn one_part(bytes: Bytes, class: ResponseClass) -> VecDeque<Part> {
    VecDeque::from([Part { bytes, class }])
}

fn operation() -> OperationRequest {
    OperationRequest { connector_key: Some(ConnectorKey::default()), ..Default::default() }
}

fn test_request() -> OperationRequest {
    OperationRequest { test_op_request: Some(TestOpRequest {}), ..operation() }
}

fn search_request() -> OperationRequest {
    OperationRequest { search_op_request: Some(SearchOpRequest::default()), ..operation() }
}

fn response(id: i64, operation: OperationResponse) -> RemoteMessage {
    RemoteMessage::of_response(
        id,
        RpcResponse { operation_response: Some(Box::new(operation)), ..Default::default() },
    )
}

fn test_response(id: i64) -> RemoteMessage {
    response(id, OperationResponse { test_op_response: Some(TestOpResponse {}), ..Default::default() })
}

fn search_message(id: i64, search: SearchOpResponse) -> RemoteMessage {
    response(id, OperationResponse { search_op_response: Some(search), ..Default::default() })
}

fn item(id: i64, sequence: i64) -> RemoteMessage {
    let object = ConnectorObject { object_class: "__ACCOUNT__".into(), attributes: Bytes::from(vec![7; 40]) };
    search_message(id, SearchOpResponse { sequence, result: None, connector_object: Some(object) })
}

fn search_end(id: i64, count: i64) -> RemoteMessage {
    search_message(id, SearchOpResponse { sequence: count, result: None, connector_object: None })
}
