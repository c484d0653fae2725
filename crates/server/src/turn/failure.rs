//! Why a turn did not come to its end, in the words of its caller.

use parlance_store::{CommitError, ReadError};

use super::TurnError;
use super::service::RETRY_AFTER;

/// A turn that was not stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// What the turn worked on is no longer what is stored: it may run once more.
    #[error(transparent)]
    Outdated(CommitError),
    /// Running it again would not help.
    #[error(transparent)]
    Final(#[from] TurnError),
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Final(match error {
            ReadError::Key(error) => TurnError::Refused(error.to_string()),
            other => TurnError::NotStored(other.to_string()),
        })
    }
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict | CommitError::Repeated => Self::Outdated(error),
            CommitError::Busy => TurnError::Overloaded { retry_after_secs: RETRY_AFTER }.into(),
            CommitError::Key(_) | CommitError::TooLarge { .. } => {
                TurnError::Refused(error.to_string()).into()
            }
            other => TurnError::NotStored(other.to_string()).into(),
        }
    }
}

impl From<Failure> for TurnError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Outdated(error) => Self::NotStored(error.to_string()),
            Failure::Final(error) => error,
        }
    }
}
