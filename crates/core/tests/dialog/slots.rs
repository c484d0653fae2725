//! The Slot skill's actions without an understanding of language (`spec` runtime 9.3).

use serde_json::json;

use crate::stage::{Talk, flow, load, node};

#[test]
fn a_slot_that_takes_anything_is_filled_with_the_text_and_can_be_reset() {
    let main = flow(&[
        node(
            "entry",
            &["basic-skills/slot_update_contexts {\"intentName\":\"book\"}"],
            Some(&["basic-skills/slot_fill {\"slotName\":\"city\",\"entities\":\"place,any\"}"]),
            &[("session.slots['city'] !== undefined", "filled")],
        ),
        node(
            "filled",
            &["say #builtin_text {\"text\":\"{{session.slots.city.value}}\"}"],
            Some(&["basic-skills/slot_reset {\"slotName\":\"city\"}"]),
            &[("session.slots['city'] === undefined", "empty")],
        ),
        node("empty", &["say #builtin_text {\"text\":\"gone\"}"], None, &[]),
    ]);
    let bot = load(vec![
        (
            "bot.config.json".to_owned(),
            json!({"version": "12.31.10", "defaultLanguage": "en", "languages": ["en"]}),
        ),
        ("flows/main.flow.json".to_owned(), main),
        (
            "intents/book.json".to_owned(),
            json!({"name": "book", "contexts": ["travel"], "utterances": {"en": ["book"]}, "slots": []}),
        ),
    ]);
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    assert_eq!(talk.state.session["nluContexts"], json!([{"context": "travel", "ttl": 1000}]));
    assert_eq!(talk.state.temp["tryFillSlotCount"], 1);
    assert_eq!(talk.say("Rome"), ["Rome"]);
    assert_eq!(talk.say("again"), ["gone"]);
}

fn text(text: &str) -> String {
    format!("say #builtin_text {{\"text\":\"{text}\"}}")
}

/// The Slot skill as its generator writes it, with two tries.
fn skill() -> serde_json::Value {
    let fill =
        "basic-skills/slot_fill {\"slotName\":\"city\",\"entities\":\"any\",\"turnExpiry\":2}";
    let judge = "builtin/setVariable {\"type\":\"temp\",\"name\":\"valid\",\"value\":\"{{event.payload.valid}}\"}";
    let found = "session.slots['city'] && (temp.valid === undefined || temp.valid == \"true\")";
    let flag = |name: &str| {
        format!("builtin/setVariable {{\"type\":\"temp\",\"name\":\"{name}\",\"value\":\"true\"}}")
    };
    flow(&[
        node(
            "check-if-extracted",
            &["basic-skills/slot_update_contexts {\"intentName\":\"book\"}"],
            None,
            &[
                ("session.slots['city'] !== undefined", "already-extracted"),
                ("true", "slot-extract"),
            ],
        ),
        node(
            "slot-extract",
            &[&text("Where?")],
            Some(&[fill, judge]),
            &[(found, "extracted"), ("true", "not-extracted")],
        ),
        node("extracted", &[&flag("extracted")], None, &[("true", "#")]),
        node(
            "not-extracted",
            &["basic-skills/slot_not_found {\"retryAttempts\":\"2\"}", &text("Sorry?")],
            Some(&[fill, judge]),
            &[
                (found, "extracted"),
                ("temp.notExtracted == \"true\"", "#"),
                ("true", "not-extracted"),
            ],
        ),
        node("already-extracted", &[&flag("alreadyExtracted")], None, &[("true", "#")]),
    ])
}

/// A bot that asks for a city.
fn asker() -> parlance_core::bot::Bot {
    let main = flow(&[
        crate::stage::call(
            "city",
            "skills/slot.flow.json",
            &[
                ("temp.extracted == \"true\"", "found"),
                ("temp.notExtracted == \"true\"", "failed"),
                ("temp.alreadyExtracted == \"true\"", "known"),
            ],
        ),
        node("found", &[&text("found {{session.slots.city.value}}")], None, &[]),
        node("failed", &[&text("failed")], None, &[]),
        node("known", &[&text("known {{session.slots.city.turns}}")], None, &[]),
    ]);
    load(vec![
        (
            "bot.config.json".to_owned(),
            json!({"version": "12.31.10", "defaultLanguage": "en", "languages": ["en"]}),
        ),
        ("flows/main.flow.json".to_owned(), main),
        ("flows/skills/slot.flow.json".to_owned(), skill()),
        (
            "intents/book.json".to_owned(),
            json!({"name": "book", "contexts": ["travel"], "utterances": {"en": ["book"]}, "slots": []}),
        ),
    ])
}

#[test]
fn a_slot_is_asked_for_once_and_forgotten_after_its_turns() {
    let bot = asker();
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("hi"), ["Where?"]);
    assert_eq!(talk.say("Rome"), ["found Rome"]);
    assert_eq!(talk.say("hi"), ["known 1"]);
    assert_eq!(talk.say("hi"), ["Where?"], "two turns are over");
}

#[test]
fn a_slot_that_is_not_valid_is_asked_for_again_until_the_tries_are_over() {
    let bot = asker();
    let mut talk = Talk::with(&bot);
    let wrong = json!({"type": "text", "text": "?", "valid": "false"});
    assert_eq!(talk.say("hi"), ["Where?"]);
    assert_eq!(talk.send(&wrong), ["Sorry?"]);
    assert_eq!(talk.send(&wrong), ["Sorry?"]);
    assert_eq!(talk.send(&wrong), ["failed"]);
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    talk.send(&wrong);
    assert_eq!(talk.send(&json!({"type": "text", "text": "Rome", "valid": "true"})), ["found ?"]);
}
