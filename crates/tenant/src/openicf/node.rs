//! Nodes (pods): each with a session of its own, the sockets it accepted and the connectors its peers announced.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use icf::ConnectorInfo;
use icf_session::{Session, SessionEvent};
use icf_wire::binary::Limits;
use icf_wire::envelope::{ControlRequest, HandshakeMessage, RemoteMessage, RpcRequest, ServerType};
use icf_wire::rpc::read_connector_infos;
use icf_wire::session::{Counters, EngineConfig, GroupId, GroupStatus, Role};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role as WebSocketRole, WebSocketConfig};

use super::capture::Capture;
use super::frame::{decode, kind};
use super::pong_filter::PongFilter;
use super::refusing::Refusing;
use super::socket::{Blow, Injected, NewSocket, Socket};
use super::tap::Tapped;
use super::upgrade_log::UpgradeLog;
use crate::events::EventKind;
use crate::faults::Point;
use crate::options::TenantOptions;
use crate::state::Shared;

/// The largest message and frame taken.
const MAX_MESSAGE: usize = 256 * 1024 * 1024;

/// How long a group without sockets keeps its requests, as the real product does.
const GRACE: Duration = Duration::from_secs(12 * 60);

/// How long a peer may take to answer the last close.
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(500);

/// The protocol side of a tenant.
#[derive(Debug)]
pub(crate) struct OpenIcf {
    pub(super) shared: Shared,
    pub(crate) upgrades: UpgradeLog,
    pub(crate) capture: Capture,
    nodes: Vec<Mutex<Node>>,
    config: EngineConfig,
    pub(super) changes: watch::Sender<u64>,
    next_socket: AtomicU64,
    /// Node and server whose next request is to leave twice.
    duplicates: Mutex<Vec<(usize, String)>>,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) session: Session,
    session_id: String,
    up: bool,
    /// Connectors by group.
    pub(super) connectors: HashMap<GroupId, Vec<Arc<ConnectorInfo>>>,
    sockets: BTreeMap<String, Arc<Socket>>,
    /// Counts restarts; news of an earlier session do not count.
    generation: u64,
}

impl Node {
    /// The sockets of a group.
    pub(super) fn sockets_of(&self, group: &GroupStatus) -> Vec<Arc<Socket>> {
        let own = |socket: &&Arc<Socket>| socket.link().is_some_and(|link| group.links.contains(&link.id()));
        self.sockets.values().filter(own).cloned().collect()
    }
}

/// What can be done to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeChange {
    /// It refuses and resets all sockets.
    Down,
    /// It accepts again.
    Up,
    /// It comes back with a new session id and without memory.
    Restart,
}

impl OpenIcf {
    /// Nodes with a session each. Must be called within a runtime.
    pub(crate) fn new(options: &TenantOptions, shared: Shared) -> Arc<Self> {
        let ping = Some(options.ping_interval).filter(|interval| !interval.is_zero());
        let config = EngineConfig {
            first_check: options.group_check_interval,
            check_interval: options.group_check_interval,
            grace: GRACE,
            ping_interval: ping,
            ..EngineConfig::default()
        };
        Arc::new_cyclic(|this| {
            let nodes = (0..options.nodes.max(1)).map(|node| {
                let (session, session_id) = begin(&config, this.clone(), node, 0);
                Mutex::new(Node {
                    session,
                    session_id,
                    up: true,
                    connectors: HashMap::new(),
                    sockets: BTreeMap::new(),
                    generation: 0,
                })
            });
            Self {
                nodes: nodes.collect(),
                shared,
                upgrades: UpgradeLog::default(),
                capture: Capture::default(),
                config: config.clone(),
                changes: watch::Sender::new(0),
                next_socket: AtomicU64::new(1),
                duplicates: Mutex::default(),
            }
        })
    }

    pub(super) fn node(&self, node: usize) -> Option<std::sync::MutexGuard<'_, Node>> {
        self.nodes.get(node).map(|node| node.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether a node accepts; `None` if there is no such node.
    pub(super) fn is_up(&self, node: usize) -> Option<bool> {
        self.node(node).map(|node| node.up)
    }

    /// Takes over an upgraded connection and serves it to its end.
    pub(super) async fn open<S>(self: &Arc<Self>, stream: S, new: NewSocket)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (inject, injected) = mpsc::unbounded_channel();
        let id = format!("s{}", self.next_socket.fetch_add(1, Ordering::Relaxed));
        let (node, role, stop) = (new.node, new.role, new.stop.clone());
        let socket = Arc::new(Socket::new(id, new, inject));
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE))
            .max_write_buffer_size(2 * MAX_MESSAGE);
        let web_role = match role {
            Role::Acceptor => WebSocketRole::Server,
            Role::Dialer => WebSocketRole::Client,
        };
        let filtered = PongFilter::new(stream, socket.pongs.clone());
        let web = WebSocketStream::from_raw_socket(filtered, web_role, Some(config)).await;
        let tapped = Tapped::new(web, Arc::clone(&socket), Arc::clone(self), injected);
        let link = {
            let Some(mut node) = self.node(node) else { return };
            if !node.up {
                return;
            }
            node.sockets.insert(socket.id.clone(), Arc::clone(&socket));
            node.session.attach(tapped, role, &socket.server)
        };
        socket.set_link(link.clone());
        self.shared.events.emit(
            EventKind::SocketOpen,
            json!({"node": node, "server": socket.server, "socket": socket.id, "client": socket.client}),
        );
        if let Some(hit) = self.shared.faults.hit(Point::Socket, &socket.subject()) {
            socket.play(&hit);
        }
        let ready = tokio::select! {
            ready = link.ready() => ready.is_ok(),
            () = stop.cancelled() => false,
        };
        if ready {
            let event = json!({"node": node, "server": socket.server, "socket": socket.id});
            self.shared.events.emit(EventKind::Handshake, event);
        }
        let closed = tokio::select! {
            closed = link.closed() => closed,
            () = stop.cancelled() => {
                link.retire();
                link.closed().await
            }
        };
        if let Some(mut node) = self.node(node) {
            node.sockets.remove(&socket.id);
        }
        self.changes.send_modify(|version| *version += 1);
        self.shared.events.emit(
            EventKind::SocketClose,
            json!({
                "node": node, "server": socket.server, "socket": socket.id, "reason": closed.to_string(),
            }),
        );
    }

    /// All sockets of all nodes.
    fn sockets(&self) -> Vec<Arc<Socket>> {
        let nodes = 0..self.nodes.len();
        nodes
            .filter_map(|node| Some(self.node(node)?.sockets.values().cloned().collect::<Vec<_>>()))
            .flatten()
            .collect()
    }

    /// The socket of that id.
    pub(super) fn socket(&self, id: &str) -> Option<Arc<Socket>> {
        self.sockets().into_iter().find(|socket| socket.id == id)
    }

    /// Sockets as an administrator sees them.
    pub(crate) fn describe_sockets(&self) -> Vec<Json> {
        self.sockets().iter().map(|socket| socket.describe()).collect()
    }

    /// Plays a fault of point `socket` that was armed just now on the sockets that are open already.
    pub(crate) fn strike_open_sockets(&self, fault: &str) {
        for socket in self.sockets() {
            if let Some(hit) = self.shared.faults.hit_by_id(fault, &socket.subject()) {
                socket.play(&hit);
            }
        }
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

    /// Lets another socket of the same node and server carry a message; it is lost if there is none.
    pub(super) fn lead_astray(&self, from: &Socket, injected: Injected) {
        let other = self
            .sockets()
            .into_iter()
            .find(|socket| socket.id != from.id && socket.node == from.node && socket.server == from.server);
        if let Some(other) = other {
            // A socket that closes at this instant loses the message, as it would its own.
            let _ = other.inject.send(injected);
        }
    }

    /// The sockets that make up a session of a node.
    pub(super) fn sockets_of(&self, node: usize, session: &str) -> Vec<Arc<Socket>> {
        let Some(node) = self.node(node) else { return Vec::new() };
        let groups = node.session.groups();
        let group = groups.iter().find(|group| group.session == session);
        group.map(|group| node.sockets_of(group)).unwrap_or_default()
    }

    /// Lets the next operation request to a server on a node leave twice.
    pub(super) fn duplicate_next(&self, node: usize, server: &str) {
        self.duplicates.lock().unwrap_or_else(PoisonError::into_inner).push((node, server.to_owned()));
    }

    /// Whether a message on this socket is to leave twice.
    pub(super) fn is_duplicated(&self, socket: &Socket, bytes: &bytes::Bytes) -> bool {
        let mut duplicates = self.duplicates.lock().unwrap_or_else(PoisonError::into_inner);
        if duplicates.is_empty() || decode(bytes).is_none_or(|message| kind(&message) != "request") {
            return false;
        }
        let at =
            duplicates.iter().position(|(node, server)| *node == socket.node && *server == socket.server);
        at.map(|at| duplicates.swap_remove(at)).is_some()
    }

    /// Takes a node down, up, or through a restart; `false` if there is none of that number.
    pub(crate) fn change_node(self: &Arc<Self>, number: usize, change: NodeChange) -> bool {
        let Some(mut node) = self.node(number) else { return false };
        node.up = change != NodeChange::Down;
        if change != NodeChange::Up {
            node.sockets.values().for_each(|socket| socket.suffer(&Blow::Reset));
            node.sockets.clear();
            node.connectors.clear();
        }
        if change == NodeChange::Restart {
            node.generation += 1;
            let (session, session_id) = begin(&self.config, Arc::downgrade(self), number, node.generation);
            node.session_id = session_id;
            let forgotten = std::mem::replace(&mut node.session, session);
            // Nobody waits on for the answers to requests that nobody knows any more.
            tokio::spawn(async move { forgotten.shutdown(SHUTDOWN_LIMIT).await });
        }
        drop(node);
        self.changes.send_modify(|version| *version += 1);
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

    /// Moves the clocks of all sessions forward.
    pub(crate) fn advance(&self, by: Duration) {
        for node in 0..self.nodes.len() {
            if let Some(node) = self.node(node) {
                node.session.advance(by);
            }
        }
    }

    /// What the sessions of all nodes counted; a restarted node begins again.
    pub(crate) fn counters(&self) -> Counters {
        let nodes = (0..self.nodes.len()).filter_map(|node| Some(self.node(node)?.session.counters()));
        nodes.fold(Counters::default(), |sum, one| Counters {
            items_received: sum.items_received + one.items_received,
            items_repeated: sum.items_repeated + one.items_repeated,
            messages_repeated: sum.messages_repeated + one.messages_repeated,
        })
    }

    /// Ends every conversation in order, as far as the peers let it within a moment.
    pub(crate) async fn shutdown(&self) {
        for number in 0..self.nodes.len() {
            let session = self.node(number).map(|node| node.session.clone());
            if let Some(session) = session {
                session.shutdown(SHUTDOWN_LIMIT).await;
            }
        }
    }

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
            Some(json!({"node": number, "up": node.up, "sessionId": node.session_id, "groups": groups}))
        };
        (0..self.nodes.len()).filter_map(describe).collect()
    }

    fn heard(&self, number: usize, generation: u64, event: SessionEvent) {
        let events = &self.shared.events;
        let emit = |kind, group: GroupId| {
            events.emit(kind, json!({"node": number, "group": format!("{number}:{group}")}));
        };
        let Some(mut node) = self.node(number).filter(|node| node.generation == generation) else { return };
        match event {
            SessionEvent::ConnectorInfos { group, infos } => {
                match read_connector_infos(&infos, &Limits::default()) {
                    Ok(infos) => {
                        let count = infos.len();
                        merge(node.connectors.entry(group).or_default(), infos);
                        let id = format!("{number}:{group}");
                        events.emit(EventKind::Connectors, json!({"node": number, "group": id, "count": count}));
                    }
                    Err(error) => tracing::error!(%error, "A connector list cannot be read."),
                }
            }
            SessionEvent::GroupGone { group } => {
                node.connectors.remove(&group);
                emit(EventKind::GroupDown, group);
            }
            SessionEvent::GroupUp { group, session, label } => events.emit(
                EventKind::GroupUp,
                json!({"node": number, "group": format!("{number}:{group}"), "session": session, "server": label}),
            ),
            SessionEvent::GroupDown { group } => emit(EventKind::GroupDown, group),
            SessionEvent::Checked { group, .. } => emit(EventKind::Control, group),
            _ => {}
        }
        drop(node);
        self.changes.send_modify(|version| *version += 1);
    }
}

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

/// Newest wins; what disappeared stays, as at the real product.
fn merge(known: &mut Vec<Arc<ConnectorInfo>>, infos: Vec<ConnectorInfo>) {
    for info in infos.into_iter().map(Arc::new) {
        match known.iter_mut().find(|old| old.key == info.key) {
            Some(old) => *old = info,
            None => known.push(info),
        }
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

/// A session id of the shape Java sends: forty upper-case hexadecimal digits.
pub(super) fn session_id() -> String {
    let bytes: [u8; 20] = rand::random();
    crate::token::hex(&bytes).to_uppercase()
}

fn begin(
    config: &EngineConfig,
    owner: std::sync::Weak<OpenIcf>,
    node: usize,
    generation: u64,
) -> (Session, String) {
    let session_id = session_id();
    let handshake = HandshakeMessage {
        session_id: session_id.clone(),
        server_type: ServerType::Java as i32,
        ..HandshakeMessage::default()
    };
    let (session, mut events) = Session::new(config.clone(), handshake, Refusing);
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let Some(openicf) = owner.upgrade() else { return };
            openicf.heard(node, generation, event);
        }
    });
    (session, session_id)
}
