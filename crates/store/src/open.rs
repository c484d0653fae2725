//! Opening a database and starting its threads.
//!
//! `store-writer` opens the database, brings its tables up to date and then writes; `store-loader`
//! reads before turns, `store-reader` whatever else is read. The writer ends last: the last
//! connection to an SQLite file moves its log into it, and the lock must outlive them all.

use std::sync::{Arc, Mutex};

use rusqlite::InterruptHandle;
use tokio::sync::{mpsc, oneshot, watch};

use crate::cache::Cache;
use crate::commit::{Job, Queue, Transactor, Writer};
use crate::engine::{Purpose, Session, Source, claim};
use crate::error::{Fault, StoreError};
use crate::fence::Fences;
use crate::health::Health;
use crate::load::Loader;
use crate::lock::FileLock;
use crate::migrate::migrate;
use crate::reader::{self, Queries, Reader};
use crate::store::{Running, Store};
use crate::thread::Thread;
use crate::{Database, StoreOptions, check, thread};

/// Loads that may wait.
const LOAD_QUEUE: usize = 1024;

impl Store {
    /// Opens the database, creates or updates its tables, and starts the threads that use it.
    ///
    /// After an unclean stop an SQLite file is checked; a large one while it serves already.
    pub async fn open(database: &Database, options: &StoreOptions) -> Result<Self, StoreError> {
        let source = Source::new(database, options)?;
        let remote = source.is_remote();
        let failed = |error| not_started(database, &error);
        let cache = Arc::new(Cache::new(options.cache_bytes));
        let fences = Arc::new(Fences::default());
        let health = Arc::new(Health::default());
        let (queue, jobs) = Queue::new(options.queue_turns, options.queue_bytes);
        let (closing, closed) = watch::channel(false);
        let (readers_live, readers_gone) = mpsc::channel::<()>(1);
        let (ready, opened) = oneshot::channel();

        let opening = Opening {
            database: database.clone(),
            allow_unsafe_postgres: options.allow_unsafe_postgres,
            batch_turns: options.batch_turns,
            source: source.clone(),
            cache: Arc::clone(&cache),
            fences: Arc::clone(&fences),
            health: Arc::clone(&health),
            jobs,
            closing: closed.clone(),
            readers_gone,
        };
        let writer =
            thread::start("store-writer", remote, || opening.run(ready)).map_err(failed)?;
        let ended = |_| Err(failed(std::io::Error::other("it ended at once")));
        let unchecked = opened.await.unwrap_or_else(ended)?;
        let check = if unchecked { start_check(database, &health)? } else { None };

        let (requests, requested) = mpsc::channel(LOAD_QUEUE);
        let loader = Loader {
            reader: Reader::new(source.clone()),
            cache: Arc::clone(&cache),
            requests: requested,
            closing: closed.clone(),
        };
        let live = readers_live.clone();
        let loader = thread::start("store-loader", remote, || async move {
            loader.run().await;
            drop(live);
        })
        .map_err(failed)?;
        let (queries, reader) =
            start_reader(source, remote, closed, readers_live).map_err(failed)?;

        let running = Running { readers: vec![loader, reader], writer, check };
        let running = Mutex::new(Some(running));
        let erasing = tokio::sync::Mutex::new(());
        Ok(Self { cache, fences, erasing, queue, requests, queries, health, closing, running })
    }
}

/// Starts the thread for everything that is not loaded before a turn. `live` is held as long as it
/// runs.
fn start_reader(
    source: Source,
    remote: bool,
    closed: watch::Receiver<bool>,
    live: mpsc::Sender<()>,
) -> std::io::Result<(Queries, Thread)> {
    let (queries, asked) = Queries::new();
    let reader = thread::start("store-reader", remote, || async move {
        reader::run(Reader::new(source), asked, closed).await;
        drop(live);
    })?;
    Ok((queries, reader))
}

/// Checks a file while it serves already; the handle ends the check.
fn start_check(
    database: &Database,
    health: &Arc<Health>,
) -> Result<Option<InterruptHandle>, StoreError> {
    let Database::File(path) = database else {
        return Ok(None);
    };
    let check = check::meanwhile(path, health).map_err(|fault| open_failed(database, &fault))?;
    Ok(Some(check))
}

fn not_started(database: &Database, error: &std::io::Error) -> StoreError {
    let reason = format!("a thread cannot be started: {error}");
    StoreError::Open { database: database.to_string(), reason }
}

/// What the writer's thread needs.
struct Opening {
    database: Database,
    allow_unsafe_postgres: bool,
    batch_turns: usize,
    source: Source,
    cache: Arc<Cache>,
    fences: Arc<Fences>,
    health: Arc<Health>,
    jobs: mpsc::Receiver<Job>,
    closing: watch::Receiver<bool>,
    /// Ends when no reader holds the other end.
    readers_gone: mpsc::Receiver<()>,
}

impl Opening {
    /// Opens, reports whether the file is still to be checked, and writes until the store closes.
    async fn run(self, ready: oneshot::Sender<Result<bool, StoreError>>) {
        let (session, lock, unchecked) = match self.open().await {
            Ok(opened) => opened,
            Err(error) => {
                // Nobody waits: then nobody needs the error.
                let _ = ready.send(Err(error));
                return;
            }
        };
        let writer = Writer {
            transactor: Transactor::new(self.source, session, Arc::clone(&self.cache)),
            cache: self.cache,
            fences: self.fences,
            health: self.health,
            jobs: self.jobs,
            batch_turns: self.batch_turns,
            closing: self.closing,
        };
        // When nobody waits, the queue is gone and the writer ends at once.
        let _ = ready.send(Ok(unchecked));
        writer.run(self.readers_gone).await;
        drop(lock);
    }

    async fn open(&self) -> Result<(Session, Option<FileLock>, bool), StoreError> {
        let database = &self.database;
        let (lock, unclean) = match database {
            Database::File(path) => (Some(FileLock::take(path)?), check::left_unclean(path)),
            Database::Postgres(_) => (None, false),
        };
        let connect = self.source.connect(Purpose::Write).await;
        let mut session = connect.map_err(|fault| open_failed(database, &fault))?;
        if let Session::Postgres(remote) = &mut session {
            claim(database, remote, self.allow_unsafe_postgres).await?;
        }
        migrate(database, &mut session).await?;
        let unchecked = match database {
            Database::File(path) if unclean => {
                !check::at_once(database, path, &mut session).await?
            }
            _ => false,
        };
        Ok((session, lock, unchecked))
    }
}

fn open_failed(database: &Database, fault: &Fault) -> StoreError {
    StoreError::Open { database: database.to_string(), reason: fault.to_string() }
}
