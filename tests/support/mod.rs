//! The other side of a link, for tests: acceptors, proxies and certificates, each with the faults that a
//! test wants to see. Used by several test binaries, each of which needs a part.
#![allow(dead_code)]

pub(crate) mod acceptor;
pub(crate) mod certificates;
pub(crate) mod connect_proxy;
pub(crate) mod token_endpoint;

use std::time::Duration;

/// Longer than anything here takes; only there so that a fault shows as a failure and not as silence.
pub(crate) const HANG_GUARD: Duration = Duration::from_secs(30);
