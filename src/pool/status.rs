//! What monitoring wants to know about the links to one URL.

use icf_session::LinkHandle;
use tokio::time::Instant;

/// The links to one URL as they are now.
#[derive(Debug, Clone, Default)]
pub struct PoolStatus {
    /// The URL.
    pub url: String,
    /// How many links there should be.
    pub wanted: usize,
    /// Those there are, the retiring ones included.
    pub links: Vec<SeenLink>,
    /// The last attempt that failed or link that was lost.
    pub last_failure: Option<Failure>,
    /// Attempts that failed and links that were lost, since the start.
    pub failures: u64,
}

/// A link of the pool.
#[derive(Debug, Clone)]
pub struct SeenLink {
    /// The link.
    pub link: LinkHandle,
    /// Since when its handshake is done.
    pub since: Instant,
    /// Whether it is on its way out.
    pub retiring: bool,
}

/// Something that went wrong.
#[derive(Debug, Clone)]
pub struct Failure {
    /// When.
    pub at: Instant,
    /// What, in words for the log.
    pub message: String,
}
