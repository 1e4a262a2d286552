//! An operation that this side asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use icf_wire::session::{Delivery, RequestId};
use tokio::sync::mpsc;

use crate::session::Shared;

/// What comes back for a request, in order and each part once. Dropped before the end, it cancels the request.
#[derive(Debug)]
pub struct Pending {
    shared: Arc<Shared>,
    request: RequestId,
    message_id: i64,
    parts: mpsc::UnboundedReceiver<Delivery>,
    /// Bytes of the parts that were not taken yet.
    bytes: Arc<AtomicUsize>,
    ended: bool,
}

impl Pending {
    pub(crate) const fn new(
        shared: Arc<Shared>,
        request: RequestId,
        message_id: i64,
        parts: mpsc::UnboundedReceiver<Delivery>,
        bytes: Arc<AtomicUsize>,
    ) -> Self {
        Self { shared, request, message_id, parts, bytes, ended: false }
    }

    /// The message id under which the request travels in its group.
    #[must_use]
    pub const fn message_id(&self) -> i64 {
        self.message_id
    }

    /// The next part; `None` after the last.
    pub async fn next(&mut self) -> Option<Delivery> {
        if self.ended {
            return None;
        }
        let part = self.parts.recv().await;
        match &part {
            Some(Delivery::Item(item)) => {
                self.bytes.fetch_sub(item.size(), Ordering::Relaxed);
            }
            _ => self.ended = true,
        }
        part
    }

    /// Gives up and tells the peer to stop.
    pub fn cancel(mut self) {
        self.give_up(true);
    }

    /// Gives up without telling the peer.
    pub fn forget(mut self) {
        self.give_up(false);
    }

    fn give_up(&mut self, tell: bool) {
        if self.ended {
            return;
        }
        self.ended = true;
        self.shared.with(|state, now| {
            state.waiting.remove(&self.request);
            if tell {
                state.engine.cancel(self.request, now);
            } else {
                state.engine.forget(self.request);
            }
        });
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.give_up(true);
    }
}
