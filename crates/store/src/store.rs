//! The store: the operations, and how they reach the threads that do them. Opening is in `open`.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use parlance_core::ids::{BotId, ConversationKey};
use rusqlite::InterruptHandle;
use tokio::sync::{mpsc, oneshot, watch};

use crate::cache::{Cache, Entry, Key};
use crate::commit::{Chore, Queue};
use crate::engine::Row;
use crate::error::{CommitError, Fault, ReadError, check_key};
use crate::expiry::{self, CHORE_ROWS};
use crate::fence::Fences;
use crate::health::{Health, Unready};
use crate::history::{self, StoredTurn};
use crate::idempotency::{self, IDEMPOTENCY_KEPT_MS, Repeat};
use crate::load::{self, Loaded, Request};
use crate::memory::MemoryOp;
use crate::reader::{Queries, Value};
use crate::record::{Json, TurnRecord, conversation_id};
use crate::thread::Thread;

/// Longest wait for a load, its time in the queue included.
const LOAD_TIMEOUT: Duration = Duration::from_secs(20);

/// A read that costs next to nothing.
const PROBE: &str = "SELECT id FROM write_probe";

/// Longest wait of the readiness probe for a write.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// An open database. Share it by reference or in an `Arc`.
pub struct Store {
    pub(crate) cache: Arc<Cache>,
    pub(crate) fences: Arc<Fences>,
    /// Held while a chat user is forgotten.
    pub(crate) erasing: tokio::sync::Mutex<()>,
    pub(crate) queue: Queue,
    pub(crate) requests: mpsc::Sender<Request>,
    pub(crate) queries: Queries,
    pub(crate) health: Arc<Health>,
    pub(crate) closing: watch::Sender<bool>,
    pub(crate) running: Mutex<Option<Running>>,
}

/// What has to end before the database is closed.
pub(crate) struct Running {
    pub(crate) readers: Vec<Thread>,
    pub(crate) writer: Thread,
    /// Ends the check of the file.
    pub(crate) check: Option<InterruptHandle>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("health", &self.health).finish_non_exhaustive()
    }
}

impl Store {
    /// The state that a turn of `key` at the time `now` starts from.
    pub async fn load(&self, key: &ConversationKey, now: i64) -> Result<Loaded, ReadError> {
        let id = conversation_id(key)?;
        let fence = self.fences.height();
        let keys = load::keys_of(id, key.bot.as_str(), &key.channel, &key.user);
        let cached = self.cache.get(keys.each_ref());
        let missing = keys.into_iter().zip(&cached).filter(|(_, entry)| entry.is_none());
        let missing: Vec<Key> = missing.map(|(key, _)| key).collect();
        let read = if missing.is_empty() { Vec::new() } else { self.read(missing).await? };
        let (mut conversation, mut user, mut bot) = (None, None, None);
        for entry in cached.into_iter().flatten().chain(read) {
            match entry {
                Entry::Conversation(row) => conversation = row,
                Entry::User(row) => user = row,
                Entry::Memory(row) => bot = row,
            }
        }
        Ok(Loaded::new(conversation, user, bot, now, fence))
    }

    /// Rows from the database, in the order of the keys.
    async fn read(&self, keys: Vec<Key>) -> Result<Vec<Entry>, ReadError> {
        let (answer, answered) = oneshot::channel();
        let request = Request { keys, answer };
        let waiting = async {
            self.requests.send(request).await.map_err(|_| ReadError::Closed)?;
            answered.await.unwrap_or(Err(ReadError::Closed))
        };
        tokio::time::timeout(LOAD_TIMEOUT, waiting)
            .await
            .unwrap_or_else(|_| Err(ReadError::Unavailable("too many reads are waiting".into())))
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
        let entry = match cached {
            Some(entry) => Some(entry),
            None => self.read(vec![key]).await?.into_iter().next(),
        };
        match entry {
            Some(Entry::Memory(Some(row))) => Ok(row.at(now)),
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
        let values = [
            Value::from(key.bot.as_str()),
            Value::from(key.channel.as_str()),
            Value::from(key.user.as_str()),
            Value::from(idempotency_key),
            Value::from(now.saturating_sub(IDEMPOTENCY_KEPT_MS)),
        ];
        let rows = self.queries.fetch(idempotency::FIND, values).await?;
        rows.into_iter().next().map(idempotency::repeat).transpose()
    }

    /// Stores a turn. When this returns `Ok`, it is on disk.
    ///
    /// The turn is stored even if the caller stops waiting.
    pub async fn commit(&self, record: TurnRecord) -> Result<(), CommitError> {
        self.queue.turn(record).await
    }

    /// The newest turns of a conversation, newest first, at most `limit`.
    pub async fn newest_turns(
        &self,
        key: &ConversationKey,
        limit: i64,
    ) -> Result<Vec<StoredTurn>, ReadError> {
        let id = conversation_id(key)?;
        let values = [Value::from(&*id), Value::from(limit)];
        let rows = self.queries.fetch(history::NEWEST, values).await?;
        rows.into_iter().map(history::turn).collect()
    }

    /// The turn called `id` and those of its conversation before it, newest first, at most `limit`.
    /// With [`StoredTurn::previous`] this is the next page of [`Self::newest_turns`].
    pub async fn turns_from(&self, id: &str, limit: i64) -> Result<Vec<StoredTurn>, ReadError> {
        check_key("turn id", id)?;
        let values = [Value::from(id), Value::from(limit)];
        let rows = self.queries.fetch(history::FROM, values).await?;
        rows.into_iter().map(history::turn).collect()
    }

    /// The turn called `id`, if it is one of the conversation, and those before it, newest first, at most
    /// `limit`. For an id that somebody else has named.
    pub async fn turns_of(
        &self,
        conversation: &str,
        id: &str,
        limit: i64,
    ) -> Result<Vec<StoredTurn>, ReadError> {
        check_key("turn id", id)?;
        let values = [Value::from(id), Value::from(conversation), Value::from(limit)];
        let rows = self.queries.fetch(history::OF_CONVERSATION, values).await?;
        rows.into_iter().map(history::turn).collect()
    }

    /// The idempotency keys that are remembered of a bot's chat user and when each was used, those after
    /// `after`, at most `limit`.
    pub async fn idempotency_keys(
        &self,
        bot: &BotId,
        channel: &str,
        user: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<(String, i64)>, ReadError> {
        let texts = [bot.as_str(), channel, user, after];
        for text in texts {
            check_key("idempotency key", text)?;
        }
        let mut values: Vec<Value> = texts.into_iter().map(Value::from).collect();
        values.push(Value::from(limit));
        let rows = self.queries.fetch(idempotency::OF_USER, values).await?;
        let key = |mut row: Row| Ok((row.text()?.to_string(), row.int()?));
        Ok(rows.into_iter().map(key).collect::<Result<_, Fault>>()?)
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
        let rows = self.queries.fetch(expiry::DUE, [Value::from(now), Value::from(limit)]).await?;
        Ok(rows.into_iter().map(expiry::due).collect::<Result<_, ReadError>>()?)
    }

    /// Forgets idempotency keys that were used before `before`; returns how many.
    pub async fn purge_idempotency(&self, before: i64) -> Result<u64, CommitError> {
        self.repeat(|| Chore::PurgeIdempotency(before)).await
    }

    /// Forgets chat users' attributes whose time has come by `now` (`spec` runtime 5.6); returns
    /// how many dates were looked at.
    pub async fn forget_attributes(&self, now: i64) -> Result<u64, CommitError> {
        self.repeat(|| Chore::ForgetAttributes(now)).await
    }

    /// Does a chore in small pieces, between which turns are stored.
    pub(crate) async fn repeat(&self, chore: impl Fn() -> Chore) -> Result<u64, CommitError> {
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
        if self.queue.is_closed() {
            return Err(Unready::Write(CommitError::Closed));
        }
        if self.health.write_failure().is_some() {
            let probe = tokio::time::timeout(PROBE_TIMEOUT, self.queue.chore(Chore::Probe));
            match probe.await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(Unready::Write(error)),
                Err(_) => return Err(Unready::Write(CommitError::Busy)),
            }
        }
        self.queries.fetch(PROBE, []).await.map(|_| ()).map_err(Unready::Read)
    }

    /// Bytes of the cache in use.
    pub fn cache_bytes(&self) -> usize {
        self.cache.bytes()
    }

    /// Takes no more turns, stores those that wait, and closes the database.
    pub async fn close(&self) {
        self.closing.send_replace(true);
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running { readers, writer, check }) = running else {
            return;
        };
        if let Some(check) = check {
            check.interrupt();
        }
        for reader in readers {
            reader.join().await;
        }
        // The writer waits for the readers' end (see `open`), because the last connection of an
        // SQLite file moves its log into it.
        writer.join().await;
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
