//! What a received message means.

use std::time::Instant;

use icf::ErrorKind;

use crate::envelope::{
    ControlRequest, ControlResponse, ExceptionMessage, HandshakeMessage, InfoLevel, OperationRequest,
    OperationResponse, RemoteMessage, RpcRequest, RpcResponse,
};

use super::group::{Group, Local};
use super::link::LinkState;
use super::outgoing::Effect;
use super::{Action, CloseCode, Delivery, Engine, ExecutionId, Failure, GroupId, LinkId, Role};

const CONNECTOR_EXCEPTION: &str = "org.identityconnectors.framework.common.exceptions.ConnectorException";

/// What a side says that gets an answer before it has finished the handshake of the link.
pub(super) const EARLY_RESPONSE: &str = "Connection received response before handshake";

impl Engine {
    /// A message arrived.
    pub fn received(&mut self, link: LinkId, message: RemoteMessage, now: Instant) {
        let Some(state) = self.links.get_mut(&link) else { return };
        state.last_received = now;
        let (group, role) = (state.group, state.role);
        let id = message.message_id;
        match (message.request, message.response, group) {
            (Some(request), _, Some(group)) => self.request(link, group, id, request, now),
            (Some(request), _, None) => self.early_request(link, role, id, request, now),
            (None, Some(response), Some(group)) => self.response(link, group, id, response, now),
            (None, Some(response), None) => self.early_response(link, role, id, response, now),
            (None, None, Some(_)) => self.complain(link, id, "Unknown RemoteMessage", now),
            (None, None, None) => {}
        }
    }

    fn complain(&mut self, link: LinkId, id: i64, text: &str, now: Instant) {
        self.reply_on(link, &Self::error_response(id, CONNECTOR_EXCEPTION, text), now);
    }

    fn early_request(&mut self, link: LinkId, role: Role, id: i64, request: RpcRequest, now: Instant) {
        match request.handshake_message {
            Some(peer) if role == Role::Acceptor => {
                if peer.session_id.trim().is_empty() {
                    return self.close(link, CloseCode::PROTOCOL, "blank session id", now);
                }
                self.answer_handshake(link, id);
                self.register(link, &peer, now);
            }
            Some(_) => {}
            None => {
                let text = "Connection received request before handshake";
                self.write_untracked(link, &Self::error_response(id, CONNECTOR_EXCEPTION, text));
            }
        }
    }

    fn early_response(&mut self, link: LinkId, role: Role, id: i64, response: RpcResponse, now: Instant) {
        match response.handshake_message {
            Some(peer) if role == Role::Dialer => {
                if peer.session_id.trim().is_empty() {
                    return self.close(link, CloseCode::PROTOCOL, "blank session id", now);
                }
                self.register(link, &peer, now);
            }
            Some(_) => {}
            None if response.error.is_some() => {}
            None => {
                self.write_untracked(link, &Self::error_response(id, CONNECTOR_EXCEPTION, EARLY_RESPONSE));
            }
        }
    }

    fn answer_handshake(&mut self, link: LinkId, id: i64) {
        let hello = RpcResponse { handshake_message: Some(self.handshake.clone()), ..Default::default() };
        self.write_untracked(link, &RemoteMessage::of_response(id, hello));
    }

    fn register(&mut self, link_id: LinkId, peer: &HandshakeMessage, now: Instant) {
        let Some(link) = self.links.get_mut(&link_id) else { return };
        // Servers of different names may only by mistake or malice share a session id; they never share a group.
        let key = format!("{}\n{}", link.label, peer.session_id);
        let group_id = self.sessions.get(&key).copied().unwrap_or_else(|| {
            self.next_group += 1;
            let id = GroupId(self.next_group);
            let group = Group::new(&peer.session_id, &link.label, now, now + self.config.first_check);
            self.groups.insert(id, group);
            self.sessions.insert(key, id);
            id
        });
        link.group = Some(group_id);
        if matches!(link.state, LinkState::Handshaking { .. }) {
            link.state = LinkState::Open;
        }
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        let first = group.links.is_empty();
        group.links.push(link_id);
        group.without_links_since = None;
        self.actions.push_back(Action::LinkReady { link: link_id, group: group_id });
        if first {
            let (session, label) = (group.session.clone(), group.label.clone());
            if !group.connector_infos_received {
                group.ask_again = self.config.ask_again.map(|wait| (now + wait, wait));
            }
            self.actions.push_back(Action::GroupUp { group: group_id, session, label });
            self.send_control(group_id, true, now);
        }
        self.flush_backlog(group_id, now);
        self.unblock(group_id);
    }

    fn request(&mut self, link: LinkId, group: GroupId, id: i64, request: RpcRequest, now: Instant) {
        if request.handshake_message.is_some() {
            // Answered again, but the link stays where it is.
            if self.links.get(&link).is_some_and(|link| link.role == Role::Acceptor) {
                self.answer_handshake(link, id);
            }
        } else if let Some(operation) = request.operation_request {
            self.operation(link, group, id, operation, now);
        } else if request.cancel_op_request.is_some() {
            self.cancel_requested(group, id, now);
        } else if let Some(control) = request.control_request {
            self.control(link, group, id, &control, now);
        } else {
            self.complain(link, id, "Unknown Request message", now);
        }
    }

    fn operation(
        &mut self,
        link: LinkId,
        group_id: GroupId,
        id: i64,
        request: Box<OperationRequest>,
        now: Instant,
    ) {
        if let Some(event) = request.configuration_change_event {
            return self.actions.push_back(Action::ConfigurationChanged {
                group: group_id,
                facade_key: request.connector_facade_key,
                properties: event.configuration_property_change,
            });
        }
        let limit = self.config.max_executions;
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        if group.local.contains_key(&id) {
            let text = format!("Request has been registered with id: {id}");
            let error = Self::error_response(id, ErrorKind::IllegalState.class_name(), text);
            return self.reply_on(link, &error, now);
        }
        if group.parked_cancels.remove(&id).is_some_and(|expires| expires > now) {
            return;
        }
        if group.local.len() >= limit {
            let text = format!("{limit} operations are running for this peer already; try again later");
            let error = Self::error_response(id, ErrorKind::Retryable.class_name(), text);
            return self.reply_on(link, &error, now);
        }
        self.next_execution += 1;
        let execution = ExecutionId(self.next_execution);
        group
            .local
            .insert(id, Local { execution, pinned: None, unproven: 0, backlogged: 0, inconsistency: 0 });
        self.executions.insert(execution, (group_id, id));
        self.actions.push_back(Action::Start { execution, group: group_id, message_id: id, request });
    }

    fn cancel_requested(&mut self, group_id: GroupId, id: i64, now: Instant) {
        let expires = now + self.config.park_cancel;
        let limit = self.config.max_executions;
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        match group.local.remove(&id) {
            Some(local) => {
                self.executions.remove(&local.execution);
                self.actions.push_back(Action::Cancel { execution: local.execution });
                self.unblock(group_id);
            }
            None => {
                group.parked_cancels.retain(|_, expiry| *expiry > now);
                // No honest peer cancels more than it may have running.
                if group.parked_cancels.len() < limit {
                    group.parked_cancels.insert(id, expires);
                }
            }
        }
    }

    fn control(&mut self, link: LinkId, group_id: GroupId, id: i64, control: &ControlRequest, now: Instant) {
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        group.last_activity = now;
        for (known, outgoing) in &mut group.outgoing {
            if !control.local_request_id.contains(known) {
                outgoing.inconsistency += 1;
            }
        }
        for (known, local) in &mut group.local {
            if !control.remote_request_id.contains(known) {
                local.inconsistency += 1;
            }
        }
        let asked = control.info_level.contains(&InfoLevel::ConnectorInfo.into());
        if asked && let Some(link) = self.links.get_mut(&link) {
            link.told_connectors = Some(id);
        }
        let answer = self.control_answer(id, asked);
        self.reply_on(link, &answer, now);
    }

    pub(super) fn control_answer(&mut self, id: i64, with_connectors: bool) -> RemoteMessage {
        self.counters.connector_lists_sent += u64::from(with_connectors);
        let infos = if with_connectors { self.connector_infos.clone() } else { bytes::Bytes::new() };
        let answer = ControlResponse { connector_infos: infos, ..Default::default() };
        let response = RpcResponse { control_response: Some(answer), ..Default::default() };
        RemoteMessage::of_response(id, response)
    }

    fn response(&mut self, link: LinkId, group: GroupId, id: i64, response: RpcResponse, now: Instant) {
        if response.handshake_message.is_some() {
            return;
        }
        if let Some(error) = response.error {
            self.error(link, group, id, error, now);
        } else if let Some(answer) = response.operation_response {
            self.operation_response(group, id, answer, now);
        } else if let Some(control) = response.control_response {
            self.control_response(group, id, control);
        }
    }

    fn error(&mut self, link: LinkId, group_id: GroupId, id: i64, error: ExceptionMessage, now: Instant) {
        // It bears the id of an answer of this side, which may be that of a request of this side, too.
        if error.message == EARLY_RESPONSE {
            return self.dropped(link, group_id, id, now);
        }
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        match group.outgoing.remove(&id) {
            Some(outgoing) => match outgoing.request {
                Some(request) => self.fail(request, Failure::Remote(Box::new(error))),
                // Once more at once; the periodic check asks again if that fails too.
                None if outgoing.asks_for_connectors && !outgoing.is_retry => {
                    self.retry_connectors(group_id, now)
                }
                None => {}
            },
            None if error.exception_class.ends_with("SocketClosingSoonException") => {
                if let Some(link) = self.links.get_mut(&link) {
                    link.peer_closing = true;
                }
                self.actions.push_back(Action::LinkClosingSoon { link });
                self.ping(link, now);
                self.unblock(group_id);
            }
            None => {}
        }
    }

    fn operation_response(
        &mut self,
        group_id: GroupId,
        id: i64,
        answer: Box<OperationResponse>,
        now: Instant,
    ) {
        let max_held = self.config.max_reordered;
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        let Some(outgoing) = group.outgoing.get_mut(&id) else { return };
        let Some(request) = outgoing.request else { return };
        let mut counts = (0, 0);
        let effect = outgoing.respond(answer, now, &mut counts, max_held);
        self.counters.items_received += counts.0;
        self.counters.items_repeated += counts.1;
        let (deliveries, over) = match effect {
            Effect::Deliver(deliveries) => (deliveries, false),
            Effect::Finish(deliveries) => (deliveries, true),
        };
        let failed_here = matches!(deliveries.last(), Some(Delivery::Failed(_)));
        for delivery in deliveries {
            self.actions.push_back(Action::Deliver { request, delivery });
        }
        if over {
            if let Some(group) = self.groups.get_mut(&group_id) {
                group.outgoing.remove(&id);
            }
            self.requests.remove(&request);
            if failed_here {
                self.send_cancel(group_id, id, now);
            }
        }
    }

    fn control_response(&mut self, group_id: GroupId, id: i64, control: ControlResponse) {
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        let asked = match group.outgoing.get(&id) {
            Some(outgoing) if outgoing.request.is_none() => outgoing.asks_for_connectors,
            _ => return,
        };
        group.outgoing.remove(&id);
        if asked {
            group.connector_infos_received = true;
            group.ask_again = None;
            self.actions
                .push_back(Action::ConnectorInfos { group: group_id, infos: control.connector_infos });
        }
    }
}
