//! Why a task stops.

use std::path::Path;

/// A sentence for the person at the terminal: what is wrong and, where it is known, what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failure(String);

/// What every task returns.
pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

impl Failure {
    /// A failure with this text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A failure to do something with a file.
    pub(crate) fn file(path: &Path, error: &dyn std::error::Error) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}
