//! How conversations end (`spec` runtime 3.7).

use serde_json::json;

use crate::stage::{Talk, bot, flow, load, node};

const REMEMBER: [&str; 2] = [
    "builtin/setVariable {\"type\":\"temp\",\"name\":\"t\",\"value\":1}",
    "builtin/setVariable {\"type\":\"session\",\"name\":\"s\",\"value\":1}",
];

#[test]
fn every_end_clears_position_and_temp_and_keeps_session_and_user() {
    for next in [&[][..], &[("true", "END")], &[("true", "")], &[("false", "entry")]] {
        let main = flow(&[node("entry", &REMEMBER, None, next)]);
        let bot = bot(&[("main", main)], &[]);
        let mut talk = Talk::with(&bot);
        talk.say("hi");
        assert_eq!(talk.node(), None, "{next:?}");
        assert_eq!(talk.state.temp, json!({}), "{next:?}");
        assert_eq!(talk.state.session["s"], 1, "{next:?}");
    }
}

#[test]
fn before_12_26_an_explicit_end_keeps_temp() {
    let main = |next: &[(&str, &str)]| flow(&[node("entry", &REMEMBER, None, next)]);
    for (next, kept) in [(&[("true", "END")][..], json!({"t": 1})), (&[], json!({}))] {
        let config = json!({"name": "Old", "version": "12.10.6", "defaultLanguage": "en", "languages": ["en"]});
        let bot = load(vec![
            ("bot.config.json".to_owned(), config),
            ("flows/main.flow.json".to_owned(), main(next)),
        ]);
        let mut talk = Talk::with(&bot);
        talk.say("hi");
        assert_eq!(talk.state.temp, kept);
        assert_eq!(talk.node(), None);
    }
}

#[test]
fn a_conversation_end_flow_has_the_last_word() {
    let main = flow(&[node("entry", &["say #!a"], None, &[("true", "END")])]);
    let end = flow(&[node("bye", &["say #!z"], None, &[])]);
    let bot = bot(&[("main", main), ("conversation_end", end)], &[("a", "A"), ("z", "Z")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("hi"), ["A", "Z"]);
    assert_eq!(talk.node(), None);
}

#[test]
fn a_conversation_end_flow_may_move_on_and_is_not_run_in_a_circle() {
    let main = flow(&[node("entry", &["say #!a"], None, &[("true", "END")])]);
    let end = flow(&[node("bye", &["say #!z"], None, &[("true", "more.flow.json")])]);
    let more = flow(&[node("ask", &["say #!m"], Some(&[]), &[])]);
    let bot = bot(
        &[("main", main), ("conversation_end", end), ("more", more)],
        &[("a", "A"), ("z", "Z"), ("m", "M")],
    );
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("hi"), ["A", "Z", "M"]);
    assert_eq!(talk.node(), Some("ask"), "the other flow waits for the user");
    assert_eq!(talk.say("ok"), ["Z", "M"]);
}

#[test]
fn an_end_that_always_moves_on_does_not_grow_the_return_stack_for_ever() {
    let main = flow(&[node("entry", &[], None, &[("true", "END")])]);
    let end = flow(&[node("bye", &[], None, &[("true", "more.flow.json")])]);
    let more = flow(&[node("ask", &[], Some(&[]), &[])]);
    let bot = bot(&[("main", main), ("conversation_end", end), ("more", more)], &[]);
    let mut talk = Talk::with(&bot);
    for _ in 0..1_010 {
        talk.say("on");
        let points = talk.state.context.jump_points.as_deref().unwrap_or_default();
        assert!(points.len() <= 1_000);
    }
}
