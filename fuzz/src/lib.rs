//! What the fuzz targets share: a bot made of hostile files, and a talk with it.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use parlance_core::bot::{Bot, BotFiles, Provided, load};
use parlance_core::content::PayloadFormat;
use parlance_core::dialog::{
    DecisionRules, Effect, EffectAnswer, Moment, NewEvent, Settings, State, Step, Turn,
};
use parlance_core::ids::{BotId, ConversationKey};
use parlance_core::scope::Scope;
use serde_json::{Map, Value, json};

/// More effects than any turn may ask for.
const MAX_EFFECTS: usize = 10_000;

/// A bot with these bytes as its main flow and its texts.
pub fn bot(main_flow: &[u8], texts: &[u8]) -> Option<Bot> {
    let mut files = BotFiles::default();
    let config = json!({
        "id": "fuzz", "name": "fuzz", "version": "12.31.10",
        "defaultLanguage": "en", "languages": ["en"],
    });
    files.insert("bot.config.json", config.to_string().into_bytes());
    files.insert("flows/main.flow.json", main_flow.to_vec());
    files.insert("content-elements/builtin_text.json", texts.to_vec());
    let shared = BotFiles::default();
    let native = |name: &str| name.starts_with("builtin/");
    let id = BotId::parse("fuzz")?;
    load(&id, &files, Provided { native_action: &native, shared: &shared }).bot
}

/// The bytes, packed.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail.
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Sends the texts one after the other; whatever happens, each turn must end.
pub fn talk(bot: &Bot, texts: &[&str]) {
    let mut state = State::new();
    let key = ConversationKey::api(bot.id.clone(), "user");
    for text in texts {
        let mut payload = Map::new();
        payload.insert("type".to_owned(), json!("text"));
        payload.insert("text".to_owned(), json!(text));
        let received = Moment::from_millis(1_700_000_000_000);
        let event = NewEvent {
            id: "1",
            key: &key,
            direction: "incoming",
            payload,
            included_contexts: &[],
            credentials: None,
            received: &received,
        };
        let settings = Settings {
            format: PayloadFormat::Auto,
            external_url: "http://127.0.0.1:3000",
            rules: DecisionRules::default(),
        };
        let mut turn = Turn::new(bot, settings, state, event);
        let mut answer = None;
        let mut effects = 0;
        while let Step::Effect(effect) = turn.advance(answer.take(), received.clone(), &mut |_| 0) {
            effects += 1;
            assert!(effects < MAX_EFFECTS, "the turn does not end");
            answer = Some(match effect {
                Effect::Wait(_) => EffectAnswer::Done,
                Effect::Recall { .. } => EffectAnswer::Recalled(None),
                Effect::KeepFile { .. } => EffectAnswer::Kept("/api/v1/bots/b/media/a".to_owned()),
                Effect::RunAction { .. } => EffectAnswer::Failed("none here".to_owned()),
                Effect::Evaluate { .. } => EffectAnswer::Holds(false),
            });
        }
        state = turn.finish().state;
        state.stacktrace.clear();
    }
}

/// Evaluates something over a state that has a bit of everything.
pub fn with_scope<T>(user_text: Value, evaluate: impl FnOnce(Scope<'_>) -> T) -> T {
    let mut state = State::new();
    state.user = json!({ "name": user_text, "age": 7, "list": [1, "two", null, { "a": true }] });
    state.temp = json!({ "count": 0, "skill-choice-ret-a": "yes" });
    let event = json!({
        "type": "text", "preview": "hi", "payload": { "text": "hi" },
        "nlu": { "intent": { "name": "none" } },
    });
    evaluate(Scope { event: &event, state: &state, args: None })
}
