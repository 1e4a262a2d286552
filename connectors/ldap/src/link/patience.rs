//! How long an operation waits, and when it is no longer wanted.

use std::future::Future;
use std::time::Duration;

use icf::{CallContext, CancellationToken};
use tokio::time::Instant;

use super::Address;
use crate::fault::{Fault, Result};

/// How long one answer may take where neither the caller nor the configuration sets a limit: a server that owes an answer
/// for longer than this is not going to send it.
const LONGEST_SILENCE: Duration = Duration::from_secs(900);

/// The limits of one call. There is always one.
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
        let silence = silence.or_else(|| cx.deadline().is_none().then_some(LONGEST_SILENCE));
        Self { cancellation: cx.cancellation().clone(), deadline: cx.deadline(), silence }
    }

    /// The same, with an end at the latest after this time.
    pub(crate) fn at_most(&self, limit: Duration) -> Self {
        let end = Instant::now() + limit;
        let deadline = Some(self.deadline.map_or(end, |deadline| deadline.min(end)));
        Self { deadline, ..self.clone() }
    }

    /// Whether the time of the whole call has passed.
    pub(super) fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= Instant::now())
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

#[cfg(test)]
mod tests {
    use super::*;

    async fn waited(patience: &Patience) -> (Duration, Result<()>) {
        let address = Address { host: "a".to_owned(), port: 389, tls: false };
        let begun = Instant::now();
        let outcome = patience.wait(&address, "search", std::future::pending()).await;
        (begun.elapsed(), outcome)
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_without_limits_does_not_wait_for_ever() {
        let cx = CallContext::new("test");
        let (took, outcome) = waited(&Patience::of(&cx, None)).await;
        assert!(matches!(outcome, Err(Fault::Silent { .. })), "{outcome:?}");
        assert_eq!(took.as_secs(), 900);
        let (took, _) = waited(&Patience::of(&cx, Some(Duration::from_secs(3)))).await;
        assert_eq!(took.as_secs(), 3);
        let deadline = Some(Instant::now() + Duration::from_secs(7200));
        let (took, _) = waited(&Patience::of(&cx.with_deadline(deadline), None)).await;
        assert_eq!(took.as_secs(), 7200);
    }
}
