//! How long a client may keep the server waiting. Until its key is proven, the listener's own limit holds.

use std::time::Duration;

/// Between two requests of a connection. Java clients close theirs after one.
pub(super) const BETWEEN_REQUESTS: Duration = Duration::from_secs(300);
/// For a locale and a key, once their first byte is there.
pub(super) const INTRODUCTION: Duration = Duration::from_secs(60);
/// For a request whose sender has proven the key; a large one over a slow line takes its time.
pub(super) const REQUEST: Duration = Duration::from_secs(300);
/// For bytes that the client does not take, and for its word at a pause: it may be busy with what it got. A machine that
/// is gone is noticed much sooner, by TCP.
pub(super) const ANSWER: Duration = Duration::from_secs(3600);
