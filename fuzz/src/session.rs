//! The session engine against a peer that says anything at any time, over links that come and go.
//!
//! Whatever happens, the engine asks for nothing impossible, keeps its bounds, delivers each stream in order, and when
//! all links have been gone for long enough, nothing is left: every request has ended and every execution has stopped.

mod messages;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use icf_wire::envelope::{HandshakeMessage, RemoteMessage};
use icf_wire::session::{
    Action, Capacity, Delivery, Engine, EngineConfig, ExecutionId, GroupId, LinkId, Part, RequestId,
    RequestKind, ResponseClass, Role,
};

use crate::script::Script;

/// A fuzz input of a few hundred steps says as much as one of thousands.
const STEPS: usize = 400;

/// How many links may be open at once.
const LINKS: usize = 6;

/// Takes any bytes as a series of events.
pub fn run(data: &[u8]) {
    let mut script = Script::new(data);
    let mut peer = Peer::new();
    for _ in 0..STEPS {
        let Some(step) = script.step() else { break };
        peer.step(step, &mut script);
        peer.obey();
        peer.check();
    }
    peer.end();
}

fn config() -> EngineConfig {
    EngineConfig {
        window_bytes: 2_000,
        window_messages: 8,
        hard_messages: 64,
        max_executions: 4,
        max_reordered: 16,
        ..EngineConfig::default()
    }
}

/// A link as its surroundings know it.
#[derive(Debug, Default)]
struct Link {
    handed_out: u64,
    last_ping: Vec<u8>,
}

/// A request of the engine's side.
#[derive(Debug)]
struct Request {
    kind: RequestKind,
    delivered: i64,
}

/// The surroundings of one engine.
struct Peer {
    engine: Engine,
    config: EngineConfig,
    now: Instant,
    next_link: u64,
    links: BTreeMap<LinkId, Link>,
    requests: BTreeMap<RequestId, Request>,
    /// Message id of each execution that nobody has cancelled.
    executions: BTreeMap<ExecutionId, i64>,
    last_execution: Option<ExecutionId>,
}

impl Peer {
    fn new() -> Self {
        let handshake = HandshakeMessage { session_id: "ours".to_owned(), ..Default::default() };
        let mut engine = Engine::new(config(), handshake);
        engine.set_connector_infos(Bytes::from_static(b"infos"));
        Self {
            engine,
            config: config(),
            now: Instant::now(),
            next_link: 0,
            links: BTreeMap::new(),
            requests: BTreeMap::new(),
            executions: BTreeMap::new(),
            last_execution: None,
        }
    }

    fn step(&mut self, step: u8, script: &mut Script<'_>) {
        match step % 20 {
            0 => self.open(script),
            1..=7 => self.receive(messages::structured(script), script),
            8 => match RemoteMessage::from_bytes(Bytes::copy_from_slice(script.bytes())) {
                Ok(message) => self.receive(message, script),
                Err(_) => self.with_link(script, |peer, link| peer.engine.activity(link, peer.now)),
            },
            9 | 10 => self.pong(script),
            11 => self.lose(script),
            12 => self.with_link(script, |peer, link| peer.engine.retire(link, peer.now)),
            13 | 14 => self.wait(Duration::from_millis(u64::from(script.byte()).pow(2) * 10)),
            15 => self.submit(script),
            16 => self.give_up(script),
            17 => self.send_part(script),
            18 => self.finish(script),
            _ => self.other(script),
        }
    }

    fn open(&mut self, script: &mut Script<'_>) {
        let details = script.byte();
        if self.links.len() >= LINKS {
            return;
        }
        self.next_link += 1;
        let link = LinkId(self.next_link);
        self.links.insert(link, Link::default());
        let role = if details & 1 == 0 { Role::Acceptor } else { Role::Dialer };
        let label = if details & 2 == 0 { "one" } else { "two" };
        self.engine.opened(link, role, label, self.now);
        if details & 4 == 0 {
            let name = if details & 8 == 0 { "theirs" } else { "others" };
            self.engine.received(link, messages::handshake(role, name), self.now);
        }
    }

    fn with_link(&mut self, script: &mut Script<'_>, act: impl FnOnce(&mut Self, LinkId)) {
        if let Some(link) = script.choose(self.links.len()).and_then(|at| self.links.keys().nth(at).copied())
        {
            act(self, link);
        }
    }

    fn receive(&mut self, message: RemoteMessage, script: &mut Script<'_>) {
        self.with_link(script, |peer, link| peer.engine.received(link, message, peer.now));
    }

    fn pong(&mut self, script: &mut Script<'_>) {
        let other = script.bytes();
        self.with_link(script, |peer, link| {
            let payload = match peer.links.get(&link) {
                Some(link) if other.is_empty() => link.last_ping.clone(),
                _ => other.to_vec(),
            };
            peer.engine.pong(link, &payload, peer.now);
        });
    }

    fn lose(&mut self, script: &mut Script<'_>) {
        let unwritten = u64::from(script.byte() % 8);
        self.with_link(script, |peer, link| peer.close(link, unwritten));
    }

    fn close(&mut self, id: LinkId, unwritten: u64) {
        if let Some(link) = self.links.remove(&id) {
            self.engine.closed(id, link.handed_out.saturating_sub(unwritten), self.now);
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.engine.tick(self.now);
    }

    fn submit(&mut self, script: &mut Script<'_>) {
        let operation = messages::operation(script);
        let Some(group) = self.group(script) else { return };
        let kind = RequestKind::of(&operation);
        if let Ok(request) = self.engine.submit(group, operation, self.now) {
            let known = self.requests.insert(request, Request { kind, delivered: 0 });
            assert!(known.is_none(), "{request} was given out twice");
        }
    }

    fn group(&self, script: &mut Script<'_>) -> Option<GroupId> {
        let groups = self.engine.groups();
        script.choose(groups.len()).and_then(|at| groups.get(at)).map(|group| group.id)
    }

    fn give_up(&mut self, script: &mut Script<'_>) {
        let tell = script.byte() & 1 == 0;
        let at = script.choose(self.requests.len());
        let Some(request) = at.and_then(|at| self.requests.keys().nth(at).copied()) else { return };
        self.requests.remove(&request);
        if tell {
            self.engine.cancel(request, self.now);
        } else {
            self.engine.forget(request);
        }
    }

    fn execution(&self, script: &mut Script<'_>) -> Option<(ExecutionId, i64)> {
        script
            .choose(self.executions.len())
            .and_then(|at| self.executions.iter().nth(at))
            .map(|(execution, id)| (*execution, *id))
    }

    fn send_part(&mut self, script: &mut Script<'_>) {
        let class = if script.byte() & 1 == 0 { ResponseClass::Exact } else { ResponseClass::Once };
        let Some((execution, id)) = self.execution(script) else { return };
        match self.engine.capacity(execution, self.now) {
            Capacity::Ready => {
                let part = messages::item(id, script.small());
                let part = Part { bytes: part.to_bytes(), class };
                self.engine.send_parts(execution, &mut VecDeque::from([part]), self.now);
            }
            Capacity::Wait => {}
            Capacity::Gone => panic!("{execution} is gone, and nobody has said so"),
        }
    }

    fn finish(&mut self, script: &mut Script<'_>) {
        if let Some((execution, id)) = self.execution(script) {
            self.executions.remove(&execution);
            self.engine.finish(execution, &mut VecDeque::new(), messages::item(id, 0).to_bytes(), self.now);
            assert_eq!(self.engine.capacity(execution, self.now), Capacity::Gone, "{execution} is finished");
        }
    }

    fn other(&mut self, script: &mut Script<'_>) {
        let which = script.byte();
        if which == u8::MAX {
            return self.engine.shutdown(self.now);
        }
        if let Some(group) = self.group(script) {
            match which % 2 {
                0 => self.engine.check_now(group, self.now),
                _ => self.engine.notify_configuration_change(group, Bytes::new(), Bytes::new(), self.now),
            }
        }
    }

    /// Does what the engine asks for, as far as it concerns someone, and judges it.
    fn obey(&mut self) {
        while let Some(action) = self.engine.next_action() {
            match action {
                Action::Write { link, bytes } => {
                    let link = self.links.get_mut(&link).expect("a message goes to a link that is there");
                    link.handed_out += 1;
                    assert!(RemoteMessage::from_bytes(bytes).is_ok(), "it is a message");
                }
                Action::Ping { link, payload } => {
                    let link = self.links.get_mut(&link).expect("a ping goes to a link that is there");
                    link.last_ping = payload.to_vec();
                }
                Action::Close { link, .. } | Action::Kill { link, .. } => {
                    assert!(self.links.contains_key(&link), "a link that is there is closed");
                }
                Action::Start { execution, message_id, .. } => {
                    assert!(self.last_execution < Some(execution), "{execution} is started twice");
                    self.last_execution = Some(execution);
                    self.executions.insert(execution, message_id);
                }
                Action::Cancel { execution } => {
                    let running = self.executions.remove(&execution);
                    assert!(running.is_some(), "{execution} is cancelled after its end");
                }
                Action::Deliver { request, delivery } => self.take(request, &delivery),
                _ => {}
            }
        }
    }

    fn take(&mut self, id: RequestId, delivery: &Delivery) {
        let request = self.requests.get_mut(&id).expect("a delivery is for a request that goes on");
        let Delivery::Item(item) = delivery else {
            self.requests.remove(&id);
            return;
        };
        let number = match request.kind {
            RequestKind::Search => item.search_op_response.as_ref().map(|item| item.sequence),
            RequestKind::Sync => {
                item.sync_op_response.as_ref().and_then(|item| item.sync.as_ref()).map(|item| item.sequence)
            }
            RequestKind::Single => panic!("one answer, not items"),
            RequestKind::ObjectEvents | RequestKind::ChangeEvents | RequestKind::Batch => return,
        };
        request.delivered += 1;
        assert_eq!(number, Some(request.delivered), "items come in order, each once");
    }

    fn check(&self) {
        for group in self.engine.groups() {
            assert!(group.executing <= self.config.max_executions, "too many executions: {group:?}");
            assert!(group.usable_links <= group.links.len());
        }
        let waiting: usize = self.engine.groups().iter().map(|group| group.waiting_for).sum();
        assert_eq!(waiting, self.requests.len(), "a request is waited for as long as it has not ended");
    }

    /// All links go, and time passes.
    fn end(mut self) {
        for link in self.links.keys().copied().collect::<Vec<_>>() {
            self.close(link, 0);
            self.obey();
        }
        self.wait(self.config.grace + Duration::from_secs(1));
        self.obey();
        assert!(self.engine.groups().is_empty(), "a group outlived its links");
        assert!(self.requests.is_empty(), "a request never ended: {:?}", self.requests);
        assert!(self.executions.is_empty(), "an execution goes on for nobody");
        assert_eq!(self.engine.next_deadline(), None, "something is still to happen");
    }
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peer").field("links", &self.links).finish_non_exhaustive()
    }
}
