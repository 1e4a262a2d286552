//! Messages that a peer finds too large.

use std::time::Instant;

use icf::ErrorKind;

use super::link::Tracked;
use super::{Engine, LinkId};

impl Engine {
    /// The peer closes this link because a message was too large for it (close code 1009); to be told before
    /// [`closed`](Self::closed). Repeated, that message would close one link after the other, so the request that it
    /// belongs to ends with an error instead. The peer does not say which message it was: the largest one that it is not
    /// known to have read either is the one, or is too large as well.
    pub fn too_large(&mut self, id: LinkId, now: Instant) {
        let Some(link) = self.links.get_mut(&id) else { return };
        let Some(largest) = link.unproven.iter().max_by_key(|message| message.bytes.len()) else { return };
        let (index, size, tracked) = (largest.index, largest.bytes.len(), largest.tracked);
        let Tracked::Response { id: answered, .. } = tracked else {
            // A request that may have been read is never repeated anyway.
            if tracked == Tracked::Notice {
                link.unproven.retain(|message| message.index != index);
            }
            return;
        };
        link.unproven
            .retain(|message| !matches!(message.tracked, Tracked::Response { id, .. } if id == answered));
        let Some(group) = link.group else { return };
        let message = format!(
            "An answer of {size} bytes is larger than the peer accepts, which closed the link for it (code 1009). Raise \
             the message size limit of the peer's openicf endpoint, or ask for fewer or smaller attributes."
        );
        let error = Self::error_response(answered, ErrorKind::Connector.class_name(), message);
        self.fail_execution(group, answered, &error, now + self.config.repeat_delay);
    }
}
