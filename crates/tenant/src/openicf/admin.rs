//! What an administrator sees of nodes, groups and sockets, and does to them.

use std::sync::Arc;

use icf::ConnectorInfo;
use icf_wire::envelope::{ControlRequest, RemoteMessage, RpcRequest};
use icf_wire::session::{GroupId, GroupStatus};
use serde_json::{Value as Json, json};
use tokio_tungstenite::tungstenite::Message;

use super::node::OpenIcf;
use super::socket::{Blow, Injected};

/// What can be done to a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SocketAction {
    /// Send a close frame.
    Close(u16, String),
    /// Cut it with RST.
    Reset,
    /// Make it half-open.
    Freeze,
    /// Undo that.
    Thaw,
    /// Send a ping.
    Ping,
    /// Announce its end, then close it once everything on it was read.
    AnnounceClosing,
}

impl OpenIcf {
    /// Nodes and groups as an administrator sees them.
    pub(crate) fn describe(&self) -> Json {
        let describe = |number: usize| {
            let node = self.node(number)?;
            let groups: Vec<Json> = node
                .session
                .groups()
                .iter()
                .map(|group| describe_group(number, group, node.connectors.get(&group.id)))
                .collect();
            let counters = node.session.counters();
            Some(json!({
                "node": number, "up": node.up, "sessionId": node.session_id, "groups": groups,
                "itemsReceived": counters.items_received, "itemsRepeated": counters.items_repeated,
            }))
        };
        (0..self.nodes.len()).filter_map(describe).collect()
    }

    /// Sockets as an administrator sees them.
    pub(crate) fn describe_sockets(&self) -> Vec<Json> {
        self.sockets().iter().map(|socket| socket.describe()).collect()
    }

    /// Does something to one socket; `false` if there is none of that id.
    pub(crate) fn act_on_socket(&self, id: &str, action: &SocketAction) -> bool {
        let Some(socket) = self.socket(id) else { return false };
        match action {
            SocketAction::Close(code, reason) => socket.suffer(&Blow::Close(*code, reason.clone())),
            SocketAction::Reset => socket.suffer(&Blow::Reset),
            SocketAction::Freeze => socket.suffer(&Blow::Freeze),
            SocketAction::Thaw => socket.thaw(),
            SocketAction::Ping => {
                let ping = Message::Ping(bytes::Bytes::from_static(b"tenant"));
                // A socket that is gone needs no ping.
                let _ = socket.inject.send(Injected::Out(ping));
            }
            SocketAction::AnnounceClosing => {
                if let Some(link) = socket.link() {
                    link.retire();
                }
            }
        }
        true
    }

    /// Runs a check of one group (`<node>:<group>`), or tells its peer false lists of requests under way here (`local`)
    /// and there (`remote`); `false` if there is no such group.
    pub(crate) fn check_group(&self, id: &str, false_lists: Option<(Vec<i64>, Vec<i64>)>) -> bool {
        let parts = id
            .split_once(':')
            .and_then(|(node, group)| Some((node.parse::<usize>().ok()?, GroupId(group.parse().ok()?))));
        let Some((node, group)) = parts else { return false };
        let Some(node) = self.node(node) else { return false };
        let groups = node.session.groups();
        let Some(status) = groups.iter().find(|status| status.id == group) else { return false };
        match false_lists {
            None => node.session.check_now(group),
            Some((local, remote)) => {
                let control = ControlRequest {
                    local_request_id: local,
                    remote_request_id: remote,
                    ..ControlRequest::default()
                };
                let request = RpcRequest { control_request: Some(control), ..RpcRequest::default() };
                // An id that no request of ours has, so that the answer means nothing to the session.
                let message = RemoteMessage::of_request(i64::MAX, request).to_bytes();
                if let Some(socket) = node.sockets_of(status).first() {
                    // A socket that is gone needs no message.
                    let _ = socket.inject.send(Injected::Out(Message::Binary(message)));
                }
            }
        }
        true
    }
}

fn describe_group(node: usize, group: &GroupStatus, connectors: Option<&Vec<Arc<ConnectorInfo>>>) -> Json {
    let keys = connectors.into_iter().flatten().map(|info| info.key.to_string());
    json!({
        "id": format!("{node}:{}", group.id), "server": group.label, "session": group.session,
        "sockets": group.links.len(), "usable": group.usable_links, "waitingFor": group.waiting_for,
        "connectors": keys.collect::<Vec<_>>(),
    })
}
