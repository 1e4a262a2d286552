//! Serving a socket from its upgrade to its end, and finding sockets again.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use icf_session::LinkHandle;
use icf_wire::session::Role;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role as WebSocketRole, WebSocketConfig};

use super::frame::{decode, kind};
use super::node::OpenIcf;
use super::pong_filter::PongFilter;
use super::socket::{Injected, NewSocket, Socket};
use super::tap::Tapped;
use crate::events::EventKind;
use crate::faults::Point;

/// The largest message and frame taken.
const MAX_MESSAGE: usize = 256 * 1024 * 1024;

impl OpenIcf {
    /// Takes over an upgraded connection and serves it to its end.
    pub(super) async fn open<S>(self: &Arc<Self>, stream: S, new: NewSocket)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let stop = new.stop.clone();
        let Some((socket, link)) = self.attach(stream, new).await else { return };
        let event = |extra: &str| {
            let reason = (!extra.is_empty()).then_some(extra);
            json!({
                "node": socket.node, "server": socket.server, "socket": socket.id, "client": socket.client,
                "reason": reason,
            })
        };
        self.shared.events.emit(EventKind::SocketOpen, event(""));
        if let Some(hit) = self.shared.faults.hit(Point::Socket, &socket.subject()) {
            socket.play(&hit);
        }
        let ready = tokio::select! {
            ready = link.ready() => ready.is_ok(),
            () = stop.cancelled() => false,
        };
        if ready {
            self.shared.events.emit(EventKind::Handshake, event(""));
        }
        let closed = tokio::select! {
            closed = link.closed() => closed,
            () = stop.cancelled() => {
                link.retire();
                link.closed().await
            }
        };
        if let Some(mut node) = self.node(socket.node) {
            node.sockets.remove(&socket.id);
        }
        self.changes.send_modify(|version| *version += 1);
        self.shared.events.emit(EventKind::SocketClose, event(&closed.to_string()));
    }

    /// Makes a socket of a connection and hands it to the node's session; `None` if the node is down by now.
    async fn attach<S>(self: &Arc<Self>, stream: S, new: NewSocket) -> Option<(Arc<Socket>, LinkHandle)>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (inject, injected) = mpsc::unbounded_channel();
        let id = format!("s{}", self.next_socket.fetch_add(1, Ordering::Relaxed));
        let role = new.role;
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
            let mut node = self.node(socket.node).filter(|node| node.up)?;
            node.sockets.insert(socket.id.clone(), Arc::clone(&socket));
            node.session.attach(tapped, role, &socket.server)
        };
        socket.set_link(link.clone());
        Some((socket, link))
    }

    /// All sockets of all nodes.
    pub(super) fn sockets(&self) -> Vec<Arc<Socket>> {
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

    /// Plays a fault of point `socket` that was armed just now on the sockets that are open already.
    pub(crate) fn strike_open_sockets(&self, fault: &str) {
        for socket in self.sockets() {
            if let Some(hit) = self.shared.faults.hit_by_id(fault, &socket.subject()) {
                socket.play(&hit);
            }
        }
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
}
