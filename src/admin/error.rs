//! Why there is no listener for health, metrics and status.

use std::io;

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot listen for health, metrics and status at {place} (adminListen); free it, choose another one, or set `off`"
)]
pub struct AdminError {
    /// The address as configured.
    pub place: String,
    /// What the system said.
    pub source: io::Error,
}
