//! Locks between processes and between threads: a file that the operating system locks, and frees
//! when its holder ends, however it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::clock::instant;

/// How long somebody else's work is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Somebody else has had it for too long.
    #[error("another process or request has been at work there for {} seconds", PATIENCE.as_secs())]
    Busy,
    /// The file cannot be used.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Holds a lock until it is dropped.
#[derive(Debug)]
pub(crate) struct FileLock {
    /// Closing it frees the lock.
    _file: File,
}

impl FileLock {
    /// Waits, for 30 seconds at most, until nobody else has the lock.
    pub(crate) fn exclusive(path: &Path) -> Result<Self, LockError> {
        wait(path, File::try_lock)
    }

    /// Waits, for 30 seconds at most, until nobody has the lock for himself alone.
    pub(crate) fn shared(path: &Path) -> Result<Self, LockError> {
        wait(path, File::try_lock_shared)
    }

    /// The lock for oneself, if nobody has it.
    pub(crate) fn if_free(path: &Path) -> Result<Option<Self>, LockError> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

fn wait(
    path: &Path,
    take: impl Fn(&File) -> Result<(), TryLockError>,
) -> Result<FileLock, LockError> {
    let file = open(path)?;
    let start = instant();
    loop {
        match take(&file) {
            Ok(()) => return Ok(FileLock { _file: file }),
            Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                std::thread::sleep(PAUSE);
            }
            Err(TryLockError::WouldBlock) => return Err(LockError::Busy),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().create(true).truncate(false).write(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_many_that_share() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/lock");
        let alone = FileLock::exclusive(&path).unwrap();
        assert!(FileLock::if_free(&path).unwrap().is_none());
        drop(alone);
        let shared = [FileLock::shared(&path).unwrap(), FileLock::shared(&path).unwrap()];
        assert!(FileLock::if_free(&path).unwrap().is_none());
        drop(shared);
        assert!(FileLock::if_free(&path).unwrap().is_some());
    }

    #[test]
    fn who_waits_gets_it_next() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = FileLock::exclusive(&path).unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| FileLock::exclusive(&path).is_ok());
            std::thread::sleep(Duration::from_millis(30));
            assert!(!second.is_finished());
            drop(first);
            assert!(second.join().unwrap());
        });
    }
}
