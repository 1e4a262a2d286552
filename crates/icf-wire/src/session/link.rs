//! One link: its state, its window of unproven messages, its pings.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{EngineConfig, GroupId, ResponseClass, Role};

/// Payloads of pings count on from here. Java peers read a ping's payload as a protobuf message and log a failure, with
/// its stack trace, when it is none; so the count is the six bytes of a field that no such message has.
const BEFORE_FIRST_PING: u64 = 0x0a06_0000_0000_0000;

/// Where a link is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkState {
    /// Waiting for the peer's handshake.
    Handshaking { since: Instant },
    /// In use.
    Open,
    /// Out of use; waits until everything on it is proven.
    Retiring { since: Instant },
    /// A close frame has been ordered.
    Closing,
}

/// What an unproven message was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tracked {
    /// Part of the answer to the peer's request of that id.
    Response { id: i64, class: ResponseClass },
    /// A request of this side under that id.
    Request { id: i64 },
    /// A message that may be repeated and belongs to nothing.
    Notice,
}

/// A message that was handed out and not yet proven to have been read.
#[derive(Debug)]
pub(super) struct Unproven {
    pub(super) index: u64,
    pub(super) bytes: Bytes,
    pub(super) tracked: Tracked,
}

#[derive(Debug)]
struct Ping {
    payload: u64,
    covers: u64,
    sent: Instant,
}

/// What a pong proved.
pub(super) struct Proof {
    pub(super) latency: Duration,
    pub(super) executions: Vec<i64>,
    pub(super) requests: Vec<i64>,
}

#[derive(Debug)]
pub(super) struct Link {
    pub(super) role: Role,
    pub(super) label: String,
    pub(super) state: LinkState,
    pub(super) group: Option<GroupId>,
    /// The peer said that it will close this link.
    pub(super) peer_closing: bool,
    pub(super) closing_since: Option<Instant>,
    /// Its end has been ordered already.
    pub(super) killed: bool,
    pub(super) last_received: Instant,
    pub(super) unproven: VecDeque<Unproven>,
    pub(super) unproven_bytes: usize,
    written: u64,
    pings: VecDeque<Ping>,
    last_ping: Instant,
    last_proof: Instant,
    last_payload: u64,
    messages_since_ping: usize,
    bytes_since_ping: usize,
    /// Something was written whose fate should be known soon: a request, or a part that cannot be repeated.
    urgent: bool,
    /// Under which id the peer got the connector list over it.
    pub(super) told_connectors: Option<i64>,
    /// How often the peer dropped an answer on it.
    pub(super) dropped: u32,
}

impl Link {
    pub(super) fn new(role: Role, label: &str, now: Instant) -> Self {
        Self {
            role,
            label: label.to_owned(),
            state: LinkState::Handshaking { since: now },
            group: None,
            peer_closing: false,
            closing_since: None,
            killed: false,
            last_received: now,
            unproven: VecDeque::new(),
            unproven_bytes: 0,
            written: 0,
            pings: VecDeque::new(),
            last_ping: now,
            last_proof: now,
            last_payload: BEFORE_FIRST_PING,
            messages_since_ping: 0,
            bytes_since_ping: 0,
            urgent: false,
            told_connectors: None,
            dropped: 0,
        }
    }

    /// Whether new messages may go over it.
    pub(super) fn is_usable(&self) -> bool {
        self.state == LinkState::Open && !self.peer_closing
    }

    /// Whether messages of a conversation that is bound to it may still go over it.
    pub(super) fn carries(&self) -> bool {
        matches!(self.state, LinkState::Open | LinkState::Retiring { .. })
    }

    /// Counts a message that was handed out; answers its index.
    pub(super) fn wrote(&mut self) -> u64 {
        self.written += 1;
        self.written
    }

    pub(super) fn track(&mut self, bytes: Bytes, tracked: Tracked) {
        let index = self.wrote();
        self.unproven_bytes += bytes.len();
        self.bytes_since_ping += bytes.len();
        self.messages_since_ping += 1;
        self.urgent |=
            matches!(tracked, Tracked::Request { .. } | Tracked::Response { class: ResponseClass::Once, .. });
        self.unproven.push_back(Unproven { index, bytes, tracked });
    }

    /// Takes out what was sent of the answer of that id and is not proven, in order.
    pub(super) fn take_unproven_answer(&mut self, id: i64) -> Vec<(Bytes, ResponseClass)> {
        let mut taken = Vec::new();
        self.unproven.retain(|message| match message.tracked {
            Tracked::Response { id: other, class } if other == id => {
                self.unproven_bytes -= message.bytes.len();
                taken.push((message.bytes.clone(), class));
                false
            }
            _ => true,
        });
        taken
    }

    /// Whether a stream may add a message. One message larger than the window is let through when nothing is under way.
    pub(super) fn has_room(&self, config: &EngineConfig) -> bool {
        self.unproven.is_empty()
            || self.unproven_bytes < config.window_bytes && self.unproven.len() < config.window_messages
    }

    /// Whether it is time for a ping that proves what was written: at every quarter of the window, so that the window
    /// never closes on a peer that answers.
    pub(super) fn wants_proof(&self, config: &EngineConfig) -> bool {
        self.messages_since_ping >= config.window_messages / 4
            || self.bytes_since_ping >= config.window_bytes / 4
            || (!self.has_room(config) && self.pings.is_empty())
    }

    /// Whether a ping is wanted at once. One at a time: the next follows its pong.
    pub(super) fn is_urgent(&self) -> bool {
        self.urgent && self.pings.is_empty()
    }

    /// When the link has been quiet for long enough to be closed; `None` while something on it is unproven.
    pub(super) fn drained_at(&self, config: &EngineConfig) -> Option<Instant> {
        let quiet = self.unproven.is_empty() && self.pings.is_empty();
        quiet.then(|| self.last_proof + config.retire_linger)
    }

    /// Whether a ping under way covers everything written.
    pub(super) fn proof_under_way(&self) -> bool {
        self.messages_since_ping == 0 && !self.pings.is_empty()
    }

    /// Notes a ping; answers its payload.
    pub(super) fn ping(&mut self, now: Instant) -> [u8; 8] {
        self.last_payload += 1;
        self.pings.push_back(Ping { payload: self.last_payload, covers: self.written, sent: now });
        self.last_ping = now;
        self.messages_since_ping = 0;
        self.bytes_since_ping = 0;
        self.urgent = false;
        self.last_payload.to_be_bytes()
    }

    /// Takes a pong; `None` if it answers no ping of this link.
    pub(super) fn prove(&mut self, payload: &[u8], now: Instant) -> Option<Proof> {
        let payload = u64::from_be_bytes(payload.try_into().ok()?);
        let position = self.pings.iter().position(|ping| ping.payload == payload)?;
        let ping = self.pings.drain(..=position).next_back()?;
        self.last_proof = now;
        let mut proof = Proof {
            latency: now.saturating_duration_since(ping.sent),
            executions: Vec::new(),
            requests: Vec::new(),
        };
        while let Some(message) = self.unproven.pop_front_if(|message| message.index <= ping.covers) {
            self.unproven_bytes -= message.bytes.len();
            match message.tracked {
                Tracked::Response { id, .. } => proof.executions.push(id),
                Tracked::Request { id } => proof.requests.push(id),
                Tracked::Notice => {}
            }
        }
        Some(proof)
    }

    /// When the oldest unanswered ping makes the link a dead one: nothing at all came since it was sent.
    pub(super) fn dead_at(&self, config: &EngineConfig) -> Option<Instant> {
        let oldest = self.pings.front()?.sent;
        Some(oldest.max(self.last_received) + config.pong_timeout)
    }

    /// When the next ping is due.
    pub(super) fn ping_at(&self, config: &EngineConfig) -> Option<Instant> {
        let unproven = (!self.unproven.is_empty() && !self.proof_under_way())
            .then(|| self.last_ping + Duration::from_secs(1));
        let Some(interval) = config.ping_interval else { return unproven };
        let regular = self.last_ping + interval;
        // While one is unanswered the link is on trial already.
        let idle = self.pings.is_empty().then(|| self.last_received.max(self.last_ping) + config.idle_ping);
        [Some(regular), idle, unproven].into_iter().flatten().min()
    }
}
