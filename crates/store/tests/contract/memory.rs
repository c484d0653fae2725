//! Bots' memory.

use std::sync::Arc;

use parlance_store::{BOT_SCOPE, MemoryOp, Store, StoreOptions};
use serde_json::{Value, json};

use crate::engines::{MINUTE, NOW, TestDb, bot, contract, json, options, run_turn, state, user};

fn set(bot_name: &str, key: &str, value: &Value) -> MemoryOp {
    MemoryOp::Set { bot: bot(bot_name), key: key.to_owned(), value: json(value), expires_on: None }
}

fn set_field(key: &str, field: &str, value: Value) -> MemoryOp {
    let (bot, key, field) = (bot("welcome-bot"), key.to_owned(), field.to_owned());
    MemoryOp::SetField { bot, key, field, value }
}

async fn get(store: &Store, bot_name: &str, key: &str) -> Option<Value> {
    let value = store.memory_get(&bot(bot_name), key, NOW).await.unwrap();
    value.map(|value| value.read().unwrap())
}

contract! {
    async fn changes_run_in_order_with_their_turn(db: TestDb) {
        let store = db.open().await;
        run_turn(&store, &user("u1"), NOW, |turn, _| {
            turn.memory = vec![
                set("welcome-bot", BOT_SCOPE, &json!("no object")),
                set_field(BOT_SCOPE, "b", json!(1)),
                set_field(BOT_SCOPE, "a", json!({"x": [1, null]})),
                set_field(BOT_SCOPE, "b", json!("two")),
                set("welcome-bot", "gone", &json!(1)),
                MemoryOp::Delete { bot: bot("welcome-bot"), key: "gone".to_owned() },
            ];
        })
        .await
        .unwrap();
        // Seen by another user's next turn, and after a restart.
        let expected = json(&json!({"b": "two", "a": {"x": [1, null]}}));
        assert_eq!(state(&store, &user("u2"), NOW).await.bot.as_ref(), Some(&expected));
        store.close().await;
        let store = db.open().await;
        assert_eq!(state(&store, &user("u2"), NOW).await.bot.as_ref(), Some(&expected));
        assert_eq!(get(&store, "welcome-bot", "gone").await, None);
        let remove = |field: &str| MemoryOp::RemoveField {
            bot: bot("welcome-bot"),
            key: BOT_SCOPE.to_owned(),
            field: field.to_owned(),
        };
        store.memory_apply(vec![remove("b"), remove("never there")], NOW).await.unwrap();
        assert_eq!(get(&store, "welcome-bot", BOT_SCOPE).await, Some(json!({"a": {"x": [1, null]}})));
    }

    async fn a_patch_from_outside_goes_into_the_object_as_it_is_then(db: TestDb) {
        let store = db.open().await;
        let merge = |patch: Value| MemoryOp::Merge {
            bot: bot("welcome-bot"),
            key: BOT_SCOPE.to_owned(),
            patch: patch.as_object().unwrap().clone(),
        };
        let patches = vec![
            set("welcome-bot", BOT_SCOPE, &json!("no object")),
            merge(json!({"a": {"x": 1, "y": null}, "b": 1})),
            set_field(BOT_SCOPE, "c", json!(3)),
            merge(json!({"a": {"z": 2}, "b": null})),
        ];
        store.memory_apply(patches, NOW).await.unwrap();
        let expected = json!({"a": {"x": 1, "z": 2}, "c": 3});
        assert_eq!(get(&store, "welcome-bot", BOT_SCOPE).await, Some(expected.clone()));
        store.close().await;
        let store = db.open().await;
        assert_eq!(get(&store, "welcome-bot", BOT_SCOPE).await, Some(expected));
        let wrong = MemoryOp::Merge {
            bot: bot("welcome-bot"), key: "\0".to_owned(), patch: serde_json::Map::new(),
        };
        assert!(store.memory_apply(vec![wrong], NOW).await.is_err());
    }

    async fn a_turn_that_fails_changes_no_memory(db: TestDb) {
        let store = db.open().await;
        let first = run_turn(&store, &user("u1"), NOW, |_, _| {}).await.unwrap();
        let second = user("u2");
        let failed = run_turn(&store, &second, NOW, |turn, _| {
            turn.turn_id.clone_from(&first.turn_id);
            turn.memory = vec![set("welcome-bot", "key", &json!(1))];
        });
        assert!(failed.await.is_err());
        assert_eq!(get(&store, "welcome-bot", "key").await, None);
    }

    async fn users_that_write_at_once_lose_no_field(db: TestDb) {
        let store = Arc::new(db.open().await);
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..30 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                run_turn(&store, &user(&format!("u{n}")), NOW, |turn, _| {
                    turn.memory = vec![set_field(BOT_SCOPE, &format!("f{n}"), json!(n))];
                })
                .await
                .unwrap();
                // What its own turn wrote is there when its turn is done.
                let seen = get(&store, "welcome-bot", BOT_SCOPE).await.unwrap();
                assert_eq!(seen[format!("f{n}")], json!(n));
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
        let all = get(&store, "welcome-bot", BOT_SCOPE).await.unwrap();
        assert_eq!(all.as_object().unwrap().len(), 30);
    }

    async fn a_value_ends_at_its_time(db: TestDb) {
        for cache_bytes in [0, 1 << 20] {
            let store = db.open_with(StoreOptions { cache_bytes, ..options() }).await;
            let key = BOT_SCOPE.to_owned();
            let value = json(&json!({"a": 1}));
            let expires_on = Some(NOW + MINUTE);
            let set = MemoryOp::Set { bot: bot("welcome-bot"), key, value: value.clone(), expires_on };
            store.memory_apply(vec![set], NOW).await.unwrap();
            let at = async |now| store.memory_get(&bot("welcome-bot"), BOT_SCOPE, now).await.unwrap();
            assert_eq!(at(NOW + MINUTE - 1).await, Some(value));
            assert_eq!(at(NOW + MINUTE).await, None);
            assert_eq!(state(&store, &user("u1"), NOW + MINUTE).await.bot, None);
            // A field set before the end keeps the end; one set after it starts anew.
            let field = || vec![set_field(BOT_SCOPE, "b", json!(2))];
            store.memory_apply(field(), NOW).await.unwrap();
            assert_eq!(at(NOW).await, Some(json(&json!({"a": 1, "b": 2}))));
            assert_eq!(at(NOW + MINUTE).await, None);
            store.memory_apply(field(), NOW + MINUTE).await.unwrap();
            assert_eq!(at(NOW + MINUTE).await, Some(json(&json!({"b": 2}))));
            store.close().await;
        }
    }

    async fn keys_of_a_bot_are_deleted_by_their_start(db: TestDb) {
        let store = db.open().await;
        let ops = [
            ("welcome-bot", "storage/global/a%_é"),
            ("welcome-bot", "storage/global/a%_éb"),
            ("welcome-bot", "storage/global/A%_é"),
            ("welcome-bot", "storage/global/axxé"),
            ("other-bot", "storage/global/a%_é"),
        ];
        let ops = ops.map(|(bot, key)| set(bot, key, &json!(key))).to_vec();
        store.memory_apply(ops, NOW).await.unwrap();
        // Cached before, so that the cache has to learn of it.
        assert!(get(&store, "welcome-bot", "storage/global/a%_é").await.is_some());
        let prefix = "storage/global/a%_é".to_owned();
        let delete = MemoryOp::DeletePrefix { bot: bot("welcome-bot"), prefix };
        store.memory_apply(vec![delete], NOW).await.unwrap();
        assert_eq!(get(&store, "welcome-bot", "storage/global/a%_é").await, None);
        assert_eq!(get(&store, "welcome-bot", "storage/global/a%_éb").await, None);
        assert!(get(&store, "other-bot", "storage/global/a%_é").await.is_some());
        assert!(get(&store, "welcome-bot", "storage/global/A%_é").await.is_some());
        assert!(get(&store, "welcome-bot", "storage/global/axxé").await.is_some());
    }
}
