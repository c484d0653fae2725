//! Whether the store can do its work, for the readiness probe.

use std::sync::{Mutex, PoisonError};

use crate::{CommitError, ReadError};

/// What the writer and the check of the file have found.
#[derive(Debug, Default)]
pub(crate) struct Health {
    /// The last failure of the database as a whole, until a write succeeds.
    write: Mutex<Option<CommitError>>,
    /// What is wrong with the file.
    damage: Mutex<Option<String>>,
}

/// Why the store is not ready.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unready {
    /// The database cannot be read.
    #[error("reading fails: {0}")]
    Read(ReadError),
    /// The database does not take writes.
    #[error("writing fails: {0}")]
    Write(CommitError),
    /// The database file is damaged.
    #[error("the database file is damaged: {0}; restore a backup")]
    Damaged(String),
}

impl Health {
    /// A write was committed.
    pub(crate) fn wrote(&self) {
        *self.write.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A write failed; only what concerns all writes counts.
    pub(crate) fn refused(&self, error: &CommitError) {
        if let CommitError::Full(_)
        | CommitError::ReadOnly(_)
        | CommitError::Unavailable(_)
        | CommitError::Unknown(_) = error
        {
            let mut last = self.write.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_none() {
                tracing::error!(%error, "the database does not take writes");
            }
            *last = Some(error.clone());
        }
    }

    /// The check of the file found damage.
    pub(crate) fn damaged(&self, finding: String) {
        tracing::error!(finding, "the database file is damaged");
        *self.damage.lock().unwrap_or_else(PoisonError::into_inner) = Some(finding);
    }

    pub(crate) fn write_failure(&self) -> Option<CommitError> {
        self.write.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn damage(&self) -> Option<String> {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
