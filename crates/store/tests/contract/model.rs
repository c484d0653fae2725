//! Random histories against a model in memory: whatever is cached, what is loaded is what was stored.

use std::collections::BTreeMap;

use parlance_core::ids::ConversationKey;
use parlance_store::{
    CommitError, Expiry, Json, MemoryOp, MemoryPatch, Revision, Store, StoreOptions,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use crate::engines::{MINUTE, NOW, TestDb, bot, json, options, turn, user};

const BOTS: [&str; 2] = ["welcome-bot", "other-bot"];

/// One step of a history. Numbers name users and bots.
#[derive(Debug, Clone)]
enum Step {
    /// A turn: whether the state, the context and temp, the attributes are written, and whether it
    /// works on an old state.
    Turn { user: u8, bot: u8, state: bool, context: bool, attributes: bool, stale: bool },
    /// A field of a bot's memory.
    Field { bot: u8, field: u8 },
    /// All memory of a bot.
    Forget { bot: u8 },
    /// Memory set from outside: temp and attributes.
    Patch { user: u8, bot: u8 },
    /// A user is forgotten, by one bot or by all.
    Erase { user: u8, bot: Option<u8> },
    /// Time goes on, and the janitor runs.
    Wait { minutes: u8 },
    /// The server is restarted.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let turn = (0..4_u8, 0..2_u8, any::<bool>(), any::<bool>(), any::<bool>(), 0..8_u8).prop_map(
        |(user, bot, state, context, attributes, stale)| Step::Turn {
            user,
            bot,
            state,
            context,
            attributes,
            stale: stale == 0,
        },
    );
    prop_oneof![
        12 => turn,
        3 => (0..2_u8, 0..3_u8).prop_map(|(bot, field)| Step::Field { bot, field }),
        1 => (0..2_u8).prop_map(|bot| Step::Forget { bot }),
        2 => (0..4_u8, 0..2_u8).prop_map(|(user, bot)| Step::Patch { user, bot }),
        1 => (0..4_u8, proptest::option::of(0..2_u8))
            .prop_map(|(user, bot)| Step::Erase { user, bot }),
        3 => (1..40_u8).prop_map(|minutes| Step::Wait { minutes }),
        1 => Just(Step::Restart),
    ]
}

#[derive(Debug, Default, Clone)]
struct Conversation {
    session: Option<Json>,
    context: Option<Json>,
    temp: Option<Json>,
    expiry: Option<Expiry>,
    seen_on: i64,
    turns: Vec<String>,
    /// What the last but one load has said.
    old: Revision,
}

#[derive(Debug, Default)]
struct Model {
    conversations: BTreeMap<(u8, u8), Conversation>,
    attributes: BTreeMap<(u8, u8), Json>,
    memory: BTreeMap<u8, Map<String, Value>>,
    now: i64,
}

fn key(user_number: u8, bot_number: u8) -> ConversationKey {
    let bot = bot(BOTS[usize::from(bot_number)]);
    ConversationKey { bot, ..user(&format!("u{user_number}")) }
}

impl Model {
    async fn run(&mut self, store: &Store, step: &Step) {
        match *step {
            Step::Turn { user, bot, state, context, attributes, stale } => {
                self.turn(store, (user, bot), [state, context, attributes, stale]).await;
            }
            Step::Field { bot: number, field } => {
                let op = MemoryOp::SetField {
                    bot: bot(BOTS[usize::from(number)]),
                    key: "global".to_owned(),
                    field: format!("f{field}"),
                    value: json!(self.now),
                };
                store.memory_apply(vec![op], self.now).await.unwrap();
                self.memory.entry(number).or_default().insert(format!("f{field}"), json!(self.now));
            }
            Step::Forget { bot: number } => {
                let (bot, prefix) = (bot(BOTS[usize::from(number)]), "glo".to_owned());
                let op = MemoryOp::DeletePrefix { bot, prefix };
                store.memory_apply(vec![op], self.now).await.unwrap();
                self.memory.remove(&number);
            }
            Step::Patch { user, bot } => self.patch(store, (user, bot)).await,
            Step::Erase { user, bot } => self.erase(store, user, bot).await,
            Step::Wait { minutes } => self.wait(store, minutes).await,
            Step::Restart => {
                for conversation in self.conversations.values_mut() {
                    conversation.old = Revision::default();
                }
            }
        }
    }

    async fn turn(
        &mut self,
        store: &Store,
        (user, bot): (u8, u8),
        [state, context, attributes, outdated]: [bool; 4],
    ) {
        self.now += 1;
        let now = self.now;
        let key = key(user, bot);
        let fresh = store.load(&key, now).await.unwrap().revision();
        let conversation = self.conversations.entry((user, bot)).or_default();
        let outdated = outdated && conversation.old != fresh;
        let revision = if outdated { conversation.old.clone() } else { fresh.clone() };
        let mut record = turn(&key, revision, now);
        let before = conversation.clone();
        conversation.old = fresh;
        if !(state && context) {
            record.context = None;
            record.temp = None;
        }
        if !state {
            record.session = None;
            record.expiry = None;
        }
        record.user = attributes.then(|| json(&json!({"now": now})));
        let result = store.commit(record.clone()).await;
        if outdated {
            assert_eq!(result, Err(CommitError::Conflict));
            return;
        }
        assert_eq!(result, Ok(()));
        conversation.session = record.session.or(before.session);
        conversation.context = record.context.or(before.context);
        conversation.temp = record.temp.or(before.temp);
        conversation.expiry = record.expiry.or(before.expiry);
        conversation.seen_on = now;
        conversation.turns.push(record.turn_id);
        if let Some(attributes) = record.user {
            self.attributes.insert((user, bot), attributes);
        }
    }

    async fn patch(&mut self, store: &Store, (user, bot): (u8, u8)) {
        let key = key(user, bot);
        let loaded = store.load(&key, self.now).await.unwrap();
        let lives = loaded.conversation.as_ref().is_some_and(|found| found.expiry.is_some());
        let value = json(&json!({"patched": self.now}));
        let temp = lives.then(|| value.clone());
        let patch =
            MemoryPatch { temp: temp.clone(), user: Some(value.clone()), ..MemoryPatch::default() };
        store.patch_memory(&key, loaded.revision(), patch, self.now).await.unwrap();
        self.attributes.insert((user, bot), value);
        if temp.is_some() {
            self.conversations.entry((user, bot)).or_default().temp = temp;
        }
    }

    async fn erase(&mut self, store: &Store, user: u8, by: Option<u8>) {
        let bots = by.map_or(vec![0, 1], |number| vec![number]);
        let forgotten = bots.iter().filter_map(|bot| {
            let conversation = self.conversations.get_mut(&(user, *bot))?;
            // What was loaded before may still be tried.
            let old = conversation.old.clone();
            let erased = std::mem::take(conversation);
            conversation.old = old;
            (!erased.turns.is_empty()).then_some(erased.turns.len())
        });
        let forgotten: Vec<usize> = forgotten.collect();
        let attributes =
            bots.iter().filter(|bot| self.attributes.remove(&(user, **bot)).is_some()).count();
        let by = by.map(|number| bot(BOTS[usize::from(number)]));
        let counts = store.erase_user(by.as_ref(), "api", &format!("u{user}")).await.unwrap();
        assert_eq!(counts.conversations, forgotten.len() as u64);
        assert_eq!(counts.turns, forgotten.iter().sum::<usize>() as u64);
        assert_eq!(counts.attributes, attributes > 0);
    }

    async fn wait(&mut self, store: &Store, minutes: u8) {
        self.now += i64::from(minutes) * MINUTE;
        let now = self.now;
        let mut ended = 0;
        for conversation in self.conversations.values_mut() {
            if conversation.expiry.is_some_and(|expiry| expiry.session <= now) {
                ended += 1;
                let Conversation { seen_on, turns, old, .. } = std::mem::take(conversation);
                *conversation = Conversation { seen_on, turns, old, ..Conversation::default() };
            }
        }
        assert_eq!(store.expire_sessions(now).await.unwrap(), ended);
        let mut due: Vec<_> = self
            .conversations
            .iter()
            .filter(|(_, c)| c.context.is_some() && c.expiry.is_some_and(|e| e.context <= now))
            .map(|((user, bot), c)| (c.seen_on, key(*user, *bot)))
            .collect();
        due.sort_by_key(|(seen_on, _)| *seen_on);
        let expected: Vec<_> = due.into_iter().map(|(_, key)| key).collect();
        assert_eq!(store.due_timeouts(now, 250).await.unwrap(), expected);
    }

    /// Everything that can be read is as the model has it.
    async fn check(&self, store: &Store) {
        for user in 0..4 {
            for bot in 0..2 {
                let key = key(user, bot);
                let loaded = store.load(&key, self.now).await.unwrap();
                assert_eq!(loaded.user.as_ref(), self.attributes.get(&(user, bot)));
                let memory = self.memory.get(&bot).cloned().map(Value::Object);
                assert_eq!(loaded.bot, memory.as_ref().map(Json::from));
                let Some(expected) = self.conversations.get(&(user, bot)) else {
                    assert_eq!(loaded.conversation, None);
                    continue;
                };
                if expected.turns.is_empty() {
                    assert_eq!(loaded.conversation, None);
                    continue;
                }
                let found = loaded.conversation.unwrap();
                assert_eq!(found.session, expected.session);
                assert_eq!(found.context, expected.context);
                assert_eq!(found.temp, expected.temp);
                assert_eq!(found.expiry, expected.expiry);
                let turns = store.newest_turns(&key, 1000).await.unwrap();
                let turns: Vec<_> = turns.into_iter().rev().map(|turn| turn.id).collect();
                assert_eq!(turns, expected.turns);
            }
        }
    }
}

async fn history(db: &TestDb, cache_bytes: usize, steps: &[Step]) {
    let options = StoreOptions { cache_bytes, ..options() };
    let mut store = db.open_with(options.clone()).await;
    let mut model = Model { now: NOW, ..Model::default() };
    for step in steps {
        model.run(&store, step).await;
        if let Step::Restart = step {
            store.close().await;
            store = db.open_with(options.clone()).await;
        }
        model.check(&store).await;
    }
    store.close().await;
}

/// Runs `cases` histories; `fresh` makes a database, or `None` to leave it.
fn check_histories(cases: u32, fresh: impl AsyncFn() -> Option<TestDb>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    // Nothing cached, hardly anything, everything.
    let cache = prop_oneof![Just(0_usize), Just(4_000), Just(1 << 20)];
    let histories = (cache, proptest::collection::vec(step(), 1..40));
    runner
        .run(&histories, |(cache_bytes, steps)| {
            runtime.block_on(async {
                if let Some(db) = fresh().await {
                    history(&db, cache_bytes, &steps).await;
                }
            });
            Ok(())
        })
        .unwrap();
}

#[test]
fn sqlite_holds_what_the_model_holds() {
    check_histories(32, async || Some(TestDb::sqlite()));
}

#[test]
fn postgres_holds_what_the_model_holds() {
    check_histories(12, TestDb::postgres);
}
