//! Links between two engines: frames under way, closes, cuts, and a clock.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use icf_wire::envelope::{HandshakeMessage, RemoteMessage};
use icf_wire::session::{Action, Counters, Engine, EngineConfig, GroupId, LinkId, Role};

use crate::script::Script;

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Dials, and runs operations.
    Executing,
    /// Accepts, and asks for operations.
    Asking,
}

impl Side {
    const BOTH: [Self; 2] = [Self::Executing, Self::Asking];

    const fn other(self) -> Self {
        match self {
            Self::Executing => Self::Asking,
            Self::Asking => Self::Executing,
        }
    }
}

#[derive(Debug)]
enum Frame {
    Message(Bytes),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close,
}

/// One end of a link.
#[derive(Debug, Default)]
struct End {
    /// Frames that this end sent and the other has not read.
    under_way: VecDeque<Frame>,
    /// Messages that were begun to be written.
    attempted: u64,
    /// It has sent its close.
    closed: bool,
    /// It knows that the link is gone.
    gone: bool,
}

#[derive(Debug, Default)]
struct Link {
    executing: End,
    asking: End,
    /// Nothing more gets through.
    broken: bool,
}

impl Link {
    const fn end(&mut self, side: Side) -> &mut End {
        match side {
            Side::Executing => &mut self.executing,
            Side::Asking => &mut self.asking,
        }
    }
}

/// Both engines and what is between them.
pub(super) struct Net {
    executing: Engine,
    asking: Engine,
    links: BTreeMap<LinkId, Link>,
    actions: VecDeque<(Side, Action)>,
    now: Instant,
    next_link: u64,
    faults: bool,
    /// How long frames have been under way.
    lag: Duration,
}

/// A link may be slow for so long before either side gives it up.
const PATIENCE: Duration = Duration::from_secs(15);

fn engine(session: &str) -> Engine {
    let config = EngineConfig {
        window_bytes: 1_000,
        window_messages: 8,
        max_executions: 100,
        grace: Duration::from_secs(300),
        ..EngineConfig::default()
    };
    Engine::new(config, HandshakeMessage { session_id: session.to_owned(), ..Default::default() })
}

impl Net {
    pub(super) fn new() -> Self {
        Self {
            executing: engine("executing"),
            asking: engine("asking"),
            links: BTreeMap::new(),
            actions: VecDeque::new(),
            now: Instant::now(),
            next_link: 0,
            faults: false,
            lag: Duration::ZERO,
        }
    }

    /// Whether anything has happened that may cost results.
    pub(super) const fn had_faults(&self) -> bool {
        self.faults
    }

    pub(super) fn link_count(&self) -> usize {
        self.links.len()
    }

    /// Does something with an engine, and takes its actions to the links or keeps them for whom they concern.
    pub(super) fn with<R>(&mut self, side: Side, act: impl FnOnce(&mut Engine, Instant) -> R) -> R {
        let now = self.now;
        let result = act(self.engine(side), now);
        while let Some(action) = self.engine(side).next_action() {
            self.perform(side, action);
        }
        result
    }

    const fn engine(&mut self, side: Side) -> &mut Engine {
        match side {
            Side::Executing => &mut self.executing,
            Side::Asking => &mut self.asking,
        }
    }

    /// The next thing that an engine wants from someone who is not a link.
    pub(super) fn next_action(&mut self) -> Option<(Side, Action)> {
        self.actions.pop_front()
    }

    /// The group of that side's peer, if it has one.
    pub(super) fn group(&mut self, side: Side) -> Option<GroupId> {
        self.engine(side).groups().first().map(|group| group.id)
    }

    fn perform(&mut self, side: Side, action: Action) {
        match action {
            Action::Write { link, bytes } => self.send(link, side, Frame::Message(bytes)),
            Action::Ping { link, payload } => self.send(link, side, Frame::Ping(payload.to_vec())),
            Action::Close { link, .. } => {
                self.send(link, side, Frame::Close);
                if let Some(link) = self.links.get_mut(&link) {
                    link.end(side).closed = true;
                }
            }
            Action::Kill { link, .. } => {
                self.faults = true;
                self.break_link(link, 0);
                self.leave(link, side);
            }
            other => self.actions.push_back((side, other)),
        }
    }

    fn send(&mut self, link: LinkId, side: Side, frame: Frame) {
        let Some(link) = self.links.get_mut(&link) else { return };
        let broken = link.broken;
        let end = link.end(side);
        // After its close an end sends nothing; on a broken link it does not know yet that nothing gets through.
        if end.closed || end.gone {
            return;
        }
        end.attempted += u64::from(matches!(frame, Frame::Message(_)));
        if !broken {
            end.under_way.push_back(frame);
        }
    }

    pub(super) fn open(&mut self) {
        self.next_link += 1;
        let id = LinkId(self.next_link);
        self.links.insert(id, Link::default());
        self.with(Side::Asking, |engine, now| engine.opened(id, Role::Acceptor, "server", now));
        self.with(Side::Executing, |engine, now| engine.opened(id, Role::Dialer, "server", now));
    }

    fn choose(&self, script: &mut Script<'_>) -> Option<LinkId> {
        script.choose(self.links.len()).and_then(|at| self.links.keys().nth(at).copied())
    }

    /// Delivers up to `count` frames that `from` sent over some link.
    pub(super) fn deliver(&mut self, from: Side, count: u8, script: &mut Script<'_>) {
        let Some(link) = self.choose(script) else { return };
        for _ in 0..=count % 16 {
            if !self.deliver_one(link, from) {
                break;
            }
        }
    }

    /// Delivers frames until none is under way; whether there was one.
    pub(super) fn deliver_everything(&mut self) -> bool {
        let mut moved = false;
        for link in self.links.keys().copied().collect::<Vec<_>>() {
            for side in Side::BOTH {
                while self.deliver_one(link, side) {
                    moved = true;
                }
            }
        }
        moved
    }

    fn deliver_one(&mut self, id: LinkId, from: Side) -> bool {
        let to = from.other();
        let Some(link) = self.links.get_mut(&id) else { return false };
        if link.end(to).gone {
            return false;
        }
        let Some(frame) = link.end(from).under_way.pop_front() else { return false };
        match frame {
            Frame::Message(bytes) => {
                let message = RemoteMessage::from_bytes(bytes).expect("an engine writes messages");
                self.with(to, |engine, now| engine.received(id, message, now));
            }
            Frame::Ping(payload) => {
                self.with(to, |engine, now| engine.activity(id, now));
                self.send(id, to, Frame::Pong(payload));
            }
            Frame::Pong(payload) => self.with(to, |engine, now| engine.pong(id, &payload, now)),
            Frame::Close => self.close_arrived(id, to),
        }
        true
    }

    /// A close is answered; whoever has both sent and received one is done with the link.
    fn close_arrived(&mut self, id: LinkId, to: Side) {
        let Some(link) = self.links.get_mut(&id) else { return };
        if !link.end(to).closed {
            self.send(id, to, Frame::Close);
            if let Some(link) = self.links.get_mut(&id) {
                link.end(to).closed = true;
            }
        }
        self.leave(id, to);
    }

    /// An end learns that the link is gone.
    fn leave(&mut self, id: LinkId, side: Side) {
        let Some(link) = self.links.get_mut(&id) else { return };
        let end = link.end(side);
        if end.gone {
            return;
        }
        end.gone = true;
        let attempted = end.attempted;
        if link.executing.gone && link.asking.gone {
            self.links.remove(&id);
        }
        self.with(side, |engine, now| engine.closed(id, attempted, now));
    }

    /// Breaks a link: of the frames under way only the first few still arrive.
    pub(super) fn cut(&mut self, script: &mut Script<'_>) {
        let survivors = usize::from(script.byte() % 8);
        if let Some(link) = self.choose(script) {
            self.faults = true;
            self.break_link(link, survivors);
        }
    }

    fn break_link(&mut self, id: LinkId, survivors: usize) {
        if let Some(link) = self.links.get_mut(&id) {
            link.broken = true;
            link.executing.under_way.truncate(survivors);
            link.asking.under_way.truncate(survivors);
        }
    }

    /// One end of a broken link notices, after it has read what still arrived.
    pub(super) fn notice(&mut self, script: &mut Script<'_>) {
        let side = if script.byte() & 1 == 0 { Side::Executing } else { Side::Asking };
        if let Some(link) = self.choose(script) {
            self.notice_at(link, side);
        }
    }

    fn notice_at(&mut self, id: LinkId, side: Side) {
        let Some(link) = self.links.get(&id) else { return };
        // When the other end has gone in order, the connection ends behind its last frame.
        let over = link.broken || link.executing.gone || link.asking.gone;
        if over {
            while self.deliver_one(id, side.other()) {}
            self.leave(id, side);
        }
    }

    pub(super) fn notice_all(&mut self) {
        for id in self.links.keys().copied().collect::<Vec<_>>() {
            for side in Side::BOTH {
                self.notice_at(id, side);
            }
        }
    }

    /// The dialing end takes a link out of use.
    pub(super) fn retire(&mut self, script: &mut Script<'_>) {
        // Before its handshake is done it would just be closed, though the other end may have asked something over it.
        if let Some(link) = self.choose(script).filter(|link| self.executing.group_of(*link).is_some()) {
            self.with(Side::Executing, |engine, now| engine.retire(link, now));
        }
    }

    /// Time passes; both engines do what is due at the moment when it is due.
    pub(super) fn advance(&mut self, by: Duration) {
        self.lag = if self.is_still() { Duration::ZERO } else { self.lag + by };
        self.faults |= self.lag > PATIENCE;
        let end = self.now + by;
        // A deadline that is due but waits for the world may not stop the clock.
        for _ in 0..50 {
            let next =
                [self.executing.next_deadline(), self.asking.next_deadline()].into_iter().flatten().min();
            self.now = next.map_or(end, |next| next.max(self.now + Duration::from_millis(1)).min(end));
            for side in Side::BOTH {
                self.with(side, Engine::tick);
            }
            if self.now >= end {
                return;
            }
        }
        self.now = end;
        for side in Side::BOTH {
            self.with(side, Engine::tick);
        }
    }

    fn is_still(&self) -> bool {
        self.links
            .values()
            .all(|link| link.executing.under_way.is_empty() && link.asking.under_way.is_empty())
    }

    /// Counted before the receiver drops second copies.
    pub(super) fn assert_nothing_repeated(&self) {
        for counters in [self.executing.counters(), self.asking.counters()] {
            let Counters { items_repeated, messages_repeated, .. } = counters;
            assert_eq!((items_repeated, messages_repeated), (0, 0), "repeated without a fault");
        }
    }
}
