//! Reading the state of a conversation before a turn.
//!
//! What the cache does not have is read by one thread that takes all requests waiting when the
//! previous read ended, so that many conversations cost one transaction or one statement: requests →
//! [`Loader::run`] → answers, and users and memories into the cache. Conversations are not put there,
//! because the turn that follows will do so.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use crate::cache::{Cache, ConversationRow, Entry, Key, MemoryRow, Stamp};
use crate::engine::{Param, RowsSql, Session};
use crate::error::{Fault, ReadError};
use crate::memory::BOT_SCOPE;
use crate::reader::Reader;
use crate::record::{Expiry, Json, Revision};

/// What a turn starts from.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// Attributes of the chat user; `None` when the user is new to the bot.
    pub user: Option<Json>,
    /// The conversation; `None` when there was none.
    pub conversation: Option<Conversation>,
    /// Memory of the bot; `None` when it was never set.
    pub bot: Option<Json>,
    fence: u64,
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
        match &self.conversation {
            Some(found) => found.revision.clone(),
            None => Revision { fence: self.fence, ..Revision::default() },
        }
    }

    pub(crate) fn new(
        conversation: Option<ConversationRow>,
        user: Option<Arc<str>>,
        bot: Option<MemoryRow>,
        now: i64,
        fence: u64,
    ) -> Self {
        Self {
            fence,
            user: user.map(Json),
            conversation: conversation.map(|row| Conversation {
                revision: Revision { fence, ..row.revision },
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
    pub(crate) answer: oneshot::Sender<Result<Vec<Entry>, ReadError>>,
}

/// Most requests of one read.
const BATCH: usize = 64;

/// The thread that loads.
pub(crate) struct Loader {
    pub(crate) reader: Reader,
    pub(crate) cache: Arc<Cache>,
    pub(crate) requests: mpsc::Receiver<Request>,
    pub(crate) closing: watch::Receiver<bool>,
}

impl Loader {
    /// Runs until the store closes.
    pub(crate) async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                biased;
                _ = self.closing.changed() => break,
                taken = self.requests.recv_many(&mut batch, BATCH) => {
                    if taken == 0 {
                        break;
                    }
                    self.answer(&mut batch).await;
                }
            }
        }
        self.reader.close().await;
    }

    /// Reads what the requests ask for and answers them.
    async fn answer(&mut self, batch: &mut Vec<Request>) {
        batch.retain(|request| !request.answer.is_closed());
        let keys = batch.iter().flat_map(|request| request.keys.iter().cloned());
        let stamps: HashMap<Key, Stamp> =
            keys.map(|key| (key.clone(), self.cache.stamp(&key))).collect();
        let read = self.reader.attempt(async |session| read(session, stamps.keys()).await).await;
        let found = read.map_err(ReadError::from);
        if let Ok(found) = &found {
            for (key, entry) in found {
                if let Some(stamp) = stamps.get(key)
                    && !matches!(key, Key::Conversation(_))
                {
                    self.cache.put_read(key.clone(), entry.clone(), *stamp);
                }
            }
        }
        for request in batch.drain(..) {
            let answer = found.as_ref().map_err(Clone::clone).map(|found| {
                let entry = |key: &Key| found.get(key).cloned().unwrap_or_else(|| nothing(key));
                request.keys.iter().map(entry).collect()
            });
            // Nobody waits any more: nothing to tell.
            let _ = request.answer.send(answer);
        }
    }
}

/// What stands for a row that is not there.
fn nothing(key: &Key) -> Entry {
    match key {
        Key::Conversation(_) => Entry::Conversation(None),
        Key::User(..) => Entry::User(None),
        Key::Memory(..) => Entry::Memory(None),
    }
}

static CONVERSATIONS: RowsSql = RowsSql::lookup(
    "SELECT id, turns, version, last_turn, check_on, context_expiry, session_expiry, \
     session, context, temp FROM conversation WHERE (id)",
    1,
);

static USERS: RowsSql = RowsSql::lookup(
    "SELECT bot_id, channel, user_id, attributes FROM bot_user WHERE (bot_id, channel, user_id)",
    3,
);

static MEMORIES: RowsSql =
    RowsSql::lookup("SELECT bot_id, key, value, expires_on FROM memory WHERE (bot_id, key)", 2);

/// Reads `keys`; each of them is in the answer.
async fn read<'k>(
    session: &mut Session,
    keys: impl Iterator<Item = &'k Key> + Clone,
) -> Result<HashMap<Key, Entry>, Fault> {
    let mut found: HashMap<Key, Entry> =
        keys.clone().map(|key| (key.clone(), nothing(key))).collect();
    let (mut conversations, mut users, mut memories) = (Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        match key {
            Key::Conversation(id) => conversations.push(Param::from(id)),
            Key::User(bot, channel, user) => {
                users.extend([Param::from(bot), Param::from(channel), Param::from(user)]);
            }
            Key::Memory(bot, key) => memories.extend([Param::from(bot), Param::from(key)]),
        }
    }
    for mut row in session.read_rows(&CONVERSATIONS, &conversations).await? {
        let key = Key::Conversation(row.text()?);
        let revision = Revision {
            turns: row.int()?,
            version: row.int()?,
            last_turn: row.maybe_text()?,
            check_on: row.maybe_int()?,
            fence: 0,
        };
        let expiry = match (row.maybe_int()?, row.maybe_int()?) {
            (Some(context), Some(session)) => Some(Expiry { context, session }),
            _ => None,
        };
        let (session, context, temp) = (row.maybe_text()?, row.maybe_text()?, row.maybe_text()?);
        let row = ConversationRow { revision, expiry, session, context, temp };
        found.insert(key, Entry::Conversation(Some(row)));
    }
    for mut row in session.read_rows(&USERS, &users).await? {
        let key = Key::User(row.text()?, row.text()?, row.text()?);
        found.insert(key, Entry::User(Some(row.text()?)));
    }
    for mut row in session.read_rows(&MEMORIES, &memories).await? {
        let key = Key::Memory(row.text()?, row.text()?);
        let row = MemoryRow { value: row.text()?, expires_on: row.maybe_int()? };
        found.insert(key, Entry::Memory(Some(row)));
    }
    Ok(found)
}

/// The rows that a turn of a conversation needs.
pub(crate) fn keys_of(conversation: Arc<str>, bot: &str, channel: &str, user: &str) -> [Key; 3] {
    [
        Key::Conversation(conversation),
        Key::User(bot.into(), channel.into(), user.into()),
        Key::Memory(bot.into(), BOT_SCOPE.into()),
    ]
}
