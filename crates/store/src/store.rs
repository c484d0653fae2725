//! The store: opening, the operations, closing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use parlance_core::ids::{BotId, ConversationKey};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use crate::cache::{Cache, Key, Row};
use crate::commit::{Chore, Queue, Transactor, Writer};
use crate::db::{self, Connection, Readers, Source, on};
use crate::error::{CommitError, ReadError, StoreError, check_key};
use crate::expiry::{self, CHORE_ROWS};
use crate::health::{Health, Unready};
use crate::history::{self, StoredTurn};
use crate::idempotency::{self, Repeat};
use crate::load::{self, Loaded, Loader, Request};
use crate::lock::FileLock;
use crate::memory::MemoryOp;
use crate::record::{Json, TurnRecord, conversation_id};
use crate::{Database, StoreOptions, check};

/// Requests for rows that may wait.
const READ_QUEUE: usize = 1024;

/// Longest wait for a read that is queued.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// An open database. Share it by reference or in an `Arc`.
#[derive(Debug)]
pub struct Store {
    database: Database,
    cache: Arc<Cache>,
    readers: Readers,
    queue: Queue,
    requests: mpsc::Sender<Request>,
    health: Arc<Health>,
    closing: watch::Sender<bool>,
    running: Mutex<Option<Running>>,
}

/// What ends with the store, in the order of its fields.
#[derive(Debug)]
struct Running {
    tasks: JoinSet<()>,
    lock: Option<FileLock>,
}

impl Store {
    /// Opens the database, creates or updates its tables, and starts the tasks that read and write.
    ///
    /// After an unclean stop an SQLite file is checked; a large one while it serves already.
    pub async fn open(database: &Database, options: &StoreOptions) -> Result<Self, StoreError> {
        let source = Source::new(database, options)?;
        let lock = match database {
            Database::File(path) => Some(FileLock::take(path)?),
            Database::Postgres(_) => None,
        };
        let unclean = check::left_unclean(database);
        let open = |error: sqlx::Error| StoreError::Open {
            database: database.to_string(),
            reason: error.to_string(),
        };
        let mut connection = source.connect().await.map_err(open)?;
        if let Connection::Postgres(session) = &mut connection {
            db::claim(database, session, options.allow_unsafe_postgres).await?;
        }
        db::migrate(database, &mut connection).await?;
        let readers = source.readers();
        let health = Arc::new(Health::default());
        let mut tasks = JoinSet::new();
        if let (true, Readers::Sqlite(pool)) = (unclean, &readers) {
            check::after_unclean_stop(database, pool.clone(), &health, &mut tasks).await?;
        }
        let cache = Arc::new(Cache::new(options.cache_bytes));
        let (queue, jobs) = Queue::new(options.queue_turns, options.queue_bytes);
        let (requests, requested) = mpsc::channel(READ_QUEUE);
        let (closing, closed) = watch::channel(false);
        let writer = Writer {
            transactor: Transactor::new(source, connection, Arc::clone(&cache)),
            cache: Arc::clone(&cache),
            health: Arc::clone(&health),
            jobs,
            batch_turns: options.batch_turns,
            closing: closed.clone(),
        };
        tasks.spawn(writer.run());
        let loader =
            Loader { readers: readers.clone(), cache: Arc::clone(&cache), requests: requested };
        tasks.spawn(loader.run(closed));
        Ok(Self {
            database: database.clone(),
            cache,
            readers,
            queue,
            requests,
            health,
            closing,
            running: Mutex::new(Some(Running { tasks, lock })),
        })
    }

    /// The state that a turn of `key` at the time `now` starts from.
    pub async fn load(&self, key: &ConversationKey, now: i64) -> Result<Loaded, ReadError> {
        let id = conversation_id(key)?;
        let keys = load::keys_of(id, key.bot.as_str(), &key.channel, &key.user);
        let cached = self.cache.get([&keys[0], &keys[1], &keys[2]]);
        let missing = keys.iter().zip(&cached).filter(|(_, row)| row.is_none());
        let missing: Vec<Key> = missing.map(|(key, _)| key.clone()).collect();
        let read = if missing.is_empty() { Vec::new() } else { self.read(missing).await? };
        let (mut conversation, mut user, mut bot) = (None, None, None);
        for row in cached.into_iter().flatten().chain(read) {
            match row {
                Row::Conversation(row) => conversation = row,
                Row::User(row) => user = row,
                Row::Memory(row) => bot = row,
            }
        }
        Ok(Loaded::new(conversation, user, bot, now))
    }

    /// Rows from the database.
    async fn read(&self, keys: Vec<Key>) -> Result<Vec<Row>, ReadError> {
        let (answer, answered) = oneshot::channel();
        let request = Request { keys, answer };
        let waiting = async {
            self.requests.send(request).await.map_err(|_| ReadError::Closed)?;
            answered.await.unwrap_or(Err(ReadError::Closed))
        };
        match tokio::time::timeout(READ_TIMEOUT, waiting).await {
            Ok(rows) => rows,
            Err(_) => Err(ReadError::Unavailable("too many reads are waiting".into())),
        }
    }

    /// The value under `key` of a bot's memory at the time `now`.
    pub async fn memory_get(
        &self,
        bot: &BotId,
        key: &str,
        now: i64,
    ) -> Result<Option<Json>, ReadError> {
        check_key("bot id", bot.as_str())?;
        check_key("memory key", key)?;
        let key = Key::Memory(bot.as_str().into(), key.into());
        let [cached] = self.cache.get([&key]);
        let row = match cached {
            Some(row) => Some(row),
            None => self.read(vec![key]).await?.into_iter().next(),
        };
        match row {
            Some(Row::Memory(Some(row))) => Ok(row.at(now)),
            _ => Ok(None),
        }
    }

    /// Changes bots' memory outside of a turn, all or nothing.
    pub async fn memory_apply(&self, ops: Vec<MemoryOp>, now: i64) -> Result<(), CommitError> {
        for op in &ops {
            op.check()?;
        }
        self.queue.chore(Chore::Memory(ops, now)).await.map(|_| ())
    }

    /// What answered `idempotency_key` within the last day.
    pub async fn find_repeat(
        &self,
        key: &ConversationKey,
        idempotency_key: &str,
        now: i64,
    ) -> Result<Option<Repeat>, ReadError> {
        check_key("idempotency key", idempotency_key)?;
        conversation_id(key)?;
        idempotency::find(&self.readers, key, idempotency_key, now).await
    }

    /// Stores a turn. When this returns `Ok`, it is on disk.
    ///
    /// The turn is stored even if the caller stops waiting.
    pub async fn commit(&self, record: TurnRecord) -> Result<(), CommitError> {
        self.queue.turn(record).await
    }

    /// Turns of a conversation whose number is greater than `after`, in order, at most `limit`.
    pub async fn turns(
        &self,
        key: &ConversationKey,
        after: i64,
        limit: i64,
    ) -> Result<Vec<StoredTurn>, ReadError> {
        history::turns(&self.readers, &*conversation_id(key)?, after, limit).await
    }

    /// Forgets sessions that have ended by `now`; returns how many.
    pub async fn expire_sessions(&self, now: i64) -> Result<u64, CommitError> {
        self.repeat(|| Chore::ExpireSessions(now)).await
    }

    /// Conversations that have timed out by `now`, least recently used first, at most `limit`.
    ///
    /// One that is still under way when it is loaded has not timed out: a turn came in between.
    pub async fn due_timeouts(
        &self,
        now: i64,
        limit: i64,
    ) -> Result<Vec<ConversationKey>, JanitorError> {
        self.repeat(|| Chore::Rearm(now)).await?;
        Ok(expiry::due(&self.readers, now, limit).await?)
    }

    /// Forgets idempotency keys that were used before `before`; returns how many.
    pub async fn purge_idempotency(&self, before: i64) -> Result<u64, CommitError> {
        self.repeat(|| Chore::PurgeIdempotency(before)).await
    }

    /// Forgets chat users' attributes whose time has come by `now` (`spec` runtime 5.6).
    pub async fn forget_attributes(&self, now: i64) -> Result<u64, CommitError> {
        self.repeat(|| Chore::ForgetAttributes(now)).await
    }

    /// Does a chore in small pieces, between which turns are stored.
    async fn repeat(&self, chore: impl Fn() -> Chore) -> Result<u64, CommitError> {
        let mut rows = 0_u64;
        loop {
            let done = self.queue.chore(chore()).await?;
            rows = rows.saturating_add(done);
            // Each piece leaves fewer rows to do, so this ends.
            if done < CHORE_ROWS.unsigned_abs() {
                return Ok(rows);
            }
        }
    }

    /// Whether the store can serve. After a failed write this tries another one.
    pub async fn health(&self) -> Result<(), Unready> {
        if let Some(finding) = self.health.damage() {
            return Err(Unready::Damaged(finding));
        }
        if self.health.write_failure().is_some() {
            let probe = tokio::time::timeout(READ_TIMEOUT, self.queue.chore(Chore::Probe));
            match probe.await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(Unready::Write(error)),
                Err(_) => return Err(Unready::Write(CommitError::Busy)),
            }
        }
        let read: Result<i64, sqlx::Error> = on!(Readers: &self.readers, pool => {
            sqlx::query_scalar("SELECT COUNT(*) FROM write_probe").fetch_one(pool).await
        });
        read.map(|_| ()).map_err(|error| Unready::Read(error.to_string()))
    }

    /// Bytes of the cache in use.
    pub fn cache_bytes(&self) -> usize {
        self.cache.bytes()
    }

    /// Takes no more turns, stores those that wait, and closes the database.
    pub async fn close(&self) {
        self.closing.send_replace(true);
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut running) = running else { return };
        // The last connection of an SQLite file moves the log into it; that is the writer's, which
        // ends when the queue is empty.
        on!(Readers: &self.readers, pool => pool.close().await);
        while let Some(ended) = running.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a task of the store failed");
            }
        }
        drop(running.lock.take());
        tracing::debug!(database = %self.database, "store closed");
    }
}

/// Why the janitor could not do its round.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JanitorError {
    /// It could not read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It could not write.
    #[error(transparent)]
    Write(#[from] CommitError),
}
