//! Answers that a peer has dropped. The Java framework up to 2.0.1 asks for the connector list, and reads what comes on
//! a link, while another thread of it still finishes the handshake of that link; what it reads too early it answers with an
//! error and forgets.

use std::time::Instant;

use icf::ErrorKind;

use super::group::Backlogged;
use super::link::Tracked;
use super::{Action, Engine, GroupId, LinkId, ResponseClass};

/// Drops on one link beyond which nothing is repeated any more. A peer needs milliseconds to finish a handshake.
const PATIENCE: u32 = 8;

impl Engine {
    /// The peer had not finished the handshake of the link when it read an answer of this id. The answer is sent once more
    /// after a moment; one that cannot be is ended with an error, so that nobody waits for it.
    pub(super) fn dropped(&mut self, link_id: LinkId, group_id: GroupId, id: i64, now: Instant) {
        let (Some(link), Some(group)) = (self.links.get_mut(&link_id), self.groups.get_mut(&group_id)) else {
            return;
        };
        let parts = link.take_unproven_answer(id);
        let is_answer = |waiting: &Backlogged| matches!(waiting.tracked, Tracked::Response { id: other, .. } if other == id);
        if parts.is_empty() && group.backlog.iter().any(is_answer) {
            // The peer complains of each part; the first complaint has brought all of them back.
            return;
        }
        link.dropped += 1;
        let patient = link.dropped <= PATIENCE;
        let told_connectors = link.told_connectors == Some(id);
        self.actions.push_back(Action::DueSooner);
        let at = now + self.config.repeat_delay;
        if told_connectors {
            if patient {
                let bytes = self.control_answer(id, true).to_bytes();
                let message = Backlogged { not_before: at, bytes, tracked: Tracked::Notice, repeat: true };
                self.repeat(group_id, message);
            }
            return;
        }
        let local = group.local.get_mut(&id);
        let is_once = parts.iter().any(|(_, class)| *class == ResponseClass::Once);
        if is_once || !patient && !parts.is_empty() || parts.is_empty() && local.is_some() {
            let text = "Results were sent before the peer was ready for them, and some were lost. Ask again.";
            let error = Self::error_response(id, ErrorKind::Retryable.class_name(), text);
            return self.fail_execution(group_id, id, &error, at);
        }
        if let Some(local) = local {
            local.unproven = local.unproven.saturating_sub(parts.len());
            local.backlogged += parts.len();
        }
        for (bytes, class) in parts {
            let tracked = Tracked::Response { id, class };
            self.repeat(group_id, Backlogged { not_before: at, bytes, tracked, repeat: true });
        }
    }

    fn repeat(&mut self, group_id: GroupId, message: Backlogged) {
        if let Some(group) = self.groups.get_mut(&group_id) {
            group.backlog.push_back(message);
        }
    }
}
