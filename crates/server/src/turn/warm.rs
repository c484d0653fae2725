//! States of the conversations that spoke last, so that their next turns need not parse them again.
//!
//! What is stored stays the truth: a state lies here under the revision that it was stored as, and is
//! taken out by the turn that finds this very revision stored. Nobody else changes it meanwhile. As
//! soon as a turn sees that a chat user was forgotten, all states are dropped.

use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use parlance_core::dialog::State;
use parlance_store::{Json, Revision, TurnRecord};

/// Most bytes of all states, as text; parsed they take some five times as much. Room for some 300
/// conversations, as only those that talk at this moment gain by it.
const LIMIT: usize = 512 << 10;

/// What a state takes besides its texts, in bytes of text.
const STATE_BYTES: usize = 512;

/// The states, least recently used ones forgotten first.
#[derive(Debug)]
pub(super) struct Warm(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    states: LruCache<Revision, Stored>,
    bytes: usize,
    /// How many chat users had been forgotten before these states.
    forgotten_users: u64,
}

/// A state as it was stored.
#[derive(Debug)]
pub(super) struct Stored {
    state: State,
    /// The user's attributes as text; they may change without this conversation.
    user: Option<Json>,
    bytes: usize,
}

impl Stored {
    /// The state that `record` stores whole, on top of these attributes of the user.
    pub(super) fn new(state: State, record: &TurnRecord, user_before: Option<&Json>) -> Self {
        let user = record.user.as_ref().or(user_before).cloned();
        let texts = [&record.session, &record.context, &record.temp, &user];
        let texts: usize = texts.into_iter().flatten().map(|json| json.as_str().len()).sum();
        let state = State { bot: None, stacktrace: Vec::new(), ..state };
        Self { state, user, bytes: STATE_BYTES + texts }
    }
}

impl Default for Warm {
    fn default() -> Self {
        Self(Mutex::new(Inner { states: LruCache::unbounded(), bytes: 0, forgotten_users: 0 }))
    }
}

impl Warm {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        // No code that holds the lock can leave the parts inconsistent by panicking.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the state that is stored as `revision` for a user with these attributes. The bot's
    /// memory is not in it.
    pub(super) fn take(&self, revision: &Revision, user: Option<&Json>) -> Option<State> {
        let mut inner = self.inner();
        inner.forget_with(revision);
        let stored = inner.states.pop(revision)?;
        inner.bytes = inner.bytes.saturating_sub(stored.bytes);
        drop(inner);
        (stored.user.as_ref() == user).then_some(stored.state)
    }

    /// Keeps a state that is stored now as `revision`.
    pub(super) fn keep(&self, revision: Revision, stored: Stored) {
        let mut forgotten = Vec::new();
        let mut inner = self.inner();
        inner.forget_with(&revision);
        if revision.forgotten_users() < inner.forgotten_users {
            return;
        }
        inner.bytes += stored.bytes;
        inner.states.put(revision, stored);
        while inner.bytes > LIMIT
            && let Some((_, old)) = inner.states.pop_lru()
        {
            inner.bytes = inner.bytes.saturating_sub(old.bytes);
            forgotten.push(old);
        }
        // Taken apart without the lock.
        drop(inner);
        drop(forgotten);
    }
}

impl Inner {
    /// Drops all states when more users were forgotten before `revision` was loaded.
    fn forget_with(&mut self, revision: &Revision) {
        if revision.forgotten_users() > self.forgotten_users {
            self.forgotten_users = revision.forgotten_users();
            self.states.clear();
            self.bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use parlance_core::ids::{BotId, ConversationKey};
    use parlance_store::{Database, Store, StoreOptions};
    use serde_json::{Value, json};

    use super::*;

    /// A turn of one user after another that stores this session.
    fn record(turn: usize, session: &Value) -> TurnRecord {
        let json = |value: &Value| Some(Json::from(value));
        TurnRecord {
            key: ConversationKey::api(BotId::parse("bot").unwrap(), "user"),
            turn_id: format!("turn{turn}"),
            revision: Revision::default(),
            event_id: "1".to_owned(),
            received_on: 0,
            finished_on: 0,
            incoming: None,
            replies: Json::from(&json!([])),
            trace: Json::from(&json!({})),
            session: json(session),
            context: json(&json!({})),
            temp: json(&json!({})),
            expiry: None,
            user: json(&json!({"name": "Ann"})),
            retention: Vec::new(),
            memory: Vec::new(),
            idempotency: None,
        }
    }

    fn keep(warm: &Warm, turn: usize, session: Value) {
        let record = record(turn, &session);
        let state = State { session, bot: Some(json!("old")), ..State::new() };
        warm.keep(record.next(), Stored::new(state, &record, None));
    }

    fn take(warm: &Warm, turn: usize, user: &Value) -> Option<State> {
        warm.take(&record(turn, &json!({})).next(), Some(&Json::from(user)))
    }

    #[test]
    fn a_state_is_taken_once_by_who_finds_its_revision_stored() {
        let warm = Warm::default();
        keep(&warm, 1, json!({"a": 1}));
        let user = json!({"name": "Ann"});
        assert_eq!(take(&warm, 2, &user), None);
        assert_eq!(warm.take(&Revision::default(), Some(&Json::from(&user))), None);
        let kept = State { session: json!({"a": 1}), ..State::new() };
        assert_eq!(take(&warm, 1, &user), Some(kept));
        assert_eq!(take(&warm, 1, &user), None);
        assert_eq!(warm.inner().bytes, 0);
    }

    #[test]
    fn a_state_is_of_no_use_when_the_users_attributes_have_changed() {
        let warm = Warm::default();
        keep(&warm, 1, json!({}));
        assert_eq!(take(&warm, 1, &json!({"name": "Bob"})), None);
        assert_eq!(warm.inner().bytes, 0);
    }

    #[test]
    fn the_oldest_states_are_forgotten_when_there_is_no_room() {
        let warm = Warm::default();
        let large = "x".repeat(LIMIT / 3);
        (1..=4).for_each(|turn| keep(&warm, turn, json!(large)));
        let user = json!({"name": "Ann"});
        let found = (1..=4).map(|turn| take(&warm, turn, &user).is_some());
        assert_eq!(found.collect::<Vec<_>>(), [false, false, true, true]);
        keep(&warm, 5, json!("x".repeat(LIMIT)));
        let inner = warm.inner();
        assert_eq!((inner.bytes, inner.states.len()), (0, 0));
    }

    #[tokio::test]
    async fn no_state_is_kept_once_a_turn_sees_that_a_user_was_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let file = Database::File(folder.path().join("store.sqlite"));
        let store = Store::open(&file, &StoreOptions::default()).await.unwrap();
        let warm = Warm::default();
        keep(&warm, 1, json!({"a": 1}));
        store.erase_user(None, "api", "user").await.unwrap();
        let key = record(1, &json!({})).key;
        let after = store.load(&key, 0).await.unwrap().revision();
        assert_eq!(warm.take(&after, None), None);
        assert_eq!(warm.inner().states.len(), 0);
        // A turn that was loaded before the user was forgotten comes to its end.
        keep(&warm, 2, json!({"a": 2}));
        assert_eq!(warm.inner().states.len(), 0);
        store.close().await;
    }
}
