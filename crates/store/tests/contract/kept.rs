//! What is kept for a time: idempotency keys, and attributes that must be forgotten.

use parlance_core::ids::ConversationKey;
use parlance_store::{CommitError, IDEMPOTENCY_KEPT_MS, Idempotency, Retention, Store};
use serde_json::json;

use crate::engines::{MINUTE, NOW, TestDb, bot, contract, json, run_turn, state, user};

fn idempotency(key: &str) -> Idempotency {
    Idempotency { key: key.to_owned(), fingerprint: format!("fingerprint of {key}") }
}

async fn attributes(store: &Store, name: &str) -> Option<serde_json::Value> {
    state(store, &user(name), NOW).await.user.map(|attributes| attributes.read().unwrap())
}

contract! {
    async fn the_keys_of_one_user_are_listed_in_pages(db: TestDb) {
        let store = db.open().await;
        for (name, key) in [("u1", "b"), ("u1", "a"), ("u2", "c")] {
            run_turn(&store, &user(name), NOW, |turn, _| {
                turn.idempotency = Some(idempotency(key));
            })
            .await
            .unwrap();
        }
        let bot = bot("welcome-bot");
        let keys = async |after: &str| -> Vec<String> {
            let page = store.idempotency_keys(&bot, "api", "u1", after, 1).await.unwrap();
            page.into_iter().map(|(key, _)| key).collect()
        };
        assert_eq!((keys("").await, keys("a").await), (vec!["a".to_owned()], vec!["b".to_owned()]));
        assert_eq!(keys("b").await, [""; 0]);
    }

    async fn a_key_that_was_used_finds_its_answer(db: TestDb) {
        let store = db.open().await;
        let key = user("u1");
        assert_eq!(store.find_repeat(&key, "k1", NOW).await.unwrap(), None);
        let first = run_turn(&store, &key, NOW, |turn, _| turn.idempotency = Some(idempotency("k1")));
        let first = first.await.unwrap();
        run_turn(&store, &key, NOW + 1, |_, _| {}).await.unwrap();
        let repeat = store.find_repeat(&key, "k1", NOW + MINUTE).await.unwrap().unwrap();
        assert_eq!(repeat.turn_id, first.turn_id);
        assert_eq!(repeat.replies, first.replies);
        assert_eq!(repeat.trace, first.trace);
        assert_eq!(repeat.fingerprint, "fingerprint of k1");
        // It is the caller's own: other users, bots and channels have theirs.
        let others = [
            user("u2"),
            ConversationKey { bot: bot("other-bot"), ..user("u1") },
            ConversationKey { channel: "web".to_owned(), ..user("u1") },
        ];
        for other in others {
            assert_eq!(store.find_repeat(&other, "k1", NOW).await.unwrap(), None);
            run_turn(&store, &other, NOW, |turn, _| turn.idempotency = Some(idempotency("k1")))
                .await
                .unwrap();
        }
    }

    async fn a_key_is_used_once_a_day(db: TestDb) {
        let store = db.open().await;
        let key = user("u1");
        let turn_at = async |now| {
            run_turn(&store, &key, now, |turn, _| turn.idempotency = Some(idempotency("k1"))).await
        };
        turn_at(NOW).await.unwrap();
        let day = NOW + IDEMPOTENCY_KEPT_MS;
        assert_eq!(turn_at(day - 1).await.err(), Some(CommitError::Repeated));
        assert!(store.find_repeat(&key, "k1", day - 1).await.unwrap().is_some());
        assert_eq!(store.newest_turns(&key, 10).await.unwrap().len(), 1, "refused means not stored");
        assert_eq!(store.find_repeat(&key, "k1", day).await.unwrap(), None);
        let second = turn_at(day).await.unwrap();
        let repeat = store.find_repeat(&key, "k1", day + 1).await.unwrap().unwrap();
        assert_eq!(repeat.turn_id, second.turn_id);
    }

    async fn two_requests_with_one_key_at_once_are_one_turn(db: TestDb) {
        let store = std::sync::Arc::new(db.open().await);
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..20 {
            let store = std::sync::Arc::clone(&store);
            // Threads of one user, so that their states do not conflict.
            let key = ConversationKey { thread: Some(n.to_string()), ..user("u1") };
            tasks.spawn(async move {
                run_turn(&store, &key, NOW, |turn, _| turn.idempotency = Some(idempotency("k1"))).await.err()
            });
        }
        let mut stored = 0;
        while let Some(ended) = tasks.join_next().await {
            match ended.unwrap() {
                None => stored += 1,
                Some(error) => assert_eq!(error, CommitError::Repeated),
            }
        }
        assert_eq!(stored, 1);
    }

    async fn old_keys_are_purged(db: TestDb) {
        let store = db.open().await;
        for n in 0..5 {
            let key = format!("k{n}");
            run_turn(&store, &user("u1"), NOW + n, |turn, _| turn.idempotency = Some(idempotency(&key)))
                .await
                .unwrap();
        }
        assert_eq!(store.purge_idempotency(NOW + 3).await.unwrap(), 3);
        assert_eq!(store.find_repeat(&user("u1"), "k2", NOW).await.unwrap(), None);
        assert!(store.find_repeat(&user("u1"), "k3", NOW).await.unwrap().is_some());
        assert_eq!(store.newest_turns(&user("u1"), 10).await.unwrap().len(), 5);
    }

    async fn attributes_are_forgotten_at_their_time(db: TestDb) {
        let store = db.open().await;
        let forget = |path: &str, minutes: i64| Retention {
            path: path.to_owned(),
            expires_on: NOW + minutes * MINUTE,
        };
        let all = json!({"email": "a@b", "profile": {"phone": 1, "name": "x"}, "n": 1});
        run_turn(&store, &user("u1"), NOW, |turn, _| {
            turn.user = Some(json(&all));
            turn.retention = vec![forget("email", 1), forget("profile.phone", 1), forget("n", 9)];
        })
        .await
        .unwrap();
        // A later date replaces the earlier one.
        run_turn(&store, &user("u1"), NOW, |turn, _| turn.retention = vec![forget("n", 20)])
            .await
            .unwrap();
        assert_eq!(store.forget_attributes(NOW + MINUTE - 1).await.unwrap(), 0);
        assert_eq!(attributes(&store, "u1").await, Some(all));
        assert_eq!(store.forget_attributes(NOW + MINUTE).await.unwrap(), 2);
        let left = json!({"profile": {"name": "x"}, "n": 1});
        assert_eq!(attributes(&store, "u1").await, Some(left.clone()));
        // A turn that was under way writes one back; it does not stay.
        let back = json!({"email": "a@b", "profile": {"name": "x"}, "n": 1});
        run_turn(&store, &user("u1"), NOW + MINUTE, |turn, _| turn.user = Some(json(&back)))
            .await
            .unwrap();
        store.forget_attributes(NOW + 12 * MINUTE).await.unwrap();
        assert_eq!(attributes(&store, "u1").await, Some(left));
        store.forget_attributes(NOW + 60 * MINUTE).await.unwrap();
        assert_eq!(attributes(&store, "u1").await, Some(json!({"profile": {"name": "x"}})));
        store.forget_attributes(NOW + 90 * MINUTE).await.unwrap();
        assert_eq!(store.forget_attributes(NOW + 1000 * MINUTE).await.unwrap(), 0, "nothing is left to do");
    }
}
