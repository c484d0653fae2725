//! Reading the state of a conversation before a turn.
//!
//! What the cache does not have is read by one task that takes all requests waiting when the
//! previous read ended, so that many conversations cost one statement: requests → [`Loader::run`]
//! → two or three statements → answers, and users and memories into the cache. Conversations are
//! not put there, because the turn that follows will do so.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlStr;
use sqlx::{Row as _, SqlSafeStr as _};
use tokio::sync::{mpsc, oneshot, watch};

use crate::cache::{Cache, ConversationRow, Key, MemoryRow, Row, Stamp};
use crate::db::{Readers, on};
use crate::error::{Fault, ReadError};
use crate::memory::BOT_SCOPE;
use crate::record::{Expiry, Json, Revision};

/// What a turn starts from.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// Attributes of the chat user; `None` when the user is new to the server.
    pub user: Option<Json>,
    /// The conversation; `None` when there was none.
    pub conversation: Option<Conversation>,
    /// Memory of the bot; `None` when it was never set.
    pub bot: Option<Json>,
}

/// A stored conversation. The parts are `None` when the session has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Goes back with the turn.
    pub revision: Revision,
    /// Memory of the session.
    pub session: Option<Json>,
    /// Position in the flows.
    pub context: Option<Json>,
    /// Memory until the conversation ends.
    pub temp: Option<Json>,
    /// When session and conversation end.
    pub expiry: Option<Expiry>,
}

impl Loaded {
    /// The revision that goes with the turn.
    pub fn revision(&self) -> Revision {
        self.conversation.as_ref().map(|found| found.revision).unwrap_or_default()
    }

    pub(crate) fn new(
        conversation: Option<ConversationRow>,
        user: Option<Arc<str>>,
        bot: Option<MemoryRow>,
        now: i64,
    ) -> Self {
        Self {
            user: user.map(Json),
            conversation: conversation.map(|row| Conversation {
                revision: row.revision,
                session: row.session.map(Json),
                context: row.context.map(Json),
                temp: row.temp.map(Json),
                expiry: row.expiry,
            }),
            bot: bot.and_then(|row| row.at(now)),
        }
    }
}

impl MemoryRow {
    /// The value, unless it has ceased to exist.
    pub(crate) fn at(self, now: i64) -> Option<Json> {
        let over = self.expires_on.is_some_and(|end| end <= now);
        (!over).then_some(Json(self.value))
    }
}

/// Asks for rows that the cache does not have.
#[derive(Debug)]
pub(crate) struct Request {
    /// Which rows.
    pub(crate) keys: Vec<Key>,
    /// Gets them in the order of the keys.
    pub(crate) answer: oneshot::Sender<Result<Vec<Row>, ReadError>>,
}

/// Most requests of one read.
const BATCH: usize = 64;

/// Longest wait for one read.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// The task that reads.
pub(crate) struct Loader {
    pub(crate) readers: Readers,
    pub(crate) cache: Arc<Cache>,
    pub(crate) requests: mpsc::Receiver<Request>,
}

impl Loader {
    /// Runs until the store closes.
    pub(crate) async fn run(mut self, mut closing: watch::Receiver<bool>) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                biased;
                _ = closing.changed() => break,
                taken = self.requests.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        break;
                    }
                    self.answer(&mut batch).await;
                }
            }
        }
    }

    /// Reads what the requests ask for and answers them.
    async fn answer(&self, batch: &mut Vec<Request>) {
        batch.retain(|request| !request.answer.is_closed());
        let stamps = self.stamps(&batch);
        let keys: Vec<&Key> = stamps.keys().copied().collect();
        let rows = match self.read(&keys).await {
            // The connection may have died while it was idle: a read may be repeated.
            Err(Fault::Lost(_)) => self.read(&keys).await,
            other => other,
        };
        let rows = rows.map_err(ReadError::from);
        if let Ok(rows) = &rows {
            for (key, row) in rows {
                if let Some(stamp) = stamps.get(key)
                    && !matches!(key, Key::Conversation(_))
                {
                    self.cache.put_read(key.clone(), row.clone(), *stamp);
                }
            }
        }
        drop(stamps);
        for request in batch.drain(..) {
            let answer = match &rows {
                Ok(rows) => Ok(request.keys.iter().map(|key| row(rows, key)).collect()),
                Err(error) => Err(error.clone()),
            };
            // Nobody waits any more: nothing to tell.
            let _ = request.answer.send(answer);
        }
    }

    /// The keys asked for, each once, with the stamps of this moment.
    fn stamps<'b>(&self, batch: &'b [Request]) -> HashMap<&'b Key, Stamp> {
        let keys = batch.iter().flat_map(|request| &request.keys);
        keys.map(|key| (key, self.cache.stamp(key))).collect()
    }

    async fn read(&self, keys: &[&Key]) -> Result<HashMap<Key, Row>, Fault> {
        match tokio::time::timeout(READ_TIMEOUT, read(&self.readers, keys)).await {
            Ok(result) => result,
            Err(_) => Err(Fault::Locked("no answer in time".into())),
        }
    }
}

fn row(rows: &HashMap<Key, Row>, key: &Key) -> Row {
    rows.get(key).cloned().unwrap_or_else(|| nothing(key))
}

/// What stands for a row that is not there.
fn nothing(key: &Key) -> Row {
    match key {
        Key::Conversation(_) => Row::Conversation(None),
        Key::User(..) => Row::User(None),
        Key::Memory(..) => Row::Memory(None),
    }
}

/// Reads `keys`; each of them is in the answer.
pub(crate) async fn read(readers: &Readers, keys: &[&Key]) -> Result<HashMap<Key, Row>, Fault> {
    let mut found: HashMap<Key, Row> = HashMap::with_capacity(keys.len());
    let mut conversations = Vec::new();
    let mut users = Vec::new();
    let mut memories = Vec::new();
    for key in keys {
        found.insert((*key).clone(), nothing(key));
        match key {
            Key::Conversation(id) => conversations.push([id]),
            Key::User(channel, user) => users.push([channel, user]),
            Key::Memory(bot, key) => memories.push([bot, key]),
        }
    }
    for ids in conversations.chunks(BATCH) {
        read_conversations(readers, ids, &mut found).await?;
    }
    for ids in users.chunks(BATCH) {
        read_users(readers, ids, &mut found).await?;
    }
    for ids in memories.chunks(BATCH) {
        read_memories(readers, ids, &mut found).await?;
    }
    Ok(found)
}

/// The parameters of a list, filled up by repeating the last one so that few texts serve all.
fn padded<'k, const N: usize>(ids: &[[&'k Arc<str>; N]]) -> Vec<[&'k Arc<str>; N]> {
    let mut ids = ids.to_vec();
    if let Some(last) = ids.last().copied() {
        ids.resize(ids.len().next_power_of_two(), last);
    }
    ids
}

/// `start`, then `rows` times `columns` placeholders, then the closing bracket.
fn list(readers: &Readers, start: &str, rows: usize, columns: usize) -> SqlStr {
    let mut sql = String::with_capacity(start.len() + rows * (columns * 5 + 4));
    sql.push_str(start);
    for row in 0..rows {
        sql.push_str(if row > 0 { "," } else { "" });
        sql.push_str(if columns > 1 { "(" } else { "" });
        for column in 1..=columns {
            sql.push_str(if column > 1 { "," } else { "" });
            match readers {
                Readers::Sqlite(_) => sql.push('?'),
                Readers::Postgres(_) => {
                    sql.push('$');
                    sql.push_str(&(row * columns + column).to_string());
                }
            }
        }
        sql.push_str(if columns > 1 { ")" } else { "" });
    }
    sql.push(')');
    sqlx::AssertSqlSafe(sql).into_sql_str()
}

async fn read_conversations(
    readers: &Readers,
    ids: &[[&Arc<str>; 1]],
    found: &mut HashMap<Key, Row>,
) -> Result<(), Fault> {
    const START: &str = "SELECT id, turns, revision, check_on, context_expiry, session_expiry, \
         session, context, temp FROM conversation WHERE id IN (";
    let ids = padded(ids);
    let sql = list(readers, START, ids.len(), 1);
    on!(Readers: readers, pool => {
        let mut query = sqlx::query(sql);
        for [id] in ids {
            query = query.bind(Arc::clone(id));
        }
        for row in query.fetch_all(pool).await? {
            let text = |text: Option<&str>| text.map(Arc::<str>::from);
            let conversation = ConversationRow {
                revision: Revision {
                    turns: row.try_get(1)?,
                    revision: row.try_get(2)?,
                    check_on: row.try_get(3)?,
                },
                expiry: match (row.try_get(4)?, row.try_get(5)?) {
                    (Some(context), Some(session)) => Some(Expiry { context, session }),
                    _ => None,
                },
                session: text(row.try_get(6)?),
                context: text(row.try_get(7)?),
                temp: text(row.try_get(8)?),
            };
            let id: &str = row.try_get(0)?;
            found.insert(Key::Conversation(id.into()), Row::Conversation(Some(conversation)));
        }
    });
    Ok(())
}

async fn read_users(
    readers: &Readers,
    ids: &[[&Arc<str>; 2]],
    found: &mut HashMap<Key, Row>,
) -> Result<(), Fault> {
    const START: &str = "SELECT channel, user_id, attributes FROM chat_user \
         WHERE (channel, user_id) IN (VALUES ";
    let ids = padded(ids);
    let sql = list(readers, START, ids.len(), 2);
    on!(Readers: readers, pool => {
        let mut query = sqlx::query(sql);
        for [channel, user] in ids {
            query = query.bind(Arc::clone(channel)).bind(Arc::clone(user));
        }
        for row in query.fetch_all(pool).await? {
            let (channel, user, attributes): (&str, &str, &str) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let key = Key::User(channel.into(), user.into());
            found.insert(key, Row::User(Some(attributes.into())));
        }
    });
    Ok(())
}

async fn read_memories(
    readers: &Readers,
    ids: &[[&Arc<str>; 2]],
    found: &mut HashMap<Key, Row>,
) -> Result<(), Fault> {
    const START: &str = "SELECT bot_id, key, value, expires_on FROM memory \
         WHERE (bot_id, key) IN (VALUES ";
    let ids = padded(ids);
    let sql = list(readers, START, ids.len(), 2);
    on!(Readers: readers, pool => {
        let mut query = sqlx::query(sql);
        for [bot, key] in ids {
            query = query.bind(Arc::clone(bot)).bind(Arc::clone(key));
        }
        for row in query.fetch_all(pool).await? {
            let (bot, key, value): (&str, &str, &str) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let memory = MemoryRow { value: value.into(), expires_on: row.try_get(3)? };
            found.insert(Key::Memory(bot.into(), key.into()), Row::Memory(Some(memory)));
        }
    });
    Ok(())
}

/// The rows that a turn of a conversation needs.
pub(crate) fn keys_of(conversation: Arc<str>, bot: &str, channel: &str, user: &str) -> [Key; 3] {
    [
        Key::Conversation(conversation),
        Key::User(channel.into(), user.into()),
        Key::Memory(bot.into(), BOT_SCOPE.into()),
    ]
}
