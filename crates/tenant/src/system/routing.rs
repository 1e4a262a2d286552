//! From the name of a server or group to a session that takes a request.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use icf::{ConnectorError, ConnectorKey};
use icf_wire::rpc::OperationRequest;

use crate::backend::{Call, Submission};
use crate::config::{Algorithm, Host};
use crate::faults::FaultKind;
use crate::options::Dispatch;
use crate::state::State;

/// Whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct Routing {
    /// Requests so far, per group.
    groups: Mutex<HashMap<String, usize>>,
    /// Requests so far, for round robin over nodes.
    nodes: AtomicUsize,
}

impl Routing {
    fn next_of_group(&self, name: &str) -> usize {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let count = groups.entry(name.to_owned()).or_default();
        let turn = *count;
        *count = count.wrapping_add(1);
        turn
    }
}

/// A request on its way to a server or group.
#[derive(Debug)]
pub(super) struct Outgoing<'a> {
    /// Name of the server or group.
    pub(super) host: &'a str,
    /// Node asked for by the caller.
    pub(super) node: Option<usize>,
    /// Server and session that issued the cookie of a page.
    pub(super) pin: Option<(String, String)>,
    /// What to send.
    pub(super) request: OperationRequest,
    /// A fault for the protocol side to play.
    pub(super) fault: Option<FaultKind>,
}

/// Hands a request to the first session that takes it, waiting a while for one to appear.
///
/// # Errors
/// `ConnectionFailedException` when none took it in time.
pub(super) async fn submit(state: &State, outgoing: &Outgoing<'_>) -> Result<Call, ConnectorError> {
    let deadline = state.clock.now() + state.options.send_wait;
    let mut changes = state.backend.changes();
    let hosts = state.config.hosts();
    let host = hosts.get(outgoing.host);
    let servers = host.map(|host| order(state, host, outgoing.pin.as_ref())).unwrap_or_default();
    let nodes = nodes(state, outgoing.node);
    loop {
        changes.mark_unchanged();
        if let Some(call) = try_once(state, outgoing, &servers, &nodes).await {
            return Ok(call);
        }
        tokio::select! {
            changed = changes.changed() => {
                if changed.is_err() {
                    break;
                }
            }
            () = state.clock.sleep_until(deadline) => break,
        }
    }
    Err(ConnectorError::connection_failed("No remote Connector Server is available at this moment"))
}

async fn try_once(
    state: &State,
    outgoing: &Outgoing<'_>,
    servers: &[String],
    nodes: &[usize],
) -> Option<Call> {
    for server in servers {
        for node in nodes.iter().copied() {
            if !offers(state, node, server, &outgoing.request.connector) {
                continue;
            }
            let pinned = outgoing.pin.as_ref().filter(|(pinned, _)| pinned == server);
            let submission = Submission {
                node,
                server: server.clone(),
                session: pinned.map(|(_, session)| session.clone()),
                request: outgoing.request.clone(),
                fault: outgoing.fault,
            };
            if let Some(call) = state.backend.submit(&submission).await {
                return Some(call);
            }
        }
    }
    None
}

fn offers(state: &State, node: usize, server: &str, key: &ConnectorKey) -> bool {
    let offered = state.backend.connectors(node, server);
    offered.is_some_and(|offered| offered.iter().any(|info| info.key == *key))
}

/// The servers to try, in order.
fn order(state: &State, host: &Host, pin: Option<&(String, String)>) -> Vec<String> {
    let mut servers: Vec<String> = host.servers().into_iter().map(str::to_owned).collect();
    if let Some((Algorithm::RoundRobin, members)) = &host.group
        && !members.is_empty()
    {
        let turn = state.routing.next_of_group(&host.name) % members.len();
        servers.rotate_left(turn);
    }
    if let Some((pinned, _)) = pin {
        // A stable sort: the pinned server first, the others as they were.
        servers.sort_by_key(|server| server != pinned);
    }
    servers
}

/// The nodes to try, in order.
fn nodes(state: &State, wanted: Option<usize>) -> Vec<usize> {
    let count = state.options.nodes.max(1);
    match (wanted, state.options.dispatch) {
        (Some(node), _) | (None, Dispatch::Sticky(node)) => vec![node],
        (None, Dispatch::Any) => (0..count).collect(),
        (None, Dispatch::RoundRobin) => vec![state.routing.nodes.fetch_add(1, Ordering::Relaxed) % count],
    }
}
