//! Sessions that end and conversations that time out.

use parlance_core::ids::ConversationKey;
use parlance_store::{CommitError, Expiry, Store, StoreOptions};
use serde_json::json;

use crate::engines::{MINUTE, NOW, TestDb, contract, json, options, run_turn, state, turn, user};

async fn due(store: &Store, now: i64) -> Vec<String> {
    let due = store.due_timeouts(now, 250).await.unwrap();
    due.into_iter().map(|key| key.user).collect()
}

contract! {
    async fn a_session_ends_and_the_conversation_goes_on(db: TestDb) {
        for cache_bytes in [0, 1 << 20] {
            let store = db.open_with(StoreOptions { cache_bytes, ..options() }).await;
            let key = user(&format!("u{cache_bytes}"));
            run_turn(&store, &key, NOW, |_, _| {}).await.unwrap();
            run_turn(&store, &key, NOW + 10 * MINUTE, |_, _| {}).await.unwrap();
            assert_eq!(store.expire_sessions(NOW + 40 * MINUTE - 1).await.unwrap(), 0);
            assert_eq!(store.expire_sessions(NOW + 40 * MINUTE).await.unwrap(), 1);
            assert_eq!(store.expire_sessions(NOW + 40 * MINUTE).await.unwrap(), 0);
            let ended = state(&store, &key, NOW).await.conversation.unwrap();
            assert_eq!(ended.session, None);
            assert_eq!(ended.context, None);
            assert_eq!(ended.temp, None);
            assert_eq!(ended.expiry, None);
            assert_eq!(ended.revision.turns(), 2);
            // The next session ends in its turn, too.
            let later = NOW + 50 * MINUTE;
            let next = run_turn(&store, &key, later, |_, _| {}).await.unwrap();
            let loaded = state(&store, &key, later).await.conversation.unwrap();
            assert_eq!(loaded.session, next.session);
            assert_eq!(store.newest_turns(&key, 10).await.unwrap().len(), 3);
            assert_eq!(due(&store, later + 26 * MINUTE).await, std::slice::from_ref(&key.user));
            assert_eq!(store.expire_sessions(later + 30 * MINUTE).await.unwrap(), 1);
            store.close().await;
        }
    }

    async fn a_session_that_ends_during_a_turn_conflicts_with_it(db: TestDb) {
        let store = db.open().await;
        let key = user("u1");
        run_turn(&store, &key, NOW, |_, _| {}).await.unwrap();
        let before = state(&store, &key, NOW).await;
        let now = NOW + 31 * MINUTE;
        assert_eq!(store.expire_sessions(now).await.unwrap(), 1);
        let late = turn(&key, before.revision(), now);
        assert_eq!(store.commit(late).await, Err(CommitError::Conflict));
        run_turn(&store, &key, now, |_, _| {}).await.unwrap();
    }

    async fn conversations_time_out_when_their_time_has_come(db: TestDb) {
        let store = db.open().await;
        run_turn(&store, &user("late"), NOW + 2 * MINUTE, |_, _| {}).await.unwrap();
        run_turn(&store, &user("early"), NOW, |_, _| {}).await.unwrap();
        run_turn(&store, &user("middle"), NOW + MINUTE, |_, _| {}).await.unwrap();
        run_turn(&store, &user("over"), NOW, |turn, _| turn.context = Some(json(&json!({}))))
            .await
            .unwrap();
        let thread = ConversationKey {
            channel: "web".to_owned(),
            thread: Some("t1".to_owned()),
            ..user("threaded")
        };
        run_turn(&store, &thread, NOW + 3 * MINUTE, |_, _| {}).await.unwrap();
        assert!(due(&store, NOW + 25 * MINUTE - 1).await.is_empty());
        assert_eq!(due(&store, NOW + 25 * MINUTE).await, ["early"]);
        let now = NOW + 28 * MINUTE;
        let all = store.due_timeouts(now, 250).await.unwrap();
        assert_eq!(all, [user("early"), user("middle"), user("late"), thread]);
        assert_eq!(store.due_timeouts(now, 2).await.unwrap(), [user("early"), user("middle")]);
        // The janitor ends one; another gets a message in time.
        run_turn(&store, &user("early"), now, |turn, _| turn.context = Some(json(&json!({}))))
            .await
            .unwrap();
        run_turn(&store, &user("middle"), now, |_, _| {}).await.unwrap();
        assert_eq!(due(&store, now).await, ["late", "threaded"]);
        // Sessions that have ended no longer time out.
        let end = NOW + 33 * MINUTE;
        assert_eq!(store.expire_sessions(end).await.unwrap(), 3, "over, late and threaded");
        assert!(due(&store, end).await.is_empty());
        assert_eq!(due(&store, now + 25 * MINUTE).await, ["middle"]);
        assert_eq!(store.expire_sessions(now + 30 * MINUTE).await.unwrap(), 2);
    }

    async fn a_conversation_that_goes_on_does_not_time_out(db: TestDb) {
        let store = db.open().await;
        let key = user("u1");
        for minute in 0..100 {
            let now = NOW + minute * 7 * MINUTE;
            assert_eq!(store.expire_sessions(now).await.unwrap(), 0);
            assert!(due(&store, now).await.is_empty());
            run_turn(&store, &key, now, |turn, _| {
                // Now and then a turn that saves nothing.
                if minute % 5 == 3 {
                    turn.session = None;
                    turn.context = None;
                    turn.temp = None;
                    turn.expiry = None;
                }
            })
            .await
            .unwrap();
        }
    }

    async fn a_shorter_timeout_counts_from_the_next_turn(db: TestDb) {
        let store = db.open().await;
        let key = user("u1");
        run_turn(&store, &key, NOW, |_, _| {}).await.unwrap();
        let short = Expiry { context: NOW + 2 * MINUTE, session: NOW + 3 * MINUTE };
        run_turn(&store, &key, NOW + MINUTE, |turn, _| turn.expiry = Some(short)).await.unwrap();
        assert_eq!(due(&store, NOW + 2 * MINUTE).await, ["u1"]);
        assert_eq!(store.expire_sessions(NOW + 3 * MINUTE).await.unwrap(), 1);
    }

    async fn more_sessions_end_than_one_piece_takes(db: TestDb) {
        let store = std::sync::Arc::new(db.open_with(StoreOptions { queue_turns: 2000, ..options() }).await);
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..1100 {
            let store = std::sync::Arc::clone(&store);
            tasks.spawn(async move {
                run_turn(&store, &user(&format!("u{n}")), NOW, |_, _| {}).await.unwrap();
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
        let now = NOW + 26 * MINUTE;
        assert_eq!(store.due_timeouts(now, 5000).await.unwrap().len(), 1100);
        assert_eq!(store.expire_sessions(NOW + 30 * MINUTE).await.unwrap(), 1100);
        assert_eq!(store.expire_sessions(NOW + 30 * MINUTE).await.unwrap(), 0);
    }
}
