//! What happened: a bounded ring of events that tests and people read, as a list or as a stream.
//!
//! No event carries a password, a token or another secret; whoever emits sees to that.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

/// How many events are kept; older ones are dropped.
const CAPACITY: usize = 10_000;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $text:literal),* $(,)?) => {
        /// What kind of event it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// The name that readers of events see.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $text,)*
                }
            }
        }
    };
}

kinds! {
    /// A token was issued.
    TokenIssued = "token.issued",
    /// A token request was refused.
    TokenRefused = "token.refused",
    /// An upgrade request arrived.
    UpgradeReceived = "upgrade.received",
    /// It was answered with 101.
    UpgradeAccepted = "upgrade.accepted",
    /// It was refused.
    UpgradeRefused = "upgrade.refused",
    /// A WebSocket is open.
    SocketOpen = "socket.open",
    /// A WebSocket is gone.
    SocketClose = "socket.close",
    /// A handshake was completed.
    Handshake = "handshake",
    /// A group got its first socket.
    GroupUp = "group.up",
    /// A group lost its last socket or was closed.
    GroupDown = "group.down",
    /// A connector list arrived.
    Connectors = "connectors",
    /// A control request was sent or received.
    Control = "control",
    /// An operation was handed to a server.
    OpStart = "op.start",
    /// Items of an operation arrived: the first, then every thousandth.
    OpItem = "op.item",
    /// An operation ended.
    OpEnd = "op.end",
    /// An operation took too long.
    OpTimeout = "op.timeout",
    /// An operation was cancelled.
    OpCancel = "op.cancel",
    /// A change was synchronised.
    SyncDelta = "sync.delta",
    /// A change could not be synchronised.
    SyncFailure = "sync.failure",
    /// A REST request arrived.
    RestRequest = "rest.request",
    /// It was answered.
    RestResponse = "rest.response",
    /// A configuration was written or removed.
    ConfigChanged = "config.changed",
    /// A system was activated, failed or went away.
    SystemState = "system.state",
    /// A fault was armed.
    FaultArmed = "fault.armed",
    /// A fault took effect.
    FaultHit = "fault.hit",
    /// The clock was moved.
    Clock = "clock",
}

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Number, from 1, without gaps.
    pub seq: u64,
    /// What kind.
    pub kind: EventKind,
    /// Everything readers get, `seq`, `ts` and `kind` included.
    pub data: Map<String, Json>,
}

/// The ring of events.
#[derive(Debug)]
pub struct Events {
    ring: Mutex<Ring>,
    latest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Ring {
    next: u64,
    events: VecDeque<Arc<Event>>,
}

impl Default for Events {
    fn default() -> Self {
        Self { ring: Mutex::default(), latest: watch::Sender::new(0) }
    }
}

impl Events {
    /// Records an event; `fields` is an object, its null members are left out.
    pub fn emit(&self, kind: EventKind, fields: Json) {
        let mut data = Map::new();
        let mut ring = self.lock();
        ring.next += 1;
        let seq = ring.next;
        data.insert("seq".to_owned(), seq.into());
        data.insert("ts".to_owned(), now().into());
        data.insert("kind".to_owned(), kind.as_str().into());
        if let Json::Object(fields) = fields {
            data.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        }
        tracing::debug!(kind = kind.as_str(), event = %Json::Object(data.clone()), "event");
        if ring.events.len() == CAPACITY {
            ring.events.pop_front();
        }
        ring.events.push_back(Arc::new(Event { seq, kind, data }));
        drop(ring);
        self.latest.send_replace(seq);
    }

    /// Events after number `since` that are still kept, oldest first.
    #[must_use]
    pub fn since(&self, since: u64, filter: &KindFilter) -> Vec<Arc<Event>> {
        let ring = self.lock();
        let events = ring.events.iter().filter(|event| event.seq > since && filter.passes(event.kind));
        events.map(Arc::clone).collect()
    }

    /// Changes whenever an event was recorded; holds its number.
    #[must_use]
    pub fn latest(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    /// Forgets all events; numbering goes on.
    pub fn clear(&self) {
        self.lock().events.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which kinds a reader wants: a comma list of names or `prefix.*`; empty means all.
#[derive(Clone, Debug, Default)]
pub struct KindFilter(Vec<String>);

impl KindFilter {
    /// Parses a list such as `op.*,fault.hit`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }

    fn passes(&self, kind: EventKind) -> bool {
        let name = kind.as_str();
        self.0.is_empty()
            || self.0.iter().any(|wanted| match wanted.strip_suffix('*') {
                Some(prefix) => name.starts_with(prefix),
                None => name == wanted,
            })
    }
}

/// The time of day in RFC 3339, for people.
#[must_use]
pub(crate) fn now() -> String {
    OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_ring_is_bounded_and_numbers_go_on() {
        let events = Events::default();
        for _ in 0..CAPACITY + 5 {
            events.emit(EventKind::OpItem, json!({"op": "SEARCH", "server": null}));
        }
        let kept = events.since(0, &KindFilter::default());
        assert_eq!(kept.len(), CAPACITY);
        assert_eq!(kept[0].seq, 6);
        assert!(!kept[0].data.contains_key("server"));
    }

    #[test]
    fn kinds_are_chosen_by_name_or_prefix() {
        let events = Events::default();
        events.emit(EventKind::OpStart, json!({}));
        events.emit(EventKind::FaultHit, json!({}));
        events.emit(EventKind::FaultArmed, json!({}));
        let kinds = |list: &str| -> Vec<&str> {
            events.since(0, &KindFilter::parse(list)).iter().map(|event| event.kind.as_str()).collect()
        };
        assert_eq!(kinds("op.*, fault.hit"), ["op.start", "fault.hit"]);
        assert_eq!(kinds("").len(), 3);
    }
}
