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
