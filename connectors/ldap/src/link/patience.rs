//! How long an operation waits, and when it is no longer wanted.

use std::future::Future;
use std::time::Duration;

use icf::{CallContext, CancellationToken};
use tokio::time::Instant;

use super::Address;
use crate::fault::{Fault, Result};

/// The limits of one call.
#[derive(Clone, Debug)]
pub(crate) struct Patience {
    cancellation: CancellationToken,
    /// When the whole call must have ended.
    deadline: Option<Instant>,
    /// How long one answer may take.
    silence: Option<Duration>,
}

impl Patience {
    /// The limits of a call; the configured one counts besides.
    pub(crate) fn of(cx: &CallContext, read_timeout: Option<Duration>) -> Self {
        let silence = match (cx.idle_limit(), read_timeout) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { cancellation: cx.cancellation().clone(), deadline: cx.deadline(), silence }
    }

    /// The same, with an end at the latest after this time.
    pub(crate) fn at_most(&self, limit: Duration) -> Self {
        let end = Instant::now() + limit;
        let deadline = Some(self.deadline.map_or(end, |deadline| deadline.min(end)));
        Self { deadline, ..self.clone() }
    }

    /// Waits for an answer of a server.
    pub(crate) async fn wait<T>(
        &self,
        address: &Address,
        what: &'static str,
        answer: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let silence = self.silence.map(|silence| Instant::now() + silence);
        let end = match (self.deadline, silence) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let limited = async {
            match end {
                None => answer.await,
                Some(end) => tokio::time::timeout_at(end, answer)
                    .await
                    .unwrap_or_else(|_| Err(Fault::Silent { address: address.clone(), what })),
            }
        };
        tokio::select! {
            biased;
            () = self.cancellation.cancelled() => Err(Fault::Cancelled),
            answer = limited => answer,
        }
    }
}
