//! What a call carries besides its arguments: cancellation, time limit, locale, request id.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::locale::Locale;

/// The circumstances of one call. Cheap to clone; hand it to whatever the call starts.
#[derive(Clone, Debug)]
pub struct CallContext {
    request_id: Arc<str>,
    locale: Arc<Locale>,
    cancellation: CancellationToken,
    deadline: Option<Instant>,
    idle_limit: Option<Duration>,
}

impl CallContext {
    /// A context without limits, in English.
    #[must_use]
    pub fn new(request_id: impl Into<Arc<str>>) -> Self {
        Self {
            request_id: request_id.into(),
            locale: Arc::new(Locale::new("en", "")),
            cancellation: CancellationToken::new(),
            deadline: None,
            idle_limit: None,
        }
    }

    /// Sets the caller's locale.
    #[must_use]
    pub fn with_locale(mut self, locale: Locale) -> Self {
        self.locale = Arc::new(locale);
        self
    }

    /// Sets the token that fires when the caller or the server gives up.
    #[must_use]
    pub fn with_cancellation(mut self, cancellation: CancellationToken) -> Self {
        self.cancellation = cancellation;
        self
    }

    /// Sets the instant at which a single-response call must have ended.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: Option<Instant>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets how long a stream may go without progress.
    #[must_use]
    pub const fn with_idle_limit(mut self, limit: Option<Duration>) -> Self {
        self.idle_limit = limit;
        self
    }

    /// Identifies the request in logs; not secret, not stable between runs.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The caller's locale.
    #[must_use]
    pub fn locale(&self) -> &Locale {
        &self.locale
    }

    /// Fires when the result is no longer wanted. A connector should return soon after; a call that ignores it is
    /// dropped a few seconds later.
    #[must_use]
    pub const fn cancellation(&self) -> &CancellationToken {
        &self.cancellation
    }

    /// Whether the result is no longer wanted.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// When a single-response call must have ended; `None` without limit.
    #[must_use]
    pub const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// How long a search or sync may take from one result to the next; `None` without limit.
    #[must_use]
    pub const fn idle_limit(&self) -> Option<Duration> {
        self.idle_limit
    }

    /// Time left for the next step of the call: until the deadline, or the idle limit.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())).or(self.idle_limit)
    }
}
