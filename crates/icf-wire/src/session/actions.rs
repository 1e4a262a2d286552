//! What an engine asks its surroundings to do, and the names of the things it speaks of.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::envelope::{ExceptionMessage, OperationRequest, OperationResponse};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        })*
    };
}

ids! {
    /// A link; chosen by whoever opens it, never used twice.
    LinkId;
    /// All links to one peer session.
    GroupId;
    /// An operation this side is executing.
    ExecutionId;
    /// An operation this side has asked for.
    RequestId;
}

/// A WebSocket close code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// Ended in order.
    pub const NORMAL: Self = Self(1000);
    /// The peer broke the protocol.
    pub const PROTOCOL: Self = Self(1002);
}

/// Something to do.
#[derive(Debug)]
pub enum Action {
    /// Send these bytes as one binary message.
    Write {
        /// Over this link.
        link: LinkId,
        /// An encoded message.
        bytes: Bytes,
    },
    /// Send a ping, behind everything written before.
    Ping {
        /// Over this link.
        link: LinkId,
        /// What the pong must bring back.
        payload: [u8; 8],
    },
    /// Send a close frame behind everything written before, read on until the peer's, then report the link closed.
    Close {
        /// This link.
        link: LinkId,
        /// Why, as a code.
        code: CloseCode,
        /// Why, as a text.
        reason: &'static str,
    },
    /// Drop the link at once and report it closed.
    Kill {
        /// This link.
        link: LinkId,
        /// Why.
        reason: &'static str,
    },
    /// The handshake of a link is done.
    LinkReady {
        /// This link.
        link: LinkId,
        /// Its group.
        group: GroupId,
    },
    /// The peer announced that it will close a link.
    LinkClosingSoon {
        /// This link.
        link: LinkId,
    },
    /// A pong came back.
    PongReceived {
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
    /// A group has lost its last link; its requests are kept for a while.
    GroupDown {
        /// This group.
        group: GroupId,
    },
    /// A group and all its state are gone.
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
    /// Execute an operation.
    Start {
        /// Name of the execution from now on.
        execution: ExecutionId,
        /// Who asks.
        group: GroupId,
        /// The message id the peer chose.
        message_id: i64,
        /// What to do.
        request: Box<OperationRequest>,
    },
    /// Stop executing; nobody waits for the result any more.
    Cancel {
        /// This execution.
        execution: ExecutionId,
    },
    /// Something came in for a request of this side.
    Deliver {
        /// This request.
        request: RequestId,
        /// What.
        delivery: Delivery,
    },
    /// Something is to be done sooner than was last said.
    DueSooner,
    /// Streams of the group may have room again.
    Unblocked {
        /// This group.
        group: GroupId,
    },
}

/// What comes in for a request, in order, each item once.
#[derive(Debug)]
pub enum Delivery {
    /// One more item of a stream, a subscription or a batch.
    Item(Box<OperationResponse>),
    /// The end, with the answer of a single-response operation or the final message of a stream.
    End(Box<OperationResponse>),
    /// The end, with an error.
    Failed(Failure),
}

/// Why a request of this side failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The peer answered with an error.
    Remote(Box<ExceptionMessage>),
    /// The link died while the request was being sent; whether it was executed is unknown.
    LostWithLink,
    /// The peer no longer knows the request.
    Inconsistent,
    /// All links were gone for longer than the grace time.
    PeerGone,
    /// A result is missing and too many came after it.
    TooManyHeldBack,
    /// The application took the parts of the answer more slowly than they came, until too much was waiting for it.
    TooMuchWaiting,
    /// The answer is of another operation.
    UnexpectedResponse,
    /// A batch ended without saying how.
    BatchWithoutToken,
    /// This side is closing down.
    Shutdown,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Remote(error) => return write!(f, "{}: {}", error.exception_class, error.message),
            Self::LostWithLink => {
                "The link was lost while the request was being sent; it may or may not have been executed"
            }
            Self::Inconsistent => "Operation finished on remote server with unknown result",
            Self::PeerGone => "All links to the connector server were lost and none came back in time",
            Self::TooManyHeldBack => "A result is missing and too many others arrived after it",
            Self::TooMuchWaiting => {
                "The results came faster than they were taken, until too many were waiting"
            }
            Self::UnexpectedResponse => "Unknown response message type: it answers another operation",
            Self::BatchWithoutToken => "Batch operation failed to return a batch token",
            Self::Shutdown => "The connection to the connector server is being closed",
        })
    }
}
