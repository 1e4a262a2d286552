//! Choosing a link for a message, keeping what cannot be sent now, and repeating what may have been lost.

use std::collections::{BTreeSet, VecDeque};
use std::time::Instant;

use bytes::Bytes;
use icf::ErrorKind;

use crate::envelope::{
    CancelOpRequest, ConfigurationChangeEvent, ControlRequest, ExceptionMessage, InfoLevel, OperationRequest,
    RemoteMessage, RpcRequest, RpcResponse,
};

use super::group::Backlogged;
use super::link::{Link, LinkState, Tracked};
use super::outgoing::Outgoing;
use super::{
    Action, CloseCode, Delivery, Engine, Failure, GroupId, LinkId, RequestId, RequestKind, ResponseClass,
};

/// The class of the notice that a link is about to be closed. Only its ending is known to matter.
const CLOSING_SOON: &str = "org.forgerock.openicf.framework.remote.SocketClosingSoonException";

/// Control requests without an answer beyond which the oldest is forgotten.
const MAX_OPEN_CONTROLS: usize = 16;

/// No link of the group can carry a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no usable link to the peer")]
pub struct NoLink;

impl Engine {
    /// Asks the peer to run an operation.
    ///
    /// # Errors
    /// When no link can carry the request now.
    pub fn submit(
        &mut self,
        group_id: GroupId,
        operation: OperationRequest,
        now: Instant,
    ) -> Result<RequestId, NoLink> {
        let link = self.choose(group_id).ok_or(NoLink)?;
        let group = self.groups.get_mut(&group_id).ok_or(NoLink)?;
        let id = group.allocate_id();
        self.next_request += 1;
        let request = RequestId(self.next_request);
        let kind = RequestKind::of(&operation);
        group.outgoing.insert(id, Outgoing::operation(request, kind, now));
        self.requests.insert(request, (group_id, id));
        let message = RpcRequest { operation_request: Some(Box::new(operation)), ..Default::default() };
        let bytes = RemoteMessage::of_request(id, message).to_bytes();
        self.write_tracked(link, bytes, Tracked::Request { id }, now);
        Ok(request)
    }

    /// The message id under which a request travels, while it is under way.
    #[must_use]
    pub fn message_id(&self, request: RequestId) -> Option<i64> {
        self.requests.get(&request).map(|(_, id)| *id)
    }

    /// Gives up a request and tells the peer.
    pub fn cancel(&mut self, request: RequestId, now: Instant) {
        if let Some((group, id)) = self.requests.remove(&request) {
            if let Some(group) = self.groups.get_mut(&group) {
                group.outgoing.remove(&id);
            }
            self.send_cancel(group, id, now);
        }
    }

    /// Gives up a request without telling the peer.
    pub fn forget(&mut self, request: RequestId) {
        if let Some((group, id)) = self.requests.remove(&request)
            && let Some(group) = self.groups.get_mut(&group)
        {
            group.outgoing.remove(&id);
        }
    }

    /// Tells the peer that a connector changed its configuration; kept until a link is there.
    pub fn notify_configuration_change(
        &mut self,
        group: GroupId,
        facade_key: Bytes,
        properties: Bytes,
        now: Instant,
    ) {
        let event = ConfigurationChangeEvent { configuration_property_change: properties };
        let operation = OperationRequest {
            connector_facade_key: facade_key,
            configuration_change_event: Some(event),
            ..Default::default()
        };
        let request = RpcRequest { operation_request: Some(Box::new(operation)), ..Default::default() };
        self.send_notice(group, RemoteMessage::of_request(0, request).to_bytes(), now);
    }

    pub(super) fn send_cancel(&mut self, group: GroupId, id: i64, now: Instant) {
        let request = RpcRequest { cancel_op_request: Some(CancelOpRequest {}), ..Default::default() };
        self.send_notice(group, RemoteMessage::of_request(id, request).to_bytes(), now);
    }

    pub(super) fn cancel_all_outgoing(&mut self, group_id: GroupId, now: Instant) {
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        for (id, outgoing) in std::mem::take(&mut group.outgoing) {
            if let Some(request) = outgoing.request {
                self.send_cancel(group_id, id, now);
                self.fail(request, Failure::Shutdown);
            }
        }
    }

    pub(super) fn fail(&mut self, request: RequestId, failure: Failure) {
        self.requests.remove(&request);
        self.actions.push_back(Action::Deliver { request, delivery: Delivery::Failed(failure) });
    }

    /// Asks for the peer's connector list, or sends the heartbeat that carries the lists of request ids.
    pub(super) fn send_control(&mut self, group_id: GroupId, ask_for_connectors: bool, now: Instant) {
        self.send_control_as(group_id, Outgoing::control(ask_for_connectors, false), now);
    }

    /// Asks for the connector list once more after an error.
    pub(super) fn retry_connectors(&mut self, group_id: GroupId, now: Instant) {
        self.send_control_as(group_id, Outgoing::control(true, true), now);
    }

    fn send_control_as(&mut self, group_id: GroupId, control: Outgoing, now: Instant) {
        let ask_for_connectors = control.asks_for_connectors;
        let Some(link) = self.choose(group_id) else { return };
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        let open: Vec<_> =
            group.outgoing.iter().filter(|(_, out)| out.request.is_none()).map(|(id, _)| *id).collect();
        if open.len() >= MAX_OPEN_CONTROLS
            && let Some(oldest) = open.first()
        {
            group.outgoing.remove(oldest);
        }
        let id = group.allocate_id();
        group.outgoing.insert(id, control);
        let level = if ask_for_connectors { vec![InfoLevel::ConnectorInfo.into()] } else { vec![] };
        let mut local: Vec<_> = group.local.keys().copied().collect();
        local.sort_unstable();
        let lists = ControlRequest {
            info_level: level,
            local_request_id: local,
            remote_request_id: group.outgoing.keys().copied().collect(),
        };
        let request = RpcRequest { control_request: Some(lists), ..Default::default() };
        let bytes = RemoteMessage::of_request(id, request).to_bytes();
        self.write_tracked(link, bytes, Tracked::Request { id }, now);
    }

    /// Tells the peer that the link is about to be closed. A peer that does not know the notice ignores it.
    pub(super) fn announce_closing(&mut self, link: LinkId) {
        let error = ExceptionMessage {
            exception_class: CLOSING_SOON.to_owned(),
            message: "This link is about to be closed".to_owned(),
            ..Default::default()
        };
        let response = RpcResponse { error: Some(error), ..Default::default() };
        self.write_untracked(link, &RemoteMessage::of_response(0, response));
    }

    /// Sends a response on the link its request came over; that link is one that can be written to.
    pub(super) fn reply_on(&mut self, link: LinkId, message: &RemoteMessage, now: Instant) {
        self.write_tracked(link, message.to_bytes(), Tracked::Notice, now);
    }

    /// Pings a link, outside the regular rhythm. Nothing happens if it carries no messages.
    pub fn ping(&mut self, id: LinkId, now: Instant) {
        if let Some(link) = self.links.get_mut(&id)
            && link.carries()
        {
            let payload = link.ping(now);
            self.actions.push_back(Action::Ping { link: id, payload });
        }
    }

    /// Closes a retiring link once everything on it has been proven for a moment.
    pub(super) fn finish_retirement(&mut self, id: LinkId, now: Instant) {
        let Some(link) = self.links.get(&id) else { return };
        if !matches!(link.state, LinkState::Retiring { .. }) {
            return;
        }
        match link.drained_at(&self.config) {
            Some(at) if at <= now => self.close(id, CloseCode::NORMAL, "replaced", now),
            None if !link.proof_under_way() => self.ping(id, now),
            _ => {}
        }
    }

    /// Sorts out what was on a link that is gone: repeats what is exact, fails what is not.
    pub(super) fn recover(&mut self, group_id: GroupId, link: Link, attempted: u64, now: Instant) {
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        for local in
            group.local.values_mut().filter(|local| local.pinned.is_some_and(|id| !group.links.contains(&id)))
        {
            local.pinned = None;
            local.unproven = 0;
        }
        let lost: BTreeSet<i64> = link
            .unproven
            .iter()
            .filter(|message| message.index <= attempted)
            .filter_map(|message| match message.tracked {
                Tracked::Response { id, class: ResponseClass::Once } => Some(id),
                _ => None,
            })
            .collect();
        let repeat_at = now + self.config.repeat_delay;
        let mut unsure = Vec::new();
        let mut recovered = VecDeque::new();
        for message in link.unproven {
            let unsent = message.index > attempted;
            match message.tracked {
                Tracked::Response { id, .. } if lost.contains(&id) => continue,
                Tracked::Response { id, .. } => {
                    if let Some(local) = group.local.get_mut(&id) {
                        local.backlogged += 1;
                    }
                }
                Tracked::Request { id } if !unsent => {
                    unsure.push(id);
                    continue;
                }
                Tracked::Request { .. } | Tracked::Notice => {}
            }
            let not_before = if unsent { now } else { repeat_at };
            let (bytes, tracked) = (message.bytes, message.tracked);
            recovered.push_back(Backlogged { not_before, bytes, tracked, repeat: !unsent });
        }
        // What waits already was to follow.
        recovered.append(&mut group.backlog);
        group.backlog = recovered;
        for id in lost {
            let error = Self::error_response(
                id,
                ErrorKind::Retryable.class_name(),
                "The link was lost while results were being sent; some may be missing. Ask again.",
            );
            self.fail_execution(group_id, id, &error, repeat_at);
        }
        for id in unsure {
            self.lose_request(group_id, id, now);
        }
    }

    /// Ends an execution whose results cannot all be sent, with an error in their place.
    pub(super) fn fail_execution(
        &mut self,
        group_id: GroupId,
        id: i64,
        error: &RemoteMessage,
        not_before: Instant,
    ) {
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        if let Some(local) = group.local.remove(&id) {
            self.executions.remove(&local.execution);
            self.actions.push_back(Action::Cancel { execution: local.execution });
        }
        group
            .backlog
            .retain(|waiting| !matches!(waiting.tracked, Tracked::Response { id: other, .. } if other == id));
        group.backlog.push_back(Backlogged {
            not_before,
            bytes: error.to_bytes(),
            tracked: Tracked::Response { id, class: ResponseClass::Exact },
            repeat: false,
        });
    }

    /// Deals with a request whose link died before the peer was known to have read it.
    fn lose_request(&mut self, group_id: GroupId, id: i64, now: Instant) {
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        if group.outgoing.get(&id).is_none_or(|outgoing| outgoing.proven) {
            return;
        }
        let Some(outgoing) = group.outgoing.remove(&id) else { return };
        match outgoing.request {
            // It may be running: stop it, since its result would have nobody to go to.
            Some(request) => {
                self.send_cancel(group_id, id, now);
                self.fail(request, Failure::LostWithLink);
            }
            None if outgoing.asks_for_connectors => self.send_control(group_id, true, now),
            None => {}
        }
    }

    /// Sends what waits in the group's backlog, in order, as far as it may go now.
    pub(super) fn flush_backlog(&mut self, group_id: GroupId, now: Instant) {
        loop {
            let Some(group) = self.groups.get(&group_id) else { return };
            let Some(first) = group.backlog.front().filter(|first| first.not_before <= now) else { return };
            let link = match first.tracked {
                Tracked::Response { id, .. } if group.local.contains_key(&id) => self.pin(group_id, id),
                _ => self.choose(group_id).or_else(|| self.any_carrier(group_id)),
            };
            let Some(link) = link else { return };
            let Some(group) = self.groups.get_mut(&group_id) else { return };
            let Some(message) = group.backlog.pop_front() else { return };
            if let Tracked::Response { id, .. } = message.tracked
                && let Some(local) = group.local.get_mut(&id)
            {
                local.backlogged = local.backlogged.saturating_sub(1);
                local.unproven += 1;
            }
            if message.repeat {
                self.counters.messages_repeated += 1;
            }
            self.write_tracked(link, message.bytes, message.tracked, now);
            if self.groups.get(&group_id).is_some_and(|group| group.backlog.is_empty()) {
                self.unblock(group_id);
            }
        }
    }

    pub(super) fn send_response(
        &mut self,
        group_id: GroupId,
        id: i64,
        bytes: Bytes,
        class: ResponseClass,
        now: Instant,
    ) {
        let tracked = Tracked::Response { id, class };
        let backlogged = self
            .groups
            .get(&group_id)
            .is_some_and(|group| group.local.get(&id).is_some_and(|local| local.backlogged > 0));
        let link = if backlogged {
            None
        } else {
            self.pin(group_id, id).or_else(|| self.pinned_carrier(group_id, id))
        };
        let Some(group) = self.groups.get_mut(&group_id) else { return };
        match link {
            Some(link) => {
                if let Some(local) = group.local.get_mut(&id) {
                    local.unproven += 1;
                }
                self.write_tracked(link, bytes, tracked, now);
            }
            None => {
                if let Some(local) = group.local.get_mut(&id) {
                    local.backlogged += 1;
                }
                group.backlog.push_back(Backlogged { not_before: now, bytes, tracked, repeat: false });
            }
        }
    }

    fn send_notice(&mut self, group_id: GroupId, bytes: Bytes, now: Instant) {
        match self.choose(group_id) {
            Some(link) => self.write_tracked(link, bytes, Tracked::Notice, now),
            None => {
                if let Some(group) = self.groups.get_mut(&group_id) {
                    let tracked = Tracked::Notice;
                    group.backlog.push_back(Backlogged { not_before: now, bytes, tracked, repeat: false });
                }
            }
        }
    }

    fn write_tracked(&mut self, id: LinkId, bytes: Bytes, tracked: Tracked, now: Instant) {
        let Some(link) = self.links.get_mut(&id) else { return };
        link.track(bytes.clone(), tracked);
        let overflow = link.unproven.len() > self.config.hard_messages;
        let urgent = link.is_urgent() || link.wants_proof(&self.config);
        self.actions.push_back(Action::Write { link: id, bytes });
        if overflow {
            self.kill(id, "the peer does not read what it is sent", now);
        } else if urgent {
            self.ping(id, now);
        }
    }

    pub(super) fn kill(&mut self, id: LinkId, reason: &'static str, now: Instant) {
        if let Some(link) = self.links.get_mut(&id)
            && !link.killed
        {
            link.killed = true;
            link.state = LinkState::Closing;
            link.closing_since = Some(now);
            self.actions.push_back(Action::Kill { link: id, reason });
        }
    }

    /// The link for the next part of an answer: the one it is bound to, else a new one. `None` while parts on a link
    /// that is going out of use are unproven: sending on another link now could overtake them.
    pub(super) fn pin(&mut self, group_id: GroupId, id: i64) -> Option<LinkId> {
        let local = self.groups.get(&group_id)?.local.get(&id)?;
        let pinned = local.pinned.filter(|link| self.links.contains_key(link));
        let unproven = local.unproven;
        let link = match pinned {
            Some(link) if self.is_usable(link) => return Some(link),
            // Even when it was ordered to close: what it still delivers shows only when it is gone.
            Some(_) if unproven > 0 => return None,
            Some(_) => self.choose(group_id).or_else(|| self.pinned_carrier(group_id, id))?,
            None => self.choose(group_id).or_else(|| self.any_carrier(group_id))?,
        };
        let local = self.groups.get_mut(&group_id)?.local.get_mut(&id)?;
        local.pinned = Some(link);
        Some(link)
    }

    /// The bound link even if it is going out of use: good enough for a last message.
    fn pinned_carrier(&self, group_id: GroupId, id: i64) -> Option<LinkId> {
        let local = self.groups.get(&group_id)?.local.get(&id)?;
        local.pinned.filter(|link| self.links.get(link).is_some_and(Link::carries))
    }

    fn any_carrier(&self, group_id: GroupId) -> Option<LinkId> {
        let group = self.groups.get(&group_id)?;
        group.links.iter().copied().find(|link| self.links.get(link).is_some_and(Link::carries))
    }

    /// The next usable link in turn.
    fn choose(&mut self, group_id: GroupId) -> Option<LinkId> {
        let group = self.groups.get_mut(&group_id)?;
        let count = group.links.len();
        for step in 0..count {
            let position = (group.round_robin + step) % count;
            let Some(candidate) = group.links.get(position).copied() else { continue };
            if self.links.get(&candidate).is_some_and(Link::is_usable) {
                group.round_robin = position + 1;
                return Some(candidate);
            }
        }
        None
    }
}
