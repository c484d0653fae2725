//! Work on files, which blocks, beside the tasks that must not.

use super::error::HttpError;

/// Does the work on a thread of its own. It goes on when its caller leaves.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, HttpError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "work on files did not end: a bug");
        HttpError::internal()
    })
}
