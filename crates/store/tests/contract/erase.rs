//! Forgetting a chat user.

use std::sync::Arc;

use parlance_core::ids::ConversationKey;
use parlance_store::{
    CommitError, ErasedCounts, Idempotency, MemoryPatch, Retention, Store, StoreOptions,
};
use serde_json::json;

use crate::engines::{
    MINUTE, NOW, TestDb, bot, contract, json, options, run_turn, state, turn, user,
};

/// In every text that the user leaves behind.
const MARK: &str = "mark-8d21c6";

/// A turn that leaves something in every table.
async fn leave_traces(store: &Store, key: &ConversationKey, now: i64) -> String {
    let stored = run_turn(store, key, now, |turn, _| {
        let text = Some(json(&json!({ "text": MARK })));
        turn.incoming.clone_from(&text);
        turn.session.clone_from(&text);
        turn.context.clone_from(&text);
        turn.temp.clone_from(&text);
        turn.user = text;
        turn.replies = json(&json!([MARK.repeat(500)]));
        turn.trace = json(&json!([MARK]));
        turn.retention = vec![Retention { path: MARK.to_owned(), expires_on: NOW + MINUTE }];
        turn.idempotency =
            Some(Idempotency { key: format!("{MARK} {now}"), fingerprint: MARK.to_owned() });
    });
    stored.await.unwrap().turn_id
}

fn counts(conversations: u64, turns: u64, retention_dates: u64) -> ErasedCounts {
    let attributes = retention_dates > 0;
    ErasedCounts {
        conversations,
        turns,
        idempotency_keys: turns,
        retention_dates,
        attributes,
        log_cut: true,
    }
}

contract! {
    async fn a_user_who_was_forgotten_starts_anew(db: TestDb) {
        let store = db.open().await;
        let thread = ConversationKey { thread: Some("t".to_owned()), ..user("u1") };
        let other_bot = ConversationKey { bot: bot("other-bot"), ..user("u1") };
        for (n, key) in (0..).zip([&user("u1"), &user("u1"), &thread, &other_bot, &user("u2")]) {
            leave_traces(&store, key, NOW + n).await;
        }
        assert_eq!(store.erase_user(None, "api", "u1").await, Ok(counts(3, 4, 2)));
        for reopened in [false, true] {
            let store = if reopened { store.close().await; &db.open().await } else { &store };
            for key in [&user("u1"), &thread, &other_bot] {
                let loaded = state(store, key, NOW).await;
                assert_eq!((loaded.user, loaded.conversation), (None, None));
                assert!(store.newest_turns(key, 10).await.unwrap().is_empty());
                let repeat = store.find_repeat(key, &format!("{MARK} {NOW}"), NOW).await.unwrap();
                assert_eq!(repeat, None);
            }
            assert_eq!(store.user_data(&bot("welcome-bot"), "api", "u1").await.unwrap(), None);
            assert_eq!(store.newest_turns(&user("u2"), 10).await.unwrap().len(), 1);
            assert!(state(store, &user("u2"), NOW).await.user.is_some());
            assert_eq!(store.erase_user(None, "api", "u1").await, Ok(counts(0, 0, 0)));
        }
    }

    async fn a_bot_forgets_its_own_user_and_no_other(db: TestDb) {
        let store = db.open().await;
        let other_bot = ConversationKey { bot: bot("other-bot"), ..user("u1") };
        for key in [&user("u1"), &other_bot] {
            leave_traces(&store, key, NOW).await;
        }
        let first = store.erase_user(Some(&bot("welcome-bot")), "api", "u1").await;
        assert_eq!(first, Ok(counts(1, 1, 1)));
        let forgotten = state(&store, &user("u1"), NOW).await;
        assert_eq!((forgotten.user, forgotten.conversation), (None, None));
        let known = state(&store, &other_bot, NOW).await;
        assert!(known.user.is_some() && known.conversation.is_some());
        let second = store.erase_user(Some(&bot("other-bot")), "api", "u1").await;
        assert_eq!(second, Ok(counts(1, 1, 1)));
        assert_eq!(state(&store, &other_bot, NOW).await.user, None);
    }

    async fn a_turn_under_way_brings_nothing_back(db: TestDb) {
        let store = db.open().await;
        let (old, new) = (user("u1"), ConversationKey { bot: bot("other-bot"), ..user("u1") });
        leave_traces(&store, &old, NOW).await;
        // One goes on with a conversation, one opens another; both know the attributes.
        let under_way = [&old, &new].map(|key| {
            let (store, key) = (&store, key.clone());
            async move {
                let loaded = state(store, &key, NOW).await;
                let mut turn = turn(&key, loaded.revision(), NOW + 1);
                turn.user = loaded.user;
                turn
            }
        });
        let [first, second] = under_way;
        let (first, second) = (first.await, second.await);
        let patch = MemoryPatch { user: first.user.clone(), ..MemoryPatch::default() };
        store.erase_user(None, "api", "u1").await.unwrap();
        for turn in [&first, &second] {
            assert_eq!(store.commit(turn.clone()).await, Err(CommitError::Conflict));
        }
        let late = store.patch_memory(&new, second.revision.clone(), patch, NOW + 1).await;
        assert_eq!(late, Err(CommitError::Conflict));
        // Loaded again they are the first turns of somebody new; the old one is as late as before.
        let anew = run_turn(&store, &old, NOW + 2, |_, loaded| assert_eq!(loaded.user, None));
        assert_eq!(state(&store, &old, NOW).await.conversation, None);
        anew.await.unwrap();
        assert_eq!(store.commit(first).await, Err(CommitError::Conflict));
        assert_eq!(store.newest_turns(&old, 10).await.unwrap().len(), 1);
    }

    async fn turns_of_others_go_on_while_a_user_is_forgotten(db: TestDb) {
        let store = Arc::new(db.open_with(StoreOptions { cache_bytes: 0, ..options() }).await);
        for n in 0..1203 {
            run_turn(&store, &user("u1"), NOW + n, |_, _| {}).await.unwrap();
        }
        let others = {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for n in 0..50 {
                    run_turn(&store, &user("u2"), NOW + n, |_, _| {}).await.unwrap();
                }
            })
        };
        let erased = store.erase_user(None, "api", "u1").await.unwrap();
        assert_eq!((erased.conversations, erased.turns), (1, 1203));
        others.await.unwrap();
        assert_eq!(store.newest_turns(&user("u2"), 100).await.unwrap().len(), 50);
        assert_eq!(store.resume_erasures().await, Ok(0));
    }

    async fn more_conversations_go_than_one_piece_takes(db: TestDb) {
        let store = db.open().await;
        for n in 0..501 {
            let key = ConversationKey { thread: Some(n.to_string()), ..user("u1") };
            run_turn(&store, &key, NOW, |turn, _| turn.user = Some(json(&json!({})))).await.unwrap();
        }
        let erased = store.erase_user(None, "api", "u1").await.unwrap();
        assert_eq!((erased.conversations, erased.turns, erased.attributes), (501, 501, true));
    }
}

fn contains_mark(path: &std::path::Path) -> bool {
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes())
}

#[tokio::test]
async fn nothing_is_left_in_the_bytes_of_an_sqlite_file() {
    let db = TestDb::sqlite();
    let log = db.file().with_file_name("test.db-wal");
    let store = db.open().await;
    let key = user(MARK);
    for n in 0..30 {
        leave_traces(&store, &key, NOW + n).await;
        run_turn(&store, &user("u2"), NOW + n, |_, _| {}).await.unwrap();
    }
    assert!(contains_mark(&log));
    let erased = store.erase_user(None, "api", MARK).await;
    assert_eq!(erased, Ok(counts(1, 30, 1)));
    assert!(!contains_mark(&log), "the log, while the store is open");
    assert!(!contains_mark(&db.file()), "the file, while the store is open");
    run_turn(&store, &user("u2"), NOW + 99, |_, _| {}).await.unwrap();
    store.close().await;
    assert!(!contains_mark(&db.file()));
}

#[tokio::test]
async fn an_erasure_that_was_cut_short_is_taken_up_again() {
    let db = TestDb::sqlite();
    let store = db.open().await;
    let newest = leave_traces(&store, &user("u1"), NOW).await;
    run_turn(&store, &user("u2"), NOW, |_, _| {}).await.unwrap();
    store.close().await;
    // As the first step leaves it.
    let file = rusqlite::Connection::open(db.file()).unwrap();
    file.execute("DELETE FROM conversation WHERE user_id = 'u1'", []).unwrap();
    file.execute("INSERT INTO erasure VALUES (?1)", [&newest]).unwrap();
    drop(file);
    let store = db.open().await;
    assert_eq!(store.turns_from(&newest, 10).await.unwrap().len(), 1);
    assert_eq!(store.resume_erasures().await, Ok(1));
    assert_eq!(store.resume_erasures().await, Ok(0));
    assert!(store.turns_from(&newest, 10).await.unwrap().is_empty());
    assert_eq!(store.newest_turns(&user("u2"), 10).await.unwrap().len(), 1);
}
