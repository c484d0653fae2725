//! A fresh database of either engine for each test, and turns to put into it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use parlance_core::ids::{BotId, ConversationKey};
use parlance_store::{
    CommitError, Database, Expiry, Json, Loaded, Revision, Store, StoreOptions, TurnRecord,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::postgres;

/// Makes two tests of each function: `name::sqlite` and `name::postgres`.
macro_rules! contract {
    ($(async fn $name:ident($db:ident: TestDb) $body:block)*) => {
        $(mod $name {
            use super::*;

            async fn holds($db: TestDb) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                holds(TestDb::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(db) = TestDb::postgres().await {
                    holds(db).await;
                }
            }
        })*
    };
}
pub(crate) use contract;

/// A time to start from, in milliseconds since 1970.
pub(crate) const NOW: i64 = 1_700_000_000_000;

/// One minute.
pub(crate) const MINUTE: i64 = 60_000;

/// An empty database.
pub(crate) struct TestDb {
    pub(crate) database: Database,
    folder: Option<TempDir>,
}

impl TestDb {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::File(folder.path().join("test.db"));
        Self { database, folder: Some(folder) }
    }

    /// `None` when PostgreSQL is not installed and need not be.
    pub(crate) async fn postgres() -> Option<Self> {
        let server = postgres::shared()?;
        let database = Database::Postgres(server.new_database().await);
        Some(Self { database, folder: None })
    }

    /// The SQLite file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.as_ref().expect("an SQLite database").path().join("test.db")
    }

    pub(crate) async fn open(&self) -> Store {
        self.open_with(options()).await
    }

    pub(crate) async fn open_with(&self, options: StoreOptions) -> Store {
        Store::open(&self.database, &options).await.unwrap()
    }
}

pub(crate) fn options() -> StoreOptions {
    StoreOptions { allow_unsafe_postgres: true, ..StoreOptions::default() }
}

/// A user of `welcome-bot`.
pub(crate) fn user(name: &str) -> ConversationKey {
    ConversationKey::api(bot("welcome-bot"), name)
}

pub(crate) fn bot(name: &str) -> BotId {
    BotId::parse(name).unwrap()
}

/// An id that no other turn of this process has; later ones are greater.
pub(crate) fn turn_id() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("018f0000-{:04x}-7000-8000-{number:012x}", std::process::id() & 0xffff)
}

pub(crate) fn json(value: &Value) -> Json {
    Json::from(value)
}

/// A turn at `now` in which everything changes; the state says which turn it was.
pub(crate) fn turn(key: &ConversationKey, revision: Revision, now: i64) -> TurnRecord {
    let id = turn_id();
    TurnRecord {
        key: key.clone(),
        event_id: format!("event-{id}"),
        received_on: now - 5,
        finished_on: now,
        incoming: Some(json(&json!({"payload": {"text": format!("hello {id}")}}))),
        replies: json(&json!([{"type": "text", "text": id}])),
        trace: json(&json!([{"flow": "main.flow.json", "node": "entry"}])),
        session: Some(json(&json!({"lastMessages": [id], "workflows": {}}))),
        context: Some(json(&json!({"currentFlow": "main.flow.json", "currentNode": id}))),
        temp: Some(json(&json!({"turn": id}))),
        expiry: Some(Expiry { context: now + 25 * MINUTE, session: now + 30 * MINUTE }),
        user: None,
        retention: vec![],
        memory: vec![],
        idempotency: None,
        turn_id: id,
        revision,
    }
}

/// Loads, and commits a turn of `key` at `now` after `change`; returns the turn.
pub(crate) async fn run_turn(
    store: &Store,
    key: &ConversationKey,
    now: i64,
    change: impl FnOnce(&mut TurnRecord, &Loaded),
) -> Result<TurnRecord, CommitError> {
    let loaded = store.load(key, now).await.unwrap();
    let mut record = turn(key, loaded.revision(), now);
    change(&mut record, &loaded);
    store.commit(record.clone()).await?;
    Ok(record)
}

/// What `load` says about the state of a conversation.
pub(crate) async fn state(store: &Store, key: &ConversationKey, now: i64) -> Loaded {
    store.load(key, now).await.unwrap()
}
