//! Work that blocks: files, and libraries that wait.

use crate::error::{ConnectorError, Result};

/// Runs work that blocks on the threads kept for it, so that it holds up no other operation. It runs to its end even if
/// the call that waits for it is dropped. A panic in it is a panic of the call.
///
/// # Errors
/// Those of the work; `RetryableException` when the server shuts down before it could start.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => {
                Err(ConnectorError::retryable("The connector server is shutting down; repeat the request"))
            }
        },
    }
}
