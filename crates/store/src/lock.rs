//! One server per database: two writers would overtake each other's caches.
//!
//! SQLite: an exclusive lock on a file beside the database, which the operating system takes off
//! when the process ends, however it ends. PostgreSQL: an advisory lock of the writer's own
//! session. That lock also tells that a broken connection's last transaction has been settled:
//! the server gives the lock away only after the old session is gone.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::engine::{PgSession, params};
use crate::error::Fault;

/// The number of the advisory lock: "parlance" in ASCII.
const ADVISORY_LOCK: i64 = 0x7061_726c_616e_6365;

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub(crate) struct FileLock(File);

impl FileLock {
    /// Takes the lock for the database at `path`.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let lock_path = beside(path, ".lock");
        let fail = |source| StoreError::File { path: lock_path.display().to_string(), source };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(fail)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.display().to_string())),
            Err(TryLockError::Error(source)) => Err(fail(source)),
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing the file would do; a copy of the handle in a child process must not keep it.
        if let Err(error) = self.0.unlock() {
            tracing::debug!(%error, "database lock");
        }
    }
}

/// The path of a companion file: the database's with `suffix` appended.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(suffix);
    PathBuf::from(name)
}

/// Tries to take the session lock; `false` while another session has it.
pub(crate) async fn take_session_lock(session: &mut PgSession) -> Result<bool, Fault> {
    const SQL: &str = "SELECT CASE WHEN pg_try_advisory_lock($1) THEN 'taken' ELSE 'busy' END";
    let rows = session.fetch(SQL, &params![ADVISORY_LOCK]).await?;
    let answer = rows.into_iter().next().map(|mut row| row.text()).transpose()?;
    Ok(answer.as_deref() == Some("taken"))
}
