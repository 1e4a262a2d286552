//! All links to one peer session and what is under way with it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::link::{Link, Tracked};
use super::outgoing::Outgoing;
use super::{ExecutionId, GroupId, LinkId};

/// An operation this side executes for the peer.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) execution: ExecutionId,
    /// The link all its responses go over while that lives.
    pub(super) pinned: Option<LinkId>,
    /// Its messages not yet proven on the pinned link.
    pub(super) unproven: usize,
    /// Its messages waiting in the group's backlog.
    pub(super) backlogged: usize,
    pub(super) inconsistency: u32,
}

/// A message that waits for a link.
#[derive(Debug)]
pub(super) struct Backlogged {
    pub(super) not_before: Instant,
    pub(super) bytes: Bytes,
    pub(super) tracked: Tracked,
    /// Whether it was sent before, on a link that died.
    pub(super) repeat: bool,
}

#[derive(Debug)]
pub(super) struct Group {
    pub(super) session: String,
    pub(super) label: String,
    /// In order of registration.
    pub(super) links: Vec<LinkId>,
    pub(super) round_robin: usize,
    pub(super) last_id: i64,
    pub(super) local: HashMap<i64, Local>,
    pub(super) outgoing: BTreeMap<i64, Outgoing>,
    pub(super) parked_cancels: HashMap<i64, Instant>,
    pub(super) backlog: VecDeque<Backlogged>,
    pub(super) last_activity: Instant,
    pub(super) without_links_since: Option<Instant>,
    pub(super) next_check: Instant,
    pub(super) connector_infos_received: bool,
    /// When to ask once more for the connector list, and how long after the last question that is.
    pub(super) ask_again: Option<(Instant, Duration)>,
}

impl Group {
    pub(super) fn new(session: &str, label: &str, now: Instant, next_check: Instant) -> Self {
        Self {
            session: session.to_owned(),
            label: label.to_owned(),
            links: Vec::new(),
            round_robin: 0,
            last_id: 0,
            local: HashMap::new(),
            outgoing: BTreeMap::new(),
            parked_cancels: HashMap::new(),
            backlog: VecDeque::new(),
            last_activity: now,
            without_links_since: None,
            next_check,
            connector_infos_received: false,
            ask_again: None,
        }
    }

    /// The next id for a request of this side; never 0, which means "no id".
    pub(super) fn allocate_id(&mut self) -> i64 {
        self.last_id = self.last_id.wrapping_add(1);
        if self.last_id == 0 {
            self.last_id = 1;
        }
        self.last_id
    }

    pub(super) fn status(&self, id: GroupId, links: &HashMap<LinkId, Link>) -> GroupStatus {
        GroupStatus {
            id,
            session: self.session.clone(),
            label: self.label.clone(),
            links: self.links.clone(),
            usable_links: self
                .links
                .iter()
                .filter(|link| links.get(link).is_some_and(Link::is_usable))
                .count(),
            executing: self.local.len(),
            waiting_for: self.outgoing.values().filter(|outgoing| outgoing.request.is_some()).count(),
            backlog: self.backlog.len(),
        }
    }
}

/// A group as seen from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupStatus {
    /// Its name here.
    pub id: GroupId,
    /// The peer's session id.
    pub session: String,
    /// Who it belongs to.
    pub label: String,
    /// Its links in order of registration.
    pub links: Vec<LinkId>,
    /// How many of them can carry new messages.
    pub usable_links: usize,
    /// Operations executed for the peer now.
    pub executing: usize,
    /// Operations this side waits for.
    pub waiting_for: usize,
    /// Messages that wait for a link.
    pub backlog: usize,
}
