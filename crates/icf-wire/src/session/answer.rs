//! Answers of this side's executions: parts, as many as the window of their link has room for, and the end.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use icf::ErrorKind;

use super::link::Tracked;
use super::{Action, Engine, ExecutionId, GroupId};

/// Whether a response may be sent a second time when its delivery is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseClass {
    /// It carries a number or ends its request: receivers drop a second copy.
    Exact,
    /// An event or a batch result: a second copy would count twice. If one may be lost, the request ends with an error.
    Once,
}

/// A part of an answer: the encoded message under the peer's message id.
#[derive(Clone, Debug)]
pub struct Part {
    /// The message.
    pub bytes: Bytes,
    /// Whether it may be sent twice.
    pub class: ResponseClass,
}

/// Whether a stream may send its next part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// Now.
    Ready,
    /// Not before the group is unblocked.
    Wait,
    /// Never: the request was cancelled or is unknown.
    Gone,
}

impl Engine {
    /// Whether the execution may send a part of its answer.
    pub fn capacity(&mut self, execution: ExecutionId, now: Instant) -> Capacity {
        let Some(&(group_id, id)) = self.executions.get(&execution) else { return Capacity::Gone };
        let backlogged = self
            .groups
            .get(&group_id)
            .and_then(|group| group.local.get(&id))
            .is_none_or(|local| local.backlogged > 0);
        if backlogged {
            return Capacity::Wait;
        }
        let Some(link_id) = self.pin(group_id, id) else { return Capacity::Wait };
        let Some(link) = self.links.get(&link_id) else { return Capacity::Wait };
        if link.has_room(&self.config) {
            return Capacity::Ready;
        }
        if link.wants_proof(&self.config) {
            self.ping(link_id, now);
        }
        Capacity::Wait
    }

    /// Sends parts of an execution's answer, from the front, as many as there is room for; those sent are taken out.
    /// Answers whether one more may be sent. When the request is gone, so are the parts.
    pub fn send_parts(
        &mut self,
        execution: ExecutionId,
        parts: &mut VecDeque<Part>,
        now: Instant,
    ) -> Capacity {
        loop {
            match self.capacity(execution, now) {
                Capacity::Ready if parts.is_empty() => return Capacity::Ready,
                Capacity::Ready => {}
                Capacity::Wait => return Capacity::Wait,
                Capacity::Gone => {
                    parts.clear();
                    return Capacity::Gone;
                }
            }
            // The capacity was that of the link it is bound to; what it has room for goes there without further questions.
            if self.send_run(execution, parts, now).is_none() {
                return Capacity::Wait;
            }
        }
    }

    /// Sends parts until the bound link has no room or wants a ping; `None` if there is no such link.
    fn send_run(&mut self, execution: ExecutionId, parts: &mut VecDeque<Part>, now: Instant) -> Option<()> {
        let (group_id, id) = *self.executions.get(&execution)?;
        let local = self.groups.get_mut(&group_id)?.local.get_mut(&id)?;
        let link_id = local.pinned?;
        let link = self.links.get_mut(&link_id)?;
        let mut wants_ping = false;
        while !wants_ping
            && link.has_room(&self.config)
            && let Some(Part { bytes, class }) = parts.pop_front()
        {
            link.track(bytes.clone(), Tracked::Response { id, class });
            local.unproven += 1;
            wants_ping = link.is_urgent() || link.wants_proof(&self.config);
            self.actions.push_back(Action::Write { link: link_id, bytes });
        }
        if wants_ping {
            self.ping(link_id, now);
        }
        Some(())
    }

    /// Sends the last message of an execution, after the parts that are left, whether there is room for them or not. What
    /// has no link waits for one.
    pub fn finish(&mut self, execution: ExecutionId, parts: &mut VecDeque<Part>, last: Bytes, now: Instant) {
        let Some((group_id, id)) = self.executions.remove(&execution) else { return };
        for Part { bytes, class } in parts.drain(..) {
            self.send_response(group_id, id, bytes, class, now);
        }
        self.send_response(group_id, id, last, ResponseClass::Exact, now);
        if let Some(group) = self.groups.get_mut(&group_id) {
            group.local.remove(&id);
        }
    }

    /// Answers all executions of a group with an error that lets the peer try again.
    pub(super) fn hand_back(&mut self, group_id: GroupId, now: Instant) {
        let Some(group) = self.groups.get(&group_id) else { return };
        let unanswered: Vec<_> = group.local.iter().map(|(id, local)| (*id, local.execution)).collect();
        for (id, execution) in unanswered {
            let text = "The connector server stopped before it had an answer; try again";
            let error = Self::error_response(id, ErrorKind::Retryable.class_name(), text);
            self.finish(execution, &mut VecDeque::new(), error.to_bytes(), now);
            self.actions.push_back(Action::Cancel { execution });
        }
    }
}
