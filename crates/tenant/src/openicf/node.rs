//! Nodes (pods): each with a session of its own, the sockets it accepted and the connectors its peers announced.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use icf::{ConfigurationProperty, ConnectorInfo};
use icf_session::{Session, SessionEvent};
use icf_wire::binary::Limits;
use icf_wire::envelope::{HandshakeMessage, ServerType};
use icf_wire::rpc::{read_configuration_change, read_connector_infos};
use icf_wire::session::{Counters, EngineConfig, GroupId, GroupStatus};
use serde_json::json;
use tokio::sync::{broadcast, watch};

use super::capture::Capture;
use super::refusing::Refusing;
use super::socket::{Blow, Socket};
use super::upgrade_log::UpgradeLog;
use crate::events::EventKind;
use crate::options::TenantOptions;
use crate::state::Shared;

/// How long a group without sockets keeps its requests, as the real product does.
const GRACE: Duration = Duration::from_secs(12 * 60);

/// How long a server may take to say what it offers before it is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// How long a peer may take to answer the last close.
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(500);

/// Changed configurations that wait to be stored.
const CHANGES: usize = 64;

/// What a connector changed of its own configuration.
#[derive(Clone, Debug)]
pub(crate) struct ChangedProperties {
    /// The configuration as it was sent.
    pub(crate) facade_key: Bytes,
    /// What differs from that.
    pub(crate) properties: Vec<ConfigurationProperty>,
}

/// The protocol side of a tenant.
#[derive(Debug)]
pub(crate) struct OpenIcf {
    pub(super) shared: Shared,
    pub(crate) upgrades: UpgradeLog,
    pub(crate) capture: Capture,
    pub(super) nodes: Vec<Mutex<Node>>,
    config: EngineConfig,
    pub(super) changes: watch::Sender<u64>,
    changed_properties: broadcast::Sender<ChangedProperties>,
    pub(super) next_socket: AtomicU64,
    /// Node and server whose next request is to leave twice.
    pub(super) duplicates: Mutex<Vec<(usize, String)>>,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) session: Session,
    pub(super) session_id: String,
    pub(super) up: bool,
    /// Connectors by group.
    pub(super) connectors: HashMap<GroupId, Vec<Arc<ConnectorInfo>>>,
    pub(super) sockets: BTreeMap<String, Arc<Socket>>,
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
            ask_again: Some(ASK_AGAIN),
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
                changed_properties: broadcast::Sender::new(CHANGES),
                next_socket: AtomicU64::new(1),
                duplicates: Mutex::default(),
            }
        })
    }

    /// Configurations that connectors change from now on.
    pub(crate) fn changed_properties(&self) -> broadcast::Receiver<ChangedProperties> {
        self.changed_properties.subscribe()
    }

    pub(super) fn node(&self, node: usize) -> Option<std::sync::MutexGuard<'_, Node>> {
        self.nodes.get(node).map(|node| node.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether a node accepts; `None` if there is no such node.
    pub(super) fn is_up(&self, node: usize) -> Option<bool> {
        self.node(node).map(|node| node.up)
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
            connector_lists_sent: sum.connector_lists_sent + one.connector_lists_sent,
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
            SessionEvent::ConfigurationChanged { facade_key, properties, .. } => {
                match read_configuration_change(&properties, &Limits::default()) {
                    // Nobody listens at the end.
                    Ok(properties) => {
                        let _ = self.changed_properties.send(ChangedProperties { facade_key, properties });
                    }
                    Err(error) => tracing::error!(%error, "A changed configuration cannot be read."),
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

/// Newest wins; what disappeared stays, as at the real product.
fn merge(known: &mut Vec<Arc<ConnectorInfo>>, infos: Vec<ConnectorInfo>) {
    for info in infos.into_iter().map(Arc::new) {
        match known.iter_mut().find(|old| old.key == info.key) {
            Some(old) => *old = info,
            None => known.push(info),
        }
    }
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
