//! The conversation of two sides over any number of links, as a state machine without I/O and without a clock.
//!
//! [`Engine`] is told what happened (a link opened, a message came, time passed) and answers with [`Action`]s. It serves
//! both roles: the connector server, which mostly executes, and the tenant, which mostly asks.
//!
//! Links that lead to the same peer session form a *group*. Requests belong to the group, not to a link. Every tracked
//! message stays in its link's window until a pong proves that the peer has read it; when a link dies, what is unproven
//! is repeated on another link where that is exact, and otherwise ends its request with a retryable error.

mod actions;
mod answer;
mod dropped;
mod group;
mod link;
mod outgoing;
mod oversize;
mod receive;
mod reorder;
mod send;
mod timers;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;

pub use actions::{Action, CloseCode, Delivery, ExecutionId, Failure, GroupId, LinkId, RequestId};
pub use answer::{Capacity, Part, ResponseClass};
pub use group::GroupStatus;
pub use outgoing::RequestKind;
pub use send::NoLink;

use crate::envelope::{HandshakeMessage, RemoteMessage, RpcRequest, RpcResponse};
use group::Group;
use link::{Link, LinkState};

/// Which side opened the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// This side: it speaks first.
    Dialer,
    /// The peer.
    Acceptor,
}

/// Limits and times. Every duration may be tested with an artificial clock.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// A link whose handshake takes longer is closed.
    pub handshake_timeout: Duration,
    /// Time from a group's first link to its first check.
    pub first_check: Duration,
    /// Time between checks of a group. At least a minute in production: control messages that cross must not add up.
    pub check_interval: Duration,
    /// A peer that has not said what it offers for so long is asked again, each time after twice as long, until the
    /// checks do so. A Java peer loses the question when two of its links shake hands at the same time.
    pub ask_again: Option<Duration>,
    /// How long a group without links keeps its requests.
    pub grace: Duration,
    /// Regular pings; `None` turns them and the idle pings off.
    pub ping_interval: Option<Duration>,
    /// A link on which nothing was received for so long is pinged.
    pub idle_ping: Duration,
    /// A link on which nothing arrives for so long after a ping is dead.
    pub pong_timeout: Duration,
    /// Unproven messages from a dead link are repeated no sooner than this.
    pub repeat_delay: Duration,
    /// A retiring link stays open this long after everything on it is proven: the peer may have written a request just
    /// before it read the notice, and a link that sent its close answers no ping any more.
    pub retire_linger: Duration,
    /// A retiring link is closed after this even if messages on it are unproven.
    pub retire_limit: Duration,
    /// How long a cancel waits for an operation that has not arrived yet.
    pub park_cancel: Duration,
    /// Bytes of unproven messages on one link beyond which streams wait.
    pub window_bytes: usize,
    /// Unproven messages on one link beyond which streams wait.
    pub window_messages: usize,
    /// Unproven messages on one link beyond which the peer is taken for one that does not read.
    pub hard_messages: usize,
    /// Operations of one group that may run at once; one more is refused as retryable.
    pub max_executions: usize,
    /// Results of one request held back because an earlier one is missing.
    pub max_reordered: usize,
    /// Bytes of one answer that may wait for a slow application. The links are read on regardless, since a peer that
    /// cannot send truncates its results; an application further behind loses its request instead.
    pub max_waiting: usize,
    /// After the last result of a batch, how long to wait for its end.
    pub batch_end: Duration,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            handshake_timeout: Duration::from_secs(30),
            first_check: Duration::from_secs(60),
            check_interval: Duration::from_secs(60),
            ask_again: None,
            grace: Duration::from_secs(120),
            ping_interval: Some(Duration::from_secs(60)),
            idle_ping: Duration::from_secs(20),
            pong_timeout: Duration::from_secs(20),
            repeat_delay: Duration::from_millis(250),
            retire_linger: Duration::from_millis(250),
            retire_limit: Duration::from_secs(30),
            park_cancel: Duration::from_secs(60),
            window_bytes: 4 << 20,
            window_messages: 1024,
            hard_messages: 65_536,
            max_executions: 10_000,
            max_reordered: 100_000,
            max_waiting: 256 << 20,
            batch_end: Duration::from_secs(5),
        }
    }
}

/// Counters for tests and metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Stream items received, before duplicates are dropped.
    pub items_received: u64,
    /// Stream items received a second time.
    pub items_repeated: u64,
    /// Messages sent a second time after a link died.
    pub messages_repeated: u64,
    /// How often peers asked for the connector list.
    pub connector_lists_sent: u64,
}

/// One side's view of all its conversations.
#[derive(Debug)]
pub struct Engine {
    config: EngineConfig,
    handshake: HandshakeMessage,
    connector_infos: Bytes,
    links: HashMap<LinkId, Link>,
    groups: HashMap<GroupId, Group>,
    sessions: HashMap<String, GroupId>,
    executions: HashMap<ExecutionId, (GroupId, i64)>,
    requests: HashMap<RequestId, (GroupId, i64)>,
    actions: VecDeque<Action>,
    counters: Counters,
    next_group: u64,
    next_execution: u64,
    next_request: u64,
}

impl Engine {
    /// A side that introduces itself with this handshake. The session id must be unique to the process.
    #[must_use]
    pub fn new(config: EngineConfig, handshake: HandshakeMessage) -> Self {
        Self {
            config,
            handshake,
            connector_infos: Bytes::new(),
            links: HashMap::new(),
            groups: HashMap::new(),
            sessions: HashMap::new(),
            executions: HashMap::new(),
            requests: HashMap::new(),
            actions: VecDeque::new(),
            counters: Counters::default(),
            next_group: 0,
            next_execution: 0,
            next_request: 0,
        }
    }

    /// Sets the encoded connector list that peers get when they ask. Empty for a side without connectors.
    pub fn set_connector_infos(&mut self, infos: Bytes) {
        self.connector_infos = infos;
    }

    /// The next thing to do. Actions on one link must be carried out in this order.
    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// A link has been established and upgraded; `label` is who it belongs to, for logs.
    pub fn opened(&mut self, id: LinkId, role: Role, label: &str, now: Instant) {
        self.links.insert(id, Link::new(role, label, now));
        if role == Role::Dialer {
            let hello = RpcRequest { handshake_message: Some(self.handshake.clone()), ..Default::default() };
            self.write_untracked(id, &RemoteMessage::of_request(0, hello));
        }
    }

    /// A link is gone. `attempted` is how many of the messages handed out for it were at least begun to be written; the
    /// others certainly did not leave.
    pub fn closed(&mut self, id: LinkId, attempted: u64, now: Instant) {
        let Some(link) = self.links.remove(&id) else { return };
        let Some(group_id) = link.group else { return };
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        group.links.retain(|candidate| *candidate != id);
        if group.links.is_empty() {
            group.without_links_since = Some(now);
            self.actions.push_back(Action::GroupDown { group: group_id });
        }
        self.recover(group_id, link, attempted, now);
        self.flush_backlog(group_id, now);
        self.unblock(group_id);
    }

    /// Takes a link out of use: nothing new goes over it, what is on it is proven, then it is closed with 1000.
    pub fn retire(&mut self, id: LinkId, now: Instant) {
        let Some(link) = self.links.get_mut(&id) else { return };
        match link.state {
            LinkState::Open => {
                link.state = LinkState::Retiring { since: now };
                self.announce_closing(id);
                self.ping(id, now);
                if let Some(group) = self.links.get(&id).and_then(|link| link.group) {
                    self.unblock(group);
                }
            }
            LinkState::Handshaking { .. } => self.close(id, CloseCode::NORMAL, "retired", now),
            LinkState::Retiring { .. } | LinkState::Closing => {}
        }
    }

    /// Tells every peer that its links are about to be closed, so that it sends nothing new over them, and pings each
    /// link: the pong shows that the peer has read it. Answers the links.
    pub fn announce_all(&mut self, now: Instant) -> Vec<LinkId> {
        let open: Vec<_> = self
            .links
            .iter()
            .filter(|(_, link)| link.state == LinkState::Open && link.group.is_some())
            .map(|(id, _)| *id)
            .collect();
        for link in &open {
            self.announce_closing(*link);
            self.ping(*link, now);
        }
        open
    }

    /// Ends all conversations in order: hands back what the peers asked for and have no answer to, cancels what this side
    /// asked for, then closes every link with 1000. A peer whose request was read and never answered would wait for links
    /// that do not come back.
    pub fn shutdown(&mut self, now: Instant) {
        let groups: Vec<_> = self.groups.keys().copied().collect();
        for group in groups {
            self.hand_back(group, now);
            self.cancel_all_outgoing(group, now);
        }
        let links: Vec<_> = self.links.keys().copied().collect();
        for link in links {
            self.close(link, CloseCode::NORMAL, "Shutdown", now);
        }
    }

    /// Something arrived on the link that is no message: a text, a ping, undecodable bytes.
    pub fn activity(&mut self, id: LinkId, now: Instant) {
        if let Some(link) = self.links.get_mut(&id) {
            link.last_received = now;
        }
    }

    /// A pong arrived.
    pub fn pong(&mut self, id: LinkId, payload: &[u8], now: Instant) {
        let Some(link) = self.links.get_mut(&id) else { return };
        link.last_received = now;
        let Some(proof) = link.prove(payload, now) else { return };
        let group = link.group;
        let urgent = link.is_urgent();
        self.actions.push_back(Action::PongReceived { link: id, latency: proof.latency });
        let Some(group_id) = group else { return };
        if let Some(group) = self.groups.get_mut(&group_id) {
            for id in proof.executions {
                if let Some(local) = group.local.get_mut(&id) {
                    local.unproven = local.unproven.saturating_sub(1);
                }
            }
            for id in proof.requests {
                if let Some(outgoing) = group.outgoing.get_mut(&id) {
                    outgoing.proven = true;
                }
            }
        }
        self.unblock(group_id);
        if urgent {
            self.ping(id, now);
        }
        self.finish_retirement(id, now);
    }

    /// The groups as they are now.
    #[must_use]
    pub fn groups(&self) -> Vec<GroupStatus> {
        let mut all: Vec<_> = self.groups.iter().map(|(id, group)| group.status(*id, &self.links)).collect();
        all.sort_by_key(|status| status.id);
        all
    }

    /// The group of a link, once its handshake is done.
    #[must_use]
    pub fn group_of(&self, link: LinkId) -> Option<GroupId> {
        self.links.get(&link)?.group
    }

    /// Counters since the start.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// Whether a link of the group can carry a new message.
    #[must_use]
    pub fn is_operational(&self, group: GroupId) -> bool {
        self.groups.get(&group).is_some_and(|group| group.links.iter().any(|id| self.is_usable(*id)))
    }

    fn is_usable(&self, link: LinkId) -> bool {
        self.links.get(&link).is_some_and(Link::is_usable)
    }

    fn unblock(&mut self, group: GroupId) {
        self.actions.push_back(Action::Unblocked { group });
    }

    fn write_untracked(&mut self, id: LinkId, message: &RemoteMessage) {
        if let Some(link) = self.links.get_mut(&id) {
            let bytes = message.to_bytes();
            link.wrote();
            self.actions.push_back(Action::Write { link: id, bytes });
        }
    }

    fn close(&mut self, id: LinkId, code: CloseCode, reason: &'static str, now: Instant) {
        if let Some(link) = self.links.get_mut(&id)
            && link.state != LinkState::Closing
        {
            link.state = LinkState::Closing;
            link.closing_since = Some(now);
            self.actions.push_back(Action::Close { link: id, code, reason });
        }
    }

    fn error_response(id: i64, class: &str, message: impl Into<String>) -> RemoteMessage {
        let error = crate::envelope::ExceptionMessage {
            exception_class: class.to_owned(),
            message: message.into(),
            ..Default::default()
        };
        RemoteMessage::of_response(id, RpcResponse { error: Some(error), ..Default::default() })
    }
}
