//! SQLite's write-ahead log: moved into the file in the background, and bounded.
//!
//! A commit appends pages to the log; a checkpoint copies them into the file. SQLite would do that
//! inside some unlucky commit and make everybody wait for the sync of scattered pages. Here the
//! writer ([`LogKeeper::tend`]) wakes a thread that copies while commits go on. Only when it has
//! done, the writer copies the few pages written meanwhile, and the log starts anew. Should the
//! thread fall behind, the writer does its work, so the log never grows beyond
//! [`LogKeeper::LIMIT_BYTES`] and one batch.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, MAIN_DB};

use crate::engine::sqlite::BUSY_TIMEOUT;
use crate::error::Fault;

/// Pages in the log at which the thread starts copying. The log of a busy server is copied some
/// times per minute; pages that many turns write, such as the last one of a table, only once.
const COPY_PAGES: u32 = 6_000;

/// Pages in the log at which the writer no longer leaves it to the thread.
const LIMIT_PAGES: u32 = 12_000;

/// What writer and thread tell each other.
#[derive(Debug, Default)]
struct Shared {
    /// Pages in the log after the last commit.
    pages: AtomicU32,
    /// The thread has copied all that was there when it began.
    copied: AtomicBool,
    /// Held while copying, so that the writer can wait for it.
    copying: Mutex<()>,
}

/// How long the writer waits for those who read the log. Our readers take a millisecond; another program
/// may take hours, and must not hold up commits.
const READERS_TIMEOUT: Duration = Duration::from_millis(100);

/// After waiting in vain, the writer tries again when the log has grown by so many pages.
const RETRY_PAGES: u32 = 2_000;

/// The writer's side.
#[derive(Debug)]
pub(crate) struct LogKeeper {
    shared: Arc<Shared>,
    /// `None` only while it is dropped.
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Pages in the log at which the writer acts.
    limit: u32,
}

impl LogKeeper {
    /// Largest size of the log between two batches.
    pub(crate) const LIMIT_BYTES: u32 = 64 << 20;

    /// Watches the commits of `writer` and starts the thread, which works with `copier`.
    pub(crate) fn start(writer: &mut Connection, copier: Connection) -> Result<Self, Fault> {
        let shared = Arc::new(Shared::default());
        let seen = Arc::clone(&shared);
        writer.wal_hook(Some(move |_: &mut _, pages: i32| {
            seen.pages.store(pages.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        }))?;
        // The checkpoint's own syncs.
        copier.pragma_update(None, "synchronous", "FULL")?;
        let (wake, woken) = sync_channel(1);
        let told = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("store-log".to_owned())
            .spawn(move || copy(&copier, &woken, &told))
            .map_err(|error| Fault::Lost(error.to_string().into()))?;
        Ok(Self { shared, wake: Some(wake), thread: Some(thread), limit: LIMIT_PAGES })
    }

    /// Called by the writer between transactions.
    pub(crate) fn tend(&mut self, writer: &Connection) {
        let pages = self.shared.pages.load(Ordering::Relaxed);
        if pages >= self.limit || self.shared.copied.swap(false, Ordering::AcqRel) {
            let copying = self.shared.copying.lock().unwrap_or_else(PoisonError::into_inner);
            let restarted = checkpoint(writer, CheckpointMode::RESTART);
            drop(copying);
            match restarted {
                Ok(()) => {
                    self.shared.pages.store(0, Ordering::Relaxed);
                    self.limit = LIMIT_PAGES;
                }
                // Commits do not depend on it.
                Err(error) => {
                    self.limit = pages.saturating_add(RETRY_PAGES).max(LIMIT_PAGES);
                    if pages >= LIMIT_PAGES {
                        tracing::warn!(%error, pages, "another program keeps SQLite's log growing");
                    }
                }
            }
        } else if pages >= COPY_PAGES
            && let Some(wake) = &self.wake
        {
            // A full channel means that the thread is at work already.
            let _ = wake.try_send(());
        }
    }

    /// Copies what is left and cuts the log to nothing; `false` when somebody reads it.
    pub(crate) fn cut(&mut self, writer: &Connection) -> bool {
        let _copying = self.shared.copying.lock().unwrap_or_else(PoisonError::into_inner);
        match checkpoint(writer, CheckpointMode::TRUNCATE) {
            Ok(()) => {
                self.shared.pages.store(0, Ordering::Relaxed);
                self.limit = LIMIT_PAGES;
                true
            }
            Err(error) => {
                tracing::warn!(%error, "SQLite's log cannot be cut while another program reads it");
                false
            }
        }
    }
}

impl Drop for LogKeeper {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that keeps SQLite's log panicked");
        }
    }
}

/// Copies what is left and lets the next commit start at the log's beginning.
fn checkpoint(writer: &Connection, mode: CheckpointMode) -> rusqlite::Result<()> {
    writer.busy_timeout(READERS_TIMEOUT)?;
    let result = writer.wal_checkpoint_v2(Some(MAIN_DB), mode);
    writer.busy_timeout(BUSY_TIMEOUT)?;
    result.map(|_| ())
}

/// The thread.
fn copy(connection: &Connection, woken: &Receiver<()>, shared: &Shared) {
    while woken.recv().is_ok() {
        // The second time there is little left: what was written during the first.
        for _ in 0..2 {
            let _copying = shared.copying.lock().unwrap_or_else(PoisonError::into_inner);
            match connection.wal_checkpoint_v2(Some(MAIN_DB), CheckpointMode::PASSIVE) {
                Ok((pages, copied)) => tracing::trace!(pages, copied, "SQLite's log"),
                Err(error) => {
                    tracing::warn!(%error, "SQLite's log cannot be copied");
                    break;
                }
            }
        }
        shared.copied.store(true, Ordering::Release);
        // A wake-up that came meanwhile is answered by what was just done.
        let _ = woken.try_recv();
    }
}
