//! Turns: whole, in order, kept, and never at the cost of another.

use std::sync::Arc;

use parlance_core::ids::ConversationKey;
use parlance_store::{CommitError, KeyError, ReadError, Revision, StoreOptions};
use serde_json::{Value, json};

use crate::engines::{
    MINUTE, NOW, TestDb, bot, contract, json, options, run_turn, state, turn, user,
};

contract! {
    async fn nothing_is_known_of_a_new_user(db: TestDb) {
        let store = db.open().await;
        let loaded = state(&store, &user("u1"), NOW).await;
        assert_eq!(loaded.user, None);
        assert_eq!(loaded.conversation, None);
        assert_eq!(loaded.bot, None);
        assert_eq!(loaded.revision(), Revision::default());
        assert!(store.newest_turns(&user("u1"), 10).await.unwrap().is_empty());
    }

    async fn a_turn_is_kept_whole(db: TestDb) {
        let key = ConversationKey {
            channel: "web".to_owned(),
            thread: Some("7".to_owned()),
            ..user("u1::é'\"%")
        };
        let attributes = json(&json!({"language": "de", "odd": "a\u{0}b 😀"}));
        let store = db.open().await;
        let first = run_turn(&store, &key, NOW, |turn, _| turn.user = Some(attributes.clone()));
        let first = first.await.unwrap();
        for reopened in [false, true] {
            let store = if reopened { store.close().await; &db.open().await } else { &store };
            let loaded = state(store, &key, NOW).await;
            assert_eq!(loaded.user, Some(attributes.clone()));
            let conversation = loaded.conversation.unwrap();
            assert_eq!(conversation.revision.turns(), 1);
            assert_eq!(conversation.session, first.session);
            assert_eq!(conversation.context, first.context);
            assert_eq!(conversation.temp, first.temp);
            assert_eq!(conversation.expiry, first.expiry);
            let turns = store.newest_turns(&key, 10).await.unwrap();
            let [stored] = &turns[..] else { panic!("{turns:?}") };
            assert_eq!((stored.number, &stored.id), (1, &first.turn_id));
            assert_eq!((stored.received_on, stored.finished_on), (NOW - 5, NOW));
            assert_eq!(stored.event_id, first.event_id);
            assert_eq!(stored.incoming, first.incoming);
            assert_eq!(stored.replies, first.replies);
            assert_eq!(stored.trace, first.trace);
            assert_eq!(stored.previous, None);
        }
    }

    async fn every_message_is_kept_in_order(db: TestDb) {
        let store = db.open().await;
        let key = user("u1");
        let mut ids = Vec::new();
        for n in 0..7 {
            run_turn(&store, &user("another"), NOW + n, |_, _| {}).await.unwrap();
            let bot_speaks_first = n == 3;
            let turn = run_turn(&store, &key, NOW + n, |turn, _| {
                if bot_speaks_first {
                    turn.incoming = None;
                }
            });
            ids.push(turn.await.unwrap().turn_id);
        }
        let newest = store.newest_turns(&key, 4).await.unwrap();
        let older = store.turns_from(newest[3].previous.as_ref().unwrap(), 100).await.unwrap();
        let found: Vec<_> = newest.iter().chain(&older).map(|turn| turn.id.clone()).collect();
        ids.reverse();
        assert_eq!(found, ids);
        let numbers: Vec<_> = newest.iter().chain(&older).map(|turn| turn.number).collect();
        assert_eq!(numbers, [7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(newest[3].incoming, None);
        assert!(newest[2].incoming.is_some());
    }

    async fn what_a_turn_does_not_set_stays_as_stored(db: TestDb) {
        // Without a cache, the database itself must keep it.
        for cache_bytes in [0, 1 << 20] {
            let store = db.open_with(StoreOptions { cache_bytes, ..options() }).await;
            let key = user(&format!("u{cache_bytes}"));
            let first = run_turn(&store, &key, NOW, |turn, _| turn.user = Some(json(&json!({"a": 1}))));
            let first = first.await.unwrap();
            let second = run_turn(&store, &key, NOW + 1, |turn, _| {
                turn.context = None;
                turn.temp = None;
            });
            let second = second.await.unwrap();
            let third = run_turn(&store, &key, NOW + 2, |turn, _| {
                turn.session = None;
                turn.context = None;
                turn.temp = None;
                turn.expiry = None;
            });
            third.await.unwrap();
            let loaded = state(&store, &key, NOW).await;
            assert_eq!(loaded.user, Some(json(&json!({"a": 1}))));
            let conversation = loaded.conversation.unwrap();
            assert_eq!(conversation.revision.turns(), 3);
            assert_eq!(conversation.session, second.session);
            assert_eq!(conversation.context, first.context);
            assert_eq!(conversation.temp, first.temp);
            assert_eq!(conversation.expiry, second.expiry);
            store.close().await;
        }
    }

    async fn attributes_belong_to_the_user_of_one_bot_and_channel(db: TestDb) {
        let store = db.open().await;
        let other_bot = ConversationKey { bot: bot("other-bot"), ..user("u1") };
        let other_channel = ConversationKey { channel: "web".to_owned(), ..user("u1") };
        let other_thread = ConversationKey { thread: Some("t".to_owned()), ..user("u1") };
        run_turn(&store, &user("u1"), NOW, |turn, _| turn.user = Some(json(&json!({"n": 1}))))
            .await
            .unwrap();
        for stranger in [&other_bot, &other_channel] {
            assert_eq!(state(&store, stranger, NOW).await.user, None);
        }
        assert_eq!(state(&store, &other_thread, NOW).await.user, Some(json(&json!({"n": 1}))));
        // Full replacement, seen by both threads although both have it cached.
        run_turn(&store, &other_thread, NOW, |turn, _| turn.user = Some(json(&json!({"m": 2}))))
            .await
            .unwrap();
        assert_eq!(state(&store, &user("u1"), NOW).await.user, Some(json(&json!({"m": 2}))));
    }

    async fn bots_that_talk_to_one_user_at_once_all_succeed(db: TestDb) {
        let store = Arc::new(db.open().await);
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..30 {
            let store = Arc::clone(&store);
            let key = ConversationKey { bot: bot(&format!("bot-{n}")), ..user("u1") };
            let mut record = turn(&key, Revision::default(), NOW);
            record.user = Some(json(&json!({"n": n})));
            tasks.spawn(async move { store.commit(record).await });
        }
        while let Some(ended) = tasks.join_next().await {
            assert_eq!(ended.unwrap(), Ok(()));
        }
        let cached = state(&store, &user("u1"), NOW).await.user;
        store.close().await;
        assert_eq!(state(&db.open().await, &user("u1"), NOW).await.user, cached);
    }

    async fn a_turn_on_an_old_state_is_refused(db: TestDb) {
        let store = db.open().await;
        let key = user("u1");
        let first = run_turn(&store, &key, NOW, |_, _| {}).await.unwrap();
        let stale = turn(&key, Revision::default(), NOW + 1);
        assert_eq!(store.commit(stale).await, Err(CommitError::Conflict));
        let loaded = state(&store, &key, NOW).await;
        assert_eq!(loaded.conversation.as_ref().unwrap().session, first.session);
        assert_eq!(store.newest_turns(&key, 10).await.unwrap().len(), 1);
        // The same turn on the state as it is.
        store.commit(turn(&key, loaded.revision(), NOW + 1)).await.unwrap();
        assert_eq!(store.newest_turns(&key, 10).await.unwrap().len(), 2);
    }

    async fn one_turn_id_is_stored_once(db: TestDb) {
        let store = db.open().await;
        let first = run_turn(&store, &user("u1"), NOW, |_, _| {}).await.unwrap();
        let second = user("u2");
        let again = run_turn(&store, &second, NOW, |turn, _| turn.turn_id.clone_from(&first.turn_id));
        assert!(matches!(again.await, Err(CommitError::Refused(_))));
        assert_eq!(state(&store, &user("u2"), NOW).await.conversation, None);
    }

    async fn a_bad_turn_never_fails_its_neighbours(db: TestDb) {
        let store = Arc::new(db.open().await);
        run_turn(&store, &user("bad"), NOW, |_, _| {}).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..60 {
            let store = Arc::clone(&store);
            let bad = n % 10 == 5;
            let key = if bad { user("bad") } else { user(&format!("u{n}")) };
            tasks.spawn(async move {
                let result = store.commit(turn(&key, Revision::default(), NOW + n)).await;
                (key, bad, result)
            });
        }
        while let Some(ended) = tasks.join_next().await {
            let (key, bad, result) = ended.unwrap();
            assert_eq!(result, if bad { Err(CommitError::Conflict) } else { Ok(()) });
            assert_eq!(store.newest_turns(&key, 10).await.unwrap().len(), 1);
        }
    }

    async fn turns_of_many_users_at_once_are_all_kept(db: TestDb) {
        // A small cache, so that some turns find their state there and some do not.
        let cache_bytes = 40 << 10;
        let store = Arc::new(db.open_with(StoreOptions { cache_bytes, ..options() }).await);
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..40 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                let key = user(&format!("u{n}"));
                let mut before = None;
                for turn in 0..10_i64 {
                    let loaded = state(&store, &key, NOW).await;
                    let session = loaded.conversation.as_ref().and_then(|c| c.session.clone());
                    assert_eq!(session, before, "what was stored last is what is loaded");
                    assert_eq!(loaded.revision().turns(), turn);
                    let done = run_turn(&store, &key, NOW + turn, |turn, _| {
                        turn.user = Some(json(&json!({"turn": turn.turn_id})));
                    });
                    before = done.await.unwrap().session;
                }
                assert!(store.cache_bytes() <= cache_bytes);
                assert_eq!(store.newest_turns(&key, 100).await.unwrap().len(), 10);
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
    }

    async fn a_caller_that_goes_away_loses_nothing(db: TestDb) {
        let store = db.open().await;
        let key = user("u1");
        let record = turn(&key, Revision::default(), NOW);
        {
            let commit = store.commit(record.clone());
            // Polled once, so that it is in the queue, and dropped.
            let polled = tokio::time::timeout(std::time::Duration::ZERO, commit).await;
            assert!(polled.is_err() || polled == Ok(Ok(())));
        }
        store.close().await;
        let store = db.open().await;
        assert_eq!(store.newest_turns(&key, 10).await.unwrap()[0].id, record.turn_id);
    }

    async fn a_full_queue_says_so_at_once(db: TestDb) {
        let options = StoreOptions { queue_turns: 4, batch_turns: 2, ..options() };
        let store = Arc::new(db.open_with(options).await);
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..200 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                let key = user(&format!("u{n}"));
                let result = store.commit(turn(&key, Revision::default(), NOW)).await;
                let stored = store.newest_turns(&key, 10).await;
                (result, stored)
            });
        }
        let mut busy = 0;
        while let Some(ended) = tasks.join_next().await {
            let (result, stored) = ended.unwrap();
            match result {
                Ok(()) => assert_eq!(stored.unwrap().len(), 1),
                Err(CommitError::Busy) => {
                    busy += 1;
                    assert_eq!(stored.unwrap().len(), 0);
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(busy > 0, "two hundred turns at once are too many for a queue of four");
    }

    async fn a_turn_larger_than_the_queue_is_refused(db: TestDb) {
        let store = db.open_with(StoreOptions { queue_bytes: 100_000, ..options() }).await;
        let big = json(&Value::String("x".repeat(100_000)));
        let refused = run_turn(&store, &user("u1"), NOW, |turn, _| turn.trace = big).await;
        assert!(matches!(refused, Err(CommitError::TooLarge { limit: 100_000, .. })));
        run_turn(&store, &user("u1"), NOW, |_, _| {}).await.unwrap();
    }

    async fn a_large_turn_is_stored(db: TestDb) {
        let store = db.open().await;
        let big = json(&Value::String("x\u{10ffff}".repeat(300_000)));
        let key = user("u1");
        let stored = run_turn(&store, &key, NOW, |turn, _| turn.session = Some(big.clone()));
        stored.await.unwrap();
        assert_eq!(state(&store, &user("u1"), NOW).await.conversation.unwrap().session, Some(big));
    }

    async fn keys_that_cannot_be_stored_are_refused(db: TestDb) {
        let store = db.open().await;
        for name in ["a\0b".to_owned(), "x".repeat(600)] {
            let key = user(&name);
            assert!(matches!(store.load(&key, NOW).await, Err(ReadError::Key(_))));
            let refused = store.commit(turn(&key, Revision::default(), NOW)).await;
            assert!(matches!(refused, Err(CommitError::Key(_))));
        }
        let key = user("u1");
        let refused = run_turn(&store, &key, NOW, |turn, _| turn.event_id.push('\0'));
        assert_eq!(refused.await.err(), Some(CommitError::Key(KeyError::Nul { what: "event id" })));
    }

    async fn a_closed_store_stores_what_waits_and_then_nothing(db: TestDb) {
        let store = Arc::new(db.open().await);
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..30 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                store.commit(turn(&user(&format!("u{n}")), Revision::default(), NOW)).await
            });
        }
        tokio::task::yield_now().await;
        store.close().await;
        store.close().await;
        let mut stored = 0;
        while let Some(ended) = tasks.join_next().await {
            match ended.unwrap() {
                Ok(()) => stored += 1,
                Err(error) => assert_eq!(error, CommitError::Closed),
            }
        }
        assert_eq!(run_turn_result(&store).await, Err(CommitError::Closed));
        assert!(store.health().await.is_err());
        assert!(matches!(store.load(&user("never"), NOW).await, Err(ReadError::Closed)));
        let store = db.open().await;
        let mut found = 0;
        for n in 0..30 {
            found += store.newest_turns(&user(&format!("u{n}")), 9).await.unwrap().len();
        }
        assert_eq!(found, stored, "what was acknowledged, no more and no less");
    }

    async fn a_session_may_be_as_old_as_it_likes_between_turns(db: TestDb) {
        let store = db.open().await;
        let key = user("u1");
        run_turn(&store, &key, NOW, |_, _| {}).await.unwrap();
        // Nobody has run the janitor: what is stored counts, as in v12.
        let loaded = state(&store, &key, NOW + 1000 * MINUTE).await;
        assert!(loaded.conversation.unwrap().session.is_some());
    }
}

async fn run_turn_result(store: &parlance_store::Store) -> Result<(), CommitError> {
    store.commit(turn(&user("late"), Revision::default(), NOW)).await
}
