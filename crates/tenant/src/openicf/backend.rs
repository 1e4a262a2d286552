//! The real backend: requests over the sessions of the nodes.

use std::sync::Arc;

use icf::{ApiConfiguration, CancellationToken, ConnectorError, ConnectorInfo};
use icf_session::Pending;
use icf_wire::binary::{Limits, Profile, facade_key};
use icf_wire::envelope::OperationRequest as WireRequest;
use icf_wire::rpc::{Expected, FacadeKey};
use icf_wire::session::{Delivery, GroupStatus};
use tokio::sync::{mpsc, watch};

use super::node::{Node, NodeChange, OpenIcf};
use super::pong_filter::PongMode;
use super::socket::Blow;
use crate::backend::{Call, CallId, Disturbance, IcfBackend, Reply, Submission};
use crate::faults::FaultKind;

/// Replies that wait between a session and whoever asked.
const REPLIES: usize = 256;

/// The protocol side as the rest of the tenant uses it.
#[derive(Debug)]
pub(crate) struct SessionBackend(pub(crate) Arc<OpenIcf>);

/// The groups of a server that can carry a request, in order of their first connection.
fn usable(node: &Node, server: &str) -> Vec<GroupStatus> {
    let mut groups: Vec<GroupStatus> = node
        .session
        .groups()
        .into_iter()
        .filter(|group| group.label == server && group.usable_links > 0)
        .collect();
    groups.sort_by_key(|group| group.id);
    groups
}

#[icf::async_trait]
impl IcfBackend for SessionBackend {
    fn connectors(&self, node: usize, server: &str) -> Option<Vec<Arc<ConnectorInfo>>> {
        let node = self.0.node(node)?;
        let groups = usable(&node, server);
        if groups.is_empty() {
            return None;
        }
        let mut all: Vec<Arc<ConnectorInfo>> = Vec::new();
        for info in groups.iter().filter_map(|group| node.connectors.get(&group.id)).flatten() {
            if !all.iter().any(|known| known.key == info.key) {
                all.push(Arc::clone(info));
            }
        }
        Some(all)
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    fn facade_key(&self, configuration: &ApiConfiguration) -> Result<FacadeKey, String> {
        let text = facade_key::encode(configuration, Profile::OpenIcf2).map_err(|error| error.to_string())?;
        Ok(FacadeKey::new(text.into()))
    }

    async fn submit(&self, submission: &Submission) -> Option<Call> {
        let expected = Expected::of(&submission.request.operation, Limits::default());
        let message = match message(submission) {
            Ok(message) => message,
            Err(error) => return Some(failed_before_sending(submission, error)),
        };
        let (pending, session) = {
            let node = self.0.node(submission.node)?;
            let mut groups = usable(&node, &submission.server);
            groups.retain(|group| {
                let connectors = node.connectors.get(&group.id);
                connectors.into_iter().flatten().any(|info| info.key == submission.request.connector)
            });
            if let Some(preferred) = &submission.session {
                groups.sort_by_key(|group| group.session != *preferred);
            }
            groups.into_iter().find_map(|group| {
                self.prepare(submission, &node, &group);
                let pending = node.session.try_request(group.id, message.clone()).ok()?;
                Some((pending, group.session))
            })?
        };
        let id = CallId {
            node: submission.node,
            server: submission.server.clone(),
            session,
            message_id: pending.message_id(),
        };
        let (sender, replies) = mpsc::channel(REPLIES);
        let cancel = CancellationToken::new();
        tokio::spawn(relay(pending, expected, sender, cancel.clone()));
        Some(Call { id, replies, cancel })
    }

    fn disturb(&self, id: &CallId, how: Disturbance) {
        let sockets = self.0.sockets_of(id.node, &id.session);
        match how {
            Disturbance::Reset => sockets.iter().take(1).for_each(|socket| socket.suffer(&Blow::Reset)),
            Disturbance::Close => {
                let close = Blow::Close(1001, "fault on demand".to_owned());
                sockets.iter().take(1).for_each(|socket| socket.suffer(&close));
            }
            Disturbance::AllSockets => sockets.iter().for_each(|socket| socket.suffer(&Blow::Reset)),
            Disturbance::NodeRestart => {
                self.0.change_node(id.node, NodeChange::Restart);
            }
        }
    }
}

impl SessionBackend {
    /// Plays the faults of a request that lie beneath it.
    fn prepare(&self, submission: &Submission, node: &Node, group: &GroupStatus) {
        match submission.fault {
            Some(FaultKind::NeverAck) => {
                node.sockets_of(group).iter().for_each(|socket| socket.pongs.set(PongMode::Dropped));
            }
            Some(FaultKind::DupRequest) => self.0.duplicate_next(submission.node, &submission.server),
            _ => {}
        }
    }
}

/// The request as it travels; the fault `unknownOp` takes its operation away.
fn message(submission: &Submission) -> Result<WireRequest, ConnectorError> {
    let message = submission.request.to_message()?;
    if submission.fault != Some(FaultKind::UnknownOp) {
        return Ok(message);
    }
    Ok(WireRequest {
        connector_key: message.connector_key,
        connector_facade_key: message.connector_facade_key,
        locale: message.locale,
        ..WireRequest::default()
    })
}

/// A call whose request has no form on the wire: nothing was sent, and nobody else could send it.
fn failed_before_sending(submission: &Submission, error: ConnectorError) -> Call {
    let (sender, replies) = mpsc::channel(1);
    // There is room for one.
    let _ = sender.try_send(Reply::End(Err(error)));
    let id = CallId { node: submission.node, server: submission.server.clone(), ..CallId::default() };
    Call { id, replies, cancel: CancellationToken::new() }
}

/// Reads the answer as it comes in, until its end or a cancel.
async fn relay(
    mut pending: Pending,
    mut expected: Expected,
    replies: mpsc::Sender<Reply>,
    cancel: CancellationToken,
) {
    loop {
        let delivery = tokio::select! {
            biased;
            () = cancel.cancelled() => return pending.cancel(),
            delivery = pending.next() => delivery,
        };
        let (reply, last) = match delivery {
            None => return,
            Some(Delivery::Item(message)) => match expected.item(*message) {
                Ok(item) => (Reply::Item(item), false),
                Err(error) => (Reply::End(Err(error)), true),
            },
            Some(Delivery::End(message)) => (Reply::End(expected.end(*message)), true),
            Some(Delivery::Failed(failure)) => (Reply::End(Err(ConnectorError::from(&failure))), true),
        };
        let sent = tokio::select! {
            biased;
            () = cancel.cancelled() => return pending.cancel(),
            sent = replies.send(reply) => sent,
        };
        if sent.is_err() {
            // Whoever asked has gone, and did not want the server to be told.
            return pending.forget();
        }
        if last {
            return;
        }
    }
}
