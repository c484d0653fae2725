//! Changes of memory from outside a turn, such as an operator's.

use std::sync::Arc;

use parlance_core::ids::ConversationKey;

use crate::cache::{Entry, Key};
use crate::commit::{Chore, Done};
use crate::engine::{Session, params};
use crate::error::{CommitError, Fault};
use crate::record::{Json, Retention, Revision, conversation_id};
use crate::retention;
use crate::store::Store;

/// What is set. `None` leaves it as stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryPatch {
    /// Memory of the session.
    pub session: Option<Json>,
    /// Position in the flows.
    pub context: Option<Json>,
    /// Memory until the conversation ends.
    pub temp: Option<Json>,
    /// The chat user's attributes.
    pub user: Option<Json>,
    /// Attributes to forget later; a path's earlier date is replaced.
    pub retention: Vec<Retention>,
}

/// A patch and what it is for.
#[derive(Debug)]
pub(crate) struct Patch {
    pub(crate) key: ConversationKey,
    pub(crate) revision: Revision,
    conversation_id: Arc<str>,
    set: MemoryPatch,
    now: i64,
}

impl Store {
    /// Sets memory of a conversation and its user at the time `now`, all or nothing.
    ///
    /// [`CommitError::Conflict`] when the conversation has changed since it was loaded, or when a part
    /// of a session is set and there is none. A turn that is under way meanwhile gets the same.
    pub async fn patch_memory(
        &self,
        key: &ConversationKey,
        revision: Revision,
        patch: MemoryPatch,
        now: i64,
    ) -> Result<(), CommitError> {
        let conversation_id = conversation_id(key)?;
        let patch = Patch { key: key.clone(), revision, conversation_id, set: patch, now };
        self.queue.chore(Chore::Patch(Box::new(patch))).await.map(|_| ())
    }
}

/// Writes it.
pub(crate) async fn apply(session: &mut Session, patch: &Patch) -> Result<Done, Fault> {
    const STATE: &str = "UPDATE conversation SET version = version + 1, \
         session = COALESCE($3, session), context = COALESCE($4, context), \
         temp = COALESCE($5, temp) WHERE id = $1 AND version = $2 \
         AND ($6 = 0 OR session_expiry IS NOT NULL)";
    const USER: &str = "INSERT INTO bot_user \
         (bot_id, channel, user_id, attributes, created_on, modified_on) \
         VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (bot_id, channel, user_id) DO UPDATE \
         SET attributes = excluded.attributes, modified_on = excluded.modified_on";
    let Patch { key, revision, conversation_id, set, now } = patch;
    let parts = [&set.session, &set.context, &set.temp];
    let [memory, context, temp] = parts.map(|part| part.as_ref().map(Json::as_str));
    let needs_session = parts.iter().any(|part| part.is_some());
    let mut done = Done::default();
    if revision.version > 0 || needs_session {
        let values = params![
            conversation_id,
            revision.version,
            memory,
            context,
            temp,
            i64::from(needs_session)
        ];
        if session.execute(STATE, &values).await? == 0 {
            return Err(Fault::Stale(CommitError::Conflict));
        }
        done.forgotten.push(Key::Conversation(conversation_id.clone()));
    }
    if let Some(attributes) = &set.user {
        let values = params![key.bot.as_str(), &key.channel, &key.user, attributes.as_str(), *now];
        session.execute(USER, &values).await?;
        for date in &set.retention {
            retention::remember(session, key, date).await?;
        }
        done.published.push((Key::user(key), Entry::User(Some(attributes.0.clone()))));
    }
    Ok(done)
}
