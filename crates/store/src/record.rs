//! What one turn leaves behind, and how it is made ready for the writer.
//!
//! Everything that costs time and needs no database (checks, copies) happens here, in the task of
//! the caller, because there is only one writer.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use parlance_core::ids::ConversationKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{CommitError, KeyError, check_key};
use crate::memory::MemoryOp;

/// JSON as text, shared and never changed: what the tables hold and what the cache keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(pub(crate) Arc<str>);

impl Json {
    /// The JSON form of `value`.
    pub fn of(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(|text| Self(text.into()))
    }

    /// Reads it as `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        Self(value.to_string().into())
    }
}

/// Which state of a conversation a turn has worked on. Comes with a loaded conversation and goes
/// back with the turn; the default stands for a conversation that is not stored yet. Good for as long
/// as the store is open.
#[derive(Debug, Clone, Default, Eq)]
pub struct Revision {
    pub(crate) turns: i64,
    pub(crate) version: i64,
    pub(crate) last_turn: Option<Arc<str>>,
    pub(crate) check_on: Option<i64>,
    /// How many chat users had been forgotten when it was loaded.
    pub(crate) fence: u64,
}

impl Revision {
    /// Turns stored so far.
    pub fn turns(&self) -> i64 {
        self.turns
    }

    /// A short text that is another one after each change, and after a conversation began anew.
    pub fn tag(&self) -> String {
        format!("{}-{}", self.version, self.last_turn.as_deref().unwrap_or("0"))
    }

    /// How many chat users had been forgotten when it was loaded: whoever keeps something of users
    /// drops it when this has grown.
    pub fn forgotten_users(&self) -> u64 {
        self.fence
    }
}

/// Whether they name the same state, whenever it was loaded.
impl PartialEq for Revision {
    fn eq(&self, other: &Self) -> bool {
        let Self { turns, version, last_turn, check_on, fence: _ } = self;
        (turns, version, last_turn, check_on)
            == (&other.turns, &other.version, &other.last_turn, &other.check_on)
    }
}

impl Hash for Revision {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self { turns, version, last_turn, check_on, fence: _ } = self;
        (turns, version, last_turn, check_on).hash(hasher);
    }
}

/// When memory ends, in milliseconds since 1970 (`spec` runtime 3.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// The conversation times out.
    pub context: i64,
    /// The session is forgotten.
    pub session: i64,
}

impl Expiry {
    pub(crate) fn first(self) -> i64 {
        self.context.min(self.session)
    }
}

/// A request's idempotency key and what it was used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The key as the caller sent it.
    pub key: String,
    /// Tells whether a repeat asks for the same: a digest of the request.
    pub fingerprint: String,
}

/// An attribute of the chat user that must be forgotten (`spec` runtime 5.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Dotted path inside the attributes.
    pub path: String,
    /// When, in milliseconds since 1970.
    pub expires_on: i64,
}

/// One turn. `None` in a field of the state means: leave as stored.
#[derive(Debug, Clone)]
pub struct TurnRecord {
    /// The conversation.
    pub key: ConversationKey,
    /// The turn's id, a UUID of version 7 as text: its order in time keeps the index small.
    pub turn_id: String,
    /// The state that the turn has worked on.
    pub revision: Revision,
    /// Id of the incoming event.
    pub event_id: String,
    /// When the message came, in milliseconds since 1970.
    pub received_on: i64,
    /// When the turn was done, in milliseconds since 1970.
    pub finished_on: i64,
    /// The incoming event; `None` when the bot speaks first.
    pub incoming: Option<Json>,
    /// The payloads that were sent, as an array.
    pub replies: Json,
    /// What happened, for people.
    pub trace: Json,
    /// Memory of the session.
    pub session: Option<Json>,
    /// Position in the flows; `{}` when no conversation is under way.
    pub context: Option<Json>,
    /// Memory until the conversation ends.
    pub temp: Option<Json>,
    /// When session and conversation end.
    pub expiry: Option<Expiry>,
    /// The chat user's attributes.
    pub user: Option<Json>,
    /// Attributes to forget later; a path's earlier date is replaced.
    pub retention: Vec<Retention>,
    /// Changes of bots' memory, in order.
    pub memory: Vec<MemoryOp>,
    /// The request's idempotency key.
    pub idempotency: Option<Idempotency>,
}

impl TurnRecord {
    /// The conversation's revision once this turn is stored.
    pub fn next(&self) -> Revision {
        self.next_of(self.turn_id.as_str().into())
    }

    fn next_of(&self, turn_id: Arc<str>) -> Revision {
        Revision {
            turns: self.number(),
            version: self.revision.version.saturating_add(1),
            last_turn: Some(turn_id),
            check_on: self.check_on(),
            fence: self.revision.fence,
        }
    }

    /// The number of this turn.
    fn number(&self) -> i64 {
        self.revision.turns.saturating_add(1)
    }

    /// When the janitor must look at the conversation: as before, unless that would be too late.
    fn check_on(&self) -> Option<i64> {
        let expiry = self.expiry.map(Expiry::first);
        match (self.revision.check_on, expiry) {
            (Some(old), Some(new)) => Some(old.min(new)),
            (old, new) => old.or(new),
        }
    }
}

/// A turn that the writer can store without looking at anything else.
#[derive(Debug)]
pub(crate) struct PreparedTurn {
    pub(crate) conversation_id: Arc<str>,
    pub(crate) turn_id: Arc<str>,
    pub(crate) record: TurnRecord,
    /// Memory that it takes.
    pub(crate) bytes: usize,
}

impl PreparedTurn {
    pub(crate) fn new(record: TurnRecord) -> Result<Self, CommitError> {
        let conversation_id = conversation_id(&record.key)?;
        check_key("turn id", &record.turn_id)?;
        check_key("event id", &record.event_id)?;
        if let Some(idempotency) = &record.idempotency {
            check_key("idempotency key", &idempotency.key)?;
            check_key("fingerprint", &idempotency.fingerprint)?;
        }
        for retention in &record.retention {
            check_key("attribute path", &retention.path)?;
        }
        for op in &record.memory {
            op.check()?;
        }
        let bytes = size(&record) + conversation_id.len();
        let turn_id = record.turn_id.as_str().into();
        Ok(Self { conversation_id, turn_id, record, bytes })
    }

    /// The number of this turn.
    pub(crate) fn number(&self) -> i64 {
        self.record.number()
    }

    /// The revision after this turn.
    pub(crate) fn next(&self) -> Revision {
        self.record.next_of(self.turn_id.clone())
    }

    /// When the janitor must look at the conversation.
    pub(crate) fn check_on(&self) -> Option<i64> {
        self.record.check_on()
    }

    /// Whether that date must be written although the row is there already.
    pub(crate) fn must_arm(&self) -> bool {
        let before = &self.record.revision;
        before.version > 0 && self.check_on() != before.check_on
    }
}

/// Memory that a waiting record holds, roughly.
fn size(record: &TurnRecord) -> usize {
    let texts = [&record.incoming, &record.session, &record.context, &record.temp, &record.user];
    let texts: usize = texts.into_iter().flatten().map(|json| json.0.len()).sum();
    let memory: usize = record.memory.iter().map(MemoryOp::size).sum();
    1024 + texts + record.replies.0.len() + record.trace.0.len() + memory
}

/// The primary key of a conversation: v12's session id (`spec` runtime 5.1), with colons written
/// as `%3A` in those ids in which they could be taken for the separator.
pub(crate) fn conversation_id(key: &ConversationKey) -> Result<Arc<str>, KeyError> {
    check_key("bot id", key.bot.as_str())?;
    check_key("channel", &key.channel)?;
    check_key("user id", &key.user)?;
    let mut id = String::with_capacity(key.bot.as_str().len() + key.user.len() + 16);
    id.push_str(key.bot.as_str());
    for part in [Some(&key.channel), Some(&key.user), key.thread.as_ref()].into_iter().flatten() {
        id.push_str("::");
        if part.contains("::") || part.starts_with(':') || part.ends_with(':') || part.contains('%')
        {
            id.push_str(&part.replace('%', "%25").replace(':', "%3A"));
        } else {
            id.push_str(part);
        }
    }
    if let Some(thread) = &key.thread {
        check_key("thread id", thread)?;
    }
    if id.len() > 4 * crate::error::KEY_LIMIT {
        let limit = 4 * crate::error::KEY_LIMIT;
        return Err(KeyError::TooLong { what: "session id", bytes: id.len(), limit });
    }
    Ok(id.into())
}

#[cfg(test)]
mod tests {
    use parlance_core::ids::BotId;
    use proptest::prelude::*;

    use super::*;

    fn key(channel: &str, user: &str, thread: Option<&str>) -> ConversationKey {
        ConversationKey {
            bot: BotId::parse("welcome-bot").unwrap(),
            channel: channel.to_owned(),
            user: user.to_owned(),
            thread: thread.map(str::to_owned),
        }
    }

    #[test]
    fn a_conversation_is_stored_under_the_session_id() {
        for key in [key("api", "u1", None), key("web", "a:b@example.org", Some("7"))] {
            assert_eq!(&*conversation_id(&key).unwrap(), key.session_id());
        }
    }

    proptest! {
        #[test]
        fn two_conversations_never_share_a_row(
            a in ("[a:%]{1,3}", "[a:%]{0,4}", proptest::option::of("[a:%]{0,4}")),
            b in ("[a:%]{1,3}", "[a:%]{0,4}", proptest::option::of("[a:%]{0,4}")),
        ) {
            let id = |x: &(String, String, Option<String>)| {
                conversation_id(&key(&x.0, &x.1, x.2.as_deref())).unwrap()
            };
            prop_assert_eq!(a == b, id(&a) == id(&b));
        }
    }
}
