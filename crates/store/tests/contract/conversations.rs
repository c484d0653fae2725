//! Lists of conversations, and what is kept of one chat user.

use parlance_core::ids::ConversationKey;
use parlance_store::{
    CommitError, ConversationFilter, ConversationSummary, MemoryPatch, Retention, Revision, Store,
};
use serde_json::json;

use crate::engines::{MINUTE, NOW, TestDb, bot, contract, json, run_turn, state, user};

/// All conversations of `welcome-bot` that pass, read in pages of two; ids without the bot's name.
async fn list(store: &Store, filter: ConversationFilter) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let bot = bot("welcome-bot");
        let page = store.conversations(&bot, &filter, after.as_ref(), 2).await.unwrap();
        assert!(page.conversations.len() <= 2);
        found.extend(page.conversations.into_iter().map(|found| found.id));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    found.into_iter().map(|id| id.replace("welcome-bot::", "")).collect()
}

fn on(channel: &str, name: &str) -> ConversationKey {
    ConversationKey { channel: channel.to_owned(), ..user(name) }
}

contract! {
    async fn a_list_goes_by_the_newest_session(db: TestDb) {
        let store = db.open().await;
        for (n, name) in (0..).zip(["u1", "u2", "u3"]) {
            run_turn(&store, &user(name), NOW + n, |_, _| {}).await.unwrap();
        }
        let another_bot = ConversationKey { bot: bot("other-bot"), ..user("u9") };
        run_turn(&store, &another_bot, NOW, |_, _| {}).await.unwrap();
        let all = async || list(&store, ConversationFilter::default()).await;
        assert_eq!(all().await, ["api::u3", "api::u2", "api::u1"]);
        // Another turn of a session changes nothing, the first one of the next session does.
        run_turn(&store, &user("u2"), NOW + MINUTE, |_, _| {}).await.unwrap();
        assert_eq!(all().await, ["api::u3", "api::u2", "api::u1"]);
        store.expire_sessions(NOW + 40 * MINUTE).await.unwrap();
        run_turn(&store, &user("u1"), NOW + 50 * MINUTE, |_, _| {}).await.unwrap();
        assert_eq!(all().await, ["api::u1", "api::u3", "api::u2"]);
        // A session that is cut short is no new one.
        run_turn(&store, &user("u1"), NOW + 51 * MINUTE, |turn, _| {
            let soon = NOW + 52 * MINUTE;
            turn.expiry = Some(parlance_store::Expiry { context: soon, session: soon });
        })
        .await
        .unwrap();
        let found = store.conversation("welcome-bot::api::u1").await.unwrap().unwrap();
        let expected = ConversationSummary {
            id: "welcome-bot::api::u1".to_owned(),
            bot: "welcome-bot".to_owned(),
            channel: "api".to_owned(),
            user: "u1".to_owned(),
            thread: None,
            created_on: NOW - 5,
            session_on: NOW + 50 * MINUTE - 5,
            last_seen_on: NOW + 51 * MINUTE,
            session_expiry: Some(NOW + 52 * MINUTE),
            turns: 3,
        };
        assert_eq!(found, expected);
        assert_eq!(found.key(), Some(user("u1")));
        assert_eq!(store.conversation("welcome-bot::api::u").await.unwrap(), None);
        assert_eq!(store.conversation("\0").await.unwrap(), None);
    }

    async fn a_list_can_be_of_one_user_or_channel(db: TestDb) {
        let store = db.open().await;
        let thread = ConversationKey { thread: Some("t".to_owned()), ..on("web", "u1") };
        let keys = [on("api", "u1"), on("web", "u1"), on("web", "u2"), thread];
        for (n, key) in (0..).zip(&keys) {
            run_turn(&store, key, NOW + n, |_, _| {}).await.unwrap();
        }
        let filter = |user: Option<&str>, channel: Option<&str>| ConversationFilter {
            user: user.map(str::to_owned),
            channel: channel.map(str::to_owned),
        };
        let of_user = list(&store, filter(Some("u1"), None)).await;
        assert_eq!(of_user, ["web::u1::t", "web::u1", "api::u1"]);
        let on_web = list(&store, filter(None, Some("web"))).await;
        assert_eq!(on_web, ["web::u1::t", "web::u2", "web::u1"]);
        assert_eq!(list(&store, filter(Some("u1"), Some("api"))).await, ["api::u1"]);
        assert!(list(&store, filter(Some("u2"), Some("api"))).await.is_empty());
        assert!(list(&store, filter(Some("\0"), None)).await.is_empty());
    }

    async fn conversations_that_began_at_once_are_all_listed(db: TestDb) {
        let store = db.open().await;
        let mut expected = Vec::new();
        for n in 0..5 {
            run_turn(&store, &user(&format!("u{n}")), NOW, |_, _| {}).await.unwrap();
            expected.insert(0, format!("api::u{n}"));
        }
        assert_eq!(list(&store, ConversationFilter::default()).await, expected);
    }

    async fn a_filter_that_nothing_passes_comes_to_its_end(db: TestDb) {
        let store = std::sync::Arc::new(db.open().await);
        let mut tasks = tokio::task::JoinSet::new();
        // More than one list looks at.
        for worker in 0..20 {
            let store = std::sync::Arc::clone(&store);
            tasks.spawn(async move {
                for n in 0..252 {
                    let key = user(&format!("u{worker}-{n}"));
                    run_turn(&store, &key, NOW + n, |_, _| {}).await.unwrap();
                }
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
        run_turn(&store, &on("web", "oldest"), NOW - 1, |_, _| {}).await.unwrap();
        let bot = bot("welcome-bot");
        let filter = ConversationFilter { channel: Some("web".to_owned()), user: None };
        let first = store.conversations(&bot, &filter, None, 10).await.unwrap();
        assert!(first.conversations.is_empty());
        let second = store.conversations(&bot, &filter, first.next.as_ref(), 10).await.unwrap();
        assert_eq!(second.conversations[0].user, "oldest");
        assert_eq!(second.next, None);
    }

    async fn all_of_a_user_can_be_read_in_pages(db: TestDb) {
        let store = db.open().await;
        assert_eq!(store.user_data(&bot("welcome-bot"), "api", "u1").await.unwrap(), None);
        let other_bot = ConversationKey { bot: bot("other-bot"), ..user("u1") };
        let attributes = json(&json!({"email": "a@b"}));
        let retention = Retention { path: "email".to_owned(), expires_on: NOW + MINUTE };
        for key in [&user("u1"), &other_bot, &on("web", "u1"), &user("u2")] {
            run_turn(&store, key, NOW, |turn, _| {
                turn.user = Some(attributes.clone());
                turn.retention = vec![retention.clone()];
            })
            .await
            .unwrap();
        }
        let data = store.user_data(&bot("welcome-bot"), "api", "u1").await.unwrap().unwrap();
        assert_eq!((data.attributes, data.retention), (attributes, vec![retention]));
        assert_eq!((data.created_on, data.modified_on), (NOW - 5, NOW));
        let first = store.conversations_of("api", "u1", None, 1).await.unwrap();
        let second = store.conversations_of("api", "u1", Some(&first[0].id), 10).await.unwrap();
        let keys: Vec<_> = first.iter().chain(&second).filter_map(ConversationSummary::key).collect();
        assert_eq!(keys, [other_bot, user("u1")]);
    }

    async fn memory_can_be_set_between_turns(db: TestDb) {
        for cache_bytes in [0, 1 << 20] {
            let store = db.open_with(parlance_store::StoreOptions {
                cache_bytes,
                ..crate::engines::options()
            })
            .await;
            let key = user(&format!("u{cache_bytes}"));
            let turn = run_turn(&store, &key, NOW, |_, _| {}).await.unwrap();
            let before = state(&store, &key, NOW).await.revision();
            let patch = MemoryPatch {
                temp: Some(json(&json!({"asked": true}))),
                user: Some(json(&json!({"name": "Ann"}))),
                ..MemoryPatch::default()
            };
            store.patch_memory(&key, before.clone(), patch.clone(), NOW + 1).await.unwrap();
            let loaded = state(&store, &key, NOW).await;
            assert_eq!(loaded.user, patch.user);
            let conversation = loaded.conversation.as_ref().unwrap();
            assert_eq!((&conversation.temp, &conversation.context), (&patch.temp, &turn.context));
            assert_eq!(conversation.revision.turns(), 1);
            // A turn, or a second operator, that began before it has to look again.
            let late = crate::engines::turn(&key, before.clone(), NOW + 2);
            assert_eq!(store.commit(late).await, Err(CommitError::Conflict));
            let late = store.patch_memory(&key, before, patch, NOW + 2).await;
            assert_eq!(late, Err(CommitError::Conflict));
            run_turn(&store, &key, NOW + 3, |_, _| {}).await.unwrap();
            store.close().await;
        }
    }

    async fn attributes_that_were_set_are_forgotten_when_their_time_has_come(db: TestDb) {
        let store = db.open().await;
        let date = Retention { path: "name".to_owned(), expires_on: NOW + MINUTE };
        let patch = MemoryPatch {
            user: Some(json(&json!({"name": "Ann", "town": "Paris"}))),
            retention: vec![date.clone()],
            ..MemoryPatch::default()
        };
        store.patch_memory(&user("u1"), Revision::default(), patch, NOW).await.unwrap();
        let kept = store.user_data(&bot("welcome-bot"), "api", "u1").await.unwrap().unwrap();
        assert_eq!(kept.retention, [date]);
        store.forget_attributes(NOW + MINUTE).await.unwrap();
        let left = Some(json(&json!({"town": "Paris"})));
        assert_eq!(state(&store, &user("u1"), NOW + MINUTE).await.user, left);
    }

    async fn turns_are_read_from_one_of_the_same_conversation_alone(db: TestDb) {
        let store = db.open().await;
        let mut ids = Vec::new();
        for n in 0..3 {
            ids.push(run_turn(&store, &user("u1"), NOW + n, |_, _| {}).await.unwrap().turn_id);
        }
        let from = async |conversation: &str, id: &str, limit| -> Vec<String> {
            let found = store.turns_of(conversation, id, limit).await.unwrap();
            found.into_iter().map(|turn| turn.id).collect()
        };
        let own = "welcome-bot::api::u1";
        assert_eq!(from(own, &ids[1], 9).await, [ids[1].clone(), ids[0].clone()]);
        assert_eq!(from(own, &ids[2], 1).await, [ids[2].clone()]);
        assert_eq!(from("welcome-bot::api::u2", &ids[1], 9).await, [""; 0]);
        assert_eq!(from(own, "unknown", 9).await, [""; 0]);
        assert!(store.turns_of(own, "\0", 9).await.is_err());
    }

    async fn a_revisions_tag_is_never_seen_again(db: TestDb) {
        let store = db.open().await;
        let key = user("u1");
        let mut tags = std::collections::BTreeSet::new();
        for n in 0..6 {
            if n == 3 {
                store.erase_user(None, "api", "u1").await.unwrap();
            }
            run_turn(&store, &key, NOW + n, |_, _| {}).await.unwrap();
            assert!(tags.insert(state(&store, &key, NOW + n).await.revision().tag()));
            let patch = MemoryPatch { temp: Some(json(&json!({}))), ..MemoryPatch::default() };
            let revision = state(&store, &key, NOW + n).await.revision();
            store.patch_memory(&key, revision, patch, NOW + n).await.unwrap();
            assert!(tags.insert(state(&store, &key, NOW + n).await.revision().tag()));
        }
    }

    async fn only_a_session_that_lives_has_memory_to_set(db: TestDb) {
        let store = db.open().await;
        let session = MemoryPatch { session: Some(json(&json!({}))), ..MemoryPatch::default() };
        let key = user("u1");
        let unknown = store.patch_memory(&key, Revision::default(), session.clone(), NOW);
        assert_eq!(unknown.await, Err(CommitError::Conflict));
        run_turn(&store, &key, NOW, |_, _| {}).await.unwrap();
        store.expire_sessions(NOW + 30 * MINUTE).await.unwrap();
        let revision = state(&store, &user("u1"), NOW).await.revision();
        let ended = store.patch_memory(&user("u1"), revision.clone(), session, NOW).await;
        assert_eq!(ended, Err(CommitError::Conflict));
        let attributes = MemoryPatch { user: Some(json(&json!({"a": 1}))), ..MemoryPatch::default() };
        store.patch_memory(&user("u1"), revision, attributes.clone(), NOW).await.unwrap();
        store.patch_memory(&user("u2"), Revision::default(), attributes.clone(), NOW).await.unwrap();
        for name in ["u1", "u2"] {
            assert_eq!(state(&store, &user(name), NOW).await.user, attributes.user);
        }
    }
}
