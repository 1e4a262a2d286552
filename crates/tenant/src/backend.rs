//! The seam between IDM's side (REST, provisioner files, liveSync) and the protocol side (nodes, sessions, sockets).
//!
//! Everything above it is tested with a scripted backend that records the operations it is given; the real one is
//! in `openicf`.

use std::sync::Arc;

use icf::{ApiConfiguration, CancellationToken, ConnectorError, ConnectorInfo};
use icf_wire::rpc::{Answer, FacadeKey, Item, OperationRequest};
use tokio::sync::{mpsc, watch};

use crate::faults::FaultKind;

/// Hands operations to connector servers.
#[icf::async_trait]
pub trait IcfBackend: Send + Sync + 'static {
    /// The connectors that a server's sessions on a node have announced, each key once; `None` when no session is
    /// operational.
    fn connectors(&self, node: usize, server: &str) -> Option<Vec<Arc<ConnectorInfo>>>;

    /// Changes whenever an answer of [`connectors`](Self::connectors) may have changed.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Encodes a configuration as it travels with every request.
    ///
    /// # Errors
    /// A text telling what cannot be encoded.
    fn facade_key(&self, configuration: &ApiConfiguration) -> Result<FacadeKey, String>;

    /// Writes a request to a session of a server. `None` if no session could take it; nothing was sent then.
    async fn submit(&self, submission: &Submission) -> Option<Call>;

    /// Breaks what carries a call, for the fault `killMidSearch`.
    fn disturb(&self, id: &CallId, how: Disturbance);
}

/// A request and where it goes.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Node whose sessions are used.
    pub node: usize,
    /// Name of the connector server.
    pub server: String,
    /// Session to prefer: the one that issued the cookie of a page.
    pub session: Option<String>,
    /// The request.
    pub request: OperationRequest,
    /// A fault of point `op` that only the protocol side can play.
    pub fault: Option<FaultKind>,
}

/// Which call it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallId {
    /// Node.
    pub node: usize,
    /// Name of the connector server.
    pub server: String,
    /// Session of that server.
    pub session: String,
    /// Message id within the session.
    pub message_id: i64,
}

/// A request under way.
#[derive(Debug)]
pub struct Call {
    /// Which call it is.
    pub id: CallId,
    /// Items in order, then one end. A closed channel without an end means that the answer is lost.
    pub replies: mpsc::Receiver<Reply>,
    /// Cancelling it sends a cancel to the server; the call then ends without further replies.
    pub cancel: CancellationToken,
}

/// One part of an answer.
#[derive(Debug)]
pub enum Reply {
    /// A part of a streamed answer.
    Item(Item),
    /// The end.
    End(Result<Answer, ConnectorError>),
}

/// How a call's carrier is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// The socket is reset.
    Reset,
    /// The socket is closed in order.
    Close,
    /// All sockets of the session are reset.
    AllSockets,
    /// The node restarts.
    NodeRestart,
}
