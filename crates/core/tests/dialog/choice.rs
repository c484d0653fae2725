//! The choice skill in its generations (`spec` runtime 9.2).

use parlance_core::bot::Bot;
use serde_json::json;

use crate::stage::{Talk, bot, call, flow, node};

/// A bot with one choice; `suffix` is what the generation adds to the names of its variables.
fn chooser(suffix: &str, random_id: Option<&str>, retries: u32) -> Bot {
    let mut data = json!({
        "contentId": "q", "invalidContentId": "sorry",
        "keywords": {"two": ["second", "intent:pick_two"], "10": ["ten"], "2": ["b"]},
        "config": {"nbMaxRetries": retries},
    });
    if let Some(id) = random_id {
        data["randomId"] = json!(id);
    }
    let invalid = random_id.map_or(json!({}), |id| json!({"randomId": id}));
    let skill = flow(&[
        node("entry", &["say #!q {\"skill\":\"choice\"}"], None, &[("true", "parse")]),
        node(
            "parse",
            &[],
            Some(&[&format!("basic-skills/choice_parse_answer {data}")]),
            &[(&format!("temp['skill-choice-valid{suffix}'] === true"), "#"), ("true", "invalid")],
        ),
        node(
            "invalid",
            &[&format!("basic-skills/choice_invalid_answer {invalid}")],
            None,
            &[
                (&format!("temp['skill-choice-invalid-count{suffix}'] > {retries}"), "#"),
                ("true", "sorry"),
            ],
        ),
        node("sorry", &["say #!sorry"], None, &[("true", "parse")]),
    ]);
    let picked = |value: &str| format!("temp['skill-choice-ret{suffix}'] == \"{value}\"");
    let main = flow(&[
        call(
            "choose",
            "skills/choice.flow.json",
            &[
                (&picked("two"), "two"),
                (&picked("10"), "ten"),
                (&picked("2"), "b"),
                ("true", "failed"),
            ],
        ),
        node("two", &["say #!two"], None, &[]),
        node("ten", &["say #!ten"], None, &[]),
        node("b", &["say #!b"], None, &[]),
        node("failed", &["say #!failed"], None, &[]),
    ]);
    bot(
        &[("main", main), ("skills/choice", skill)],
        &[
            ("q", "Q"),
            ("sorry", "Sorry"),
            ("two", "Two"),
            ("ten", "Ten"),
            ("b", "B"),
            ("failed", "F"),
        ],
    )
}

fn answer(bot: &Bot, text: &str) -> Vec<String> {
    let mut talk = Talk::with(bot);
    assert_eq!(talk.say("hi"), ["Q"]);
    talk.say(text)
}

#[test]
fn answers_match_whole_keywords_before_parts_of_the_text() {
    for (suffix, id) in [("-abc", Some("abc")), ("", None)] {
        let bot = chooser(suffix, id, 2);
        assert_eq!(answer(&bot, "SECOND"), ["Two"]);
        assert_eq!(answer(&bot, "the ten please"), ["Ten"]);
        assert_eq!(answer(&bot, "b"), ["B"]);
        // Keys that look like numbers come first, as in JavaScript: `b` is before `second`.
        assert_eq!(answer(&bot, "b, the second"), ["B"]);
    }
}

#[test]
fn a_button_answers_with_its_payload() {
    let bot = chooser("-abc", Some("abc"), 2);
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    assert_eq!(talk.send(&json!({"type": "quick_reply", "text": "?", "payload": "TEN"})), ["Ten"]);
}

#[test]
fn one_wrong_answer_more_than_allowed_is_a_failure() {
    let bot = chooser("-abc", Some("abc"), 2);
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    assert_eq!(talk.say("?"), ["Sorry"]);
    assert_eq!(talk.say("?"), ["Sorry"]);
    assert_eq!(talk.say("?"), ["F"]);
}
