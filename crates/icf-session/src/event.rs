//! What a session tells its owner, in the order in which it happened.

use std::time::Duration;

use bytes::Bytes;
use icf_wire::session::{GroupId, LinkId};

/// How a link ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The peer sent a close frame.
    ByPeer {
        /// Its code; 1005 if it gave none.
        code: u16,
        /// Its text.
        reason: String,
    },
    /// This side ended it.
    ByUs {
        /// Why.
        reason: &'static str,
    },
    /// The connection broke.
    Broken {
        /// What the transport said.
        error: String,
    },
}

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ByPeer { code, reason } if reason.is_empty() => {
                write!(f, "closed by the peer with code {code}")
            }
            Self::ByPeer { code, reason } => write!(f, "closed by the peer with code {code}: {reason}"),
            Self::ByUs { reason } => write!(f, "closed by this side: {reason}"),
            Self::Broken { error } => write!(f, "broken: {error}"),
        }
    }
}

/// Something that happened in a session.
#[derive(Clone, Debug)]
pub enum SessionEvent {
    /// The handshake of a link is done.
    LinkReady {
        /// This link.
        link: LinkId,
        /// Its group.
        group: GroupId,
    },
    /// A link is gone.
    LinkClosed {
        /// This link.
        link: LinkId,
        /// How.
        closed: Closed,
    },
    /// The peer will close a link soon.
    LinkClosingSoon {
        /// This link.
        link: LinkId,
    },
    /// A pong came back.
    Pong {
        /// Over this link.
        link: LinkId,
        /// After so long.
        latency: Duration,
    },
    /// A group has its first link.
    GroupUp {
        /// This group.
        group: GroupId,
        /// The peer's session id.
        session: String,
        /// Who it belongs to.
        label: String,
    },
    /// A group has lost its last link.
    GroupDown {
        /// This group.
        group: GroupId,
    },
    /// A group is forgotten.
    GroupGone {
        /// This group.
        group: GroupId,
    },
    /// A group was checked.
    Checked {
        /// This group.
        group: GroupId,
        /// Whether a link can carry messages.
        operational: bool,
    },
    /// The peer sent its connector list.
    ConnectorInfos {
        /// This group.
        group: GroupId,
        /// Encoded list; empty if it has none.
        infos: Bytes,
    },
    /// A connector at the peer changed its configuration.
    ConfigurationChanged {
        /// This group.
        group: GroupId,
        /// Which configuration it was.
        facade_key: Bytes,
        /// Encoded list of the changed properties.
        properties: Bytes,
    },
}
