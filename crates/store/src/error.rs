//! What can go wrong, in the words of those who call the store.
//!
//! A driver error becomes a [`Fault`] first (what happened to the database), and then the error of
//! the operation. Errors are `Clone` because one failed batch answers many callers.

use std::fmt;
use std::sync::Arc;

/// Why a database could not be opened. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL is neither SQLite's nor PostgreSQL's.
    #[error(
        "database URL `{0}` is not understood: use `sqlite://path/to/file.db` or `postgres://user@host/name`"
    )]
    Url(String),
    /// Another server has this database open.
    #[error(
        "{0} is in use by another Parlance server: stop that one first, or use another database"
    )]
    InUse(String),
    /// A file or folder beside the database cannot be used.
    #[error("cannot use {path}: {source}; check that the folder exists and may be written")]
    File {
        /// The file in question.
        path: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The server did not accept the connection, or the file is no database.
    #[error("cannot open {database}: {reason}")]
    Open {
        /// The database, without a password.
        database: String,
        /// What the driver says.
        reason: String,
    },
    /// The tables were written by a newer version.
    #[error(
        "{database} was written by a newer version of Parlance (it has migration {version}): use that version, or restore a backup"
    )]
    Newer {
        /// The database, without a password.
        database: String,
        /// The first migration that this version does not have.
        version: i64,
    },
    /// A migration failed; the database is as it was before it.
    #[error("cannot bring the tables of {database} up to date: {reason}")]
    Migration {
        /// The database, without a password.
        database: String,
        /// What the driver says.
        reason: String,
    },
    /// PostgreSQL would lose acknowledged turns.
    #[error(
        "PostgreSQL runs with `{setting}`, which loses or corrupts data after a power failure: set it right and restart PostgreSQL, or allow it for tests explicitly"
    )]
    Unsafe {
        /// The setting and its value.
        setting: String,
    },
    /// The file is damaged.
    #[error(
        "{database} is damaged ({finding}): restore a backup, or recover what is left with `sqlite3 FILE .recover`"
    )]
    Damaged {
        /// The database.
        database: String,
        /// The first finding of `PRAGMA quick_check`.
        finding: String,
    },
}

/// Why something could not be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// The key cannot be stored, so nothing is stored under it.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database does not answer, or not in time.
    #[error("the database cannot be read: {0}")]
    Unavailable(Arc<str>),
    /// What is stored is not what the store wrote.
    #[error("stored {what} of `{id}` is damaged: {reason}")]
    Damaged {
        /// The column.
        what: &'static str,
        /// The row.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The store is closed or closing.
    #[error("the store is closed")]
    Closed,
}

/// Why a turn, or another change, was not stored. Unless it says otherwise, nothing was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// More is waiting than the queue takes: try again later.
    #[error("too many turns are waiting to be stored")]
    Busy,
    /// The store is closed or closing.
    #[error("the store is closed")]
    Closed,
    /// The record is larger than the queue could ever take.
    #[error("the turn has {bytes} bytes, more than the {limit} that can be stored at once")]
    TooLarge {
        /// Size of the record.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A key that cannot be stored.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The conversation has changed since it was loaded: load it and run the turn again.
    #[error("the conversation changed since it was loaded")]
    Conflict,
    /// The idempotency key was used within the last day: answer with what that turn answered.
    #[error("the idempotency key has been used already")]
    Repeated,
    /// No space is left.
    #[error("no space is left for the database: {0}")]
    Full(Arc<str>),
    /// The database refuses every write.
    #[error("the database is read-only: {0}")]
    ReadOnly(Arc<str>),
    /// The database does not answer, or another program locks it.
    #[error("the database cannot be written: {0}")]
    Unavailable(Arc<str>),
    /// The connection broke while the change was being made durable and could not be restored
    /// in time: the change may have been stored or not.
    #[error(
        "the connection to the database broke during a commit; whether it holds is not known: {0}"
    )]
    Unknown(Arc<str>),
    /// The database takes writes, but not this one.
    #[error("the database refused the change: {0}")]
    Refused(Arc<str>),
}

/// Keys are what both engines can store and index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// PostgreSQL's text holds no NUL character.
    #[error("{what} contains a NUL character")]
    Nul {
        /// Which part of the key.
        what: &'static str,
    },
    /// An index entry has a bounded size.
    #[error("{what} has {bytes} bytes, more than the allowed {limit}")]
    TooLong {
        /// Which part of the key.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

/// Longest part of a key in bytes. PostgreSQL's index entries end at about 2700 bytes.
pub(crate) const KEY_LIMIT: usize = 512;

/// Checks a part of a key.
pub(crate) fn check_key(what: &'static str, text: &str) -> Result<(), KeyError> {
    if text.len() > KEY_LIMIT {
        return Err(KeyError::TooLong { what, bytes: text.len(), limit: KEY_LIMIT });
    }
    if text.contains('\0') {
        return Err(KeyError::Nul { what });
    }
    Ok(())
}

/// What happened to the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No space.
    Full(Arc<str>),
    /// No writes at all.
    ReadOnly(Arc<str>),
    /// The connection is gone or of no further use.
    Lost(Arc<str>),
    /// Somebody else holds a lock, or there are too many connections: the connection is sound.
    Locked(Arc<str>),
    /// A unique key exists already.
    Duplicate(Arc<str>),
    /// A row was not as expected: the turn's revision or its idempotency key.
    Stale(CommitError),
    /// This statement, with these values, is not accepted.
    Refused(Arc<str>),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(text)
            | Self::ReadOnly(text)
            | Self::Lost(text)
            | Self::Locked(text)
            | Self::Duplicate(text)
            | Self::Refused(text) => f.write_str(text),
            Self::Stale(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl From<Fault> for CommitError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Full(text) => Self::Full(text),
            Fault::ReadOnly(text) => Self::ReadOnly(text),
            Fault::Lost(text) | Fault::Locked(text) => Self::Unavailable(text),
            Fault::Stale(error) => error,
            Fault::Duplicate(text) | Fault::Refused(text) => Self::Refused(text),
        }
    }
}

/// For changes that have to look first.
impl From<ReadError> for CommitError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Key(error) => Self::Key(error),
            ReadError::Unavailable(text) => Self::Unavailable(text),
            ReadError::Damaged { .. } => Self::Refused(error.to_string().into()),
            ReadError::Closed => Self::Closed,
        }
    }
}

impl From<Fault> for ReadError {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(fault.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_only_one_engine_would_take_are_refused() {
        assert!(check_key("user id", "any text, é included").is_ok());
        assert_eq!(check_key("user id", "a\0b"), Err(KeyError::Nul { what: "user id" }));
        assert!(check_key("user id", &"x".repeat(KEY_LIMIT)).is_ok());
        assert!(check_key("user id", &"x".repeat(KEY_LIMIT + 1)).is_err());
    }
}
