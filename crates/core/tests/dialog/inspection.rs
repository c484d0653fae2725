//! What the Debug API shows of a turn (`spec` http 1.9, runtime 11.2).

use parlance_core::bot::Bot;
use parlance_core::dialog::Inspection;
use serde_json::{Value, json};

use crate::stage::{Talk, bot, call, flow, node};

fn inspected(bot: &Bot) -> Talk<'_> {
    let mut talk = Talk::with(bot);
    talk.inspected = true;
    talk
}

fn seen(talk: &Talk<'_>) -> Inspection {
    *talk.last.as_ref().unwrap().inspection.clone().unwrap()
}

#[test]
fn a_turn_shows_its_inside_only_to_who_asks() {
    let bot = bot(&[("main", flow(&[node("entry", &["say #!a"], Some(&[]), &[])]))], &[("a", "A")]);
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    assert!(talk.last.as_ref().unwrap().inspection.is_none());
    talk.inspected = true;
    talk.say("hi");
    assert!(talk.last.as_ref().unwrap().inspection.is_some());
}

#[test]
fn the_first_message_to_a_waiting_node_shows_v12s_shapes() {
    let main = flow(&[
        node("entry", &[], None, &[("true", "ask")]),
        node("ask", &["say #!a"], Some(&["log"]), &[("true", "entry")]),
    ]);
    let bot = bot(&[("main", main)], &[("a", "A")]);
    let mut talk = inspected(&bot);
    talk.say("hi");
    let seen = seen(&talk);
    assert_eq!(
        seen.nlu.to_string(),
        r#"{"entities":[],"language":"n/a","ambiguous":false,"slots":{},"intent":{"name":"none","confidence":1,"context":"global"},"intents":[],"errored":false,"includedContexts":["global"],"ms":0}"#
    );
    assert_eq!(seen.suggestions, json!([]));
    assert_eq!(
        seen.state.to_string(),
        r##"{"__stacktrace":[{"flow":"main.flow.json","node":"entry"},{"flow":"main.flow.json","node":"ask"}],"user":{},"context":{"currentFlow":"main.flow.json","currentNode":"ask","previousNode":"entry","queue":{"instructions":[{"type":"on-receive","fn":"log"},{"type":"transition","fn":"true","node":"entry"}]}},"session":{"lastMessages":[{"eventId":"1600000000000000001","incomingPreview":"hi","replyConfidence":1,"replySource":"dialogManager","replyDate":"2020-09-13T12:26:40.000Z","replyPreview":"#!a"}],"workflows":{},"slots":{}},"temp":{}}"##
    );
    assert_eq!(
        seen.decision.to_string(),
        r#"{"decision":{"reason":"no suggestion matched","status":"elected"},"confidence":1,"payloads":[],"source":"decisionEngine","sourceDetails":"execute default flow"}"#
    );
    assert_eq!(seen.credentials, None);
}

#[test]
fn skills_leave_no_trace_and_the_end_clears_the_position() {
    let main = flow(&[call("entry", "skills/x.flow.json", &[("true", "")])]);
    let skill = flow(&[
        node("start", &[], None, &[("true", "say")]),
        node("say", &["say #!a"], None, &[("true", "#")]),
    ]);
    let bot = bot(&[("main", main), ("skills/x", skill)], &[("a", "A")]);
    let mut talk = inspected(&bot);
    talk.say("hi");
    let state = seen(&talk).state;
    let position = json!({"flow": "main.flow.json", "node": "entry"});
    assert_eq!(state["__stacktrace"], json!([position.clone(), position]));
    assert_eq!((&state["context"], &state["temp"]), (&json!({}), &json!({})));
}

#[test]
fn an_event_that_no_flow_sees_shows_no_decision() {
    let bot = bot(&[("main", flow(&[node("entry", &["say #!a"], Some(&[]), &[])]))], &[("a", "A")]);
    for payload in [json!({"type": "visit"}), json!({"type": "text", "text": "BP_VERSION"})] {
        let mut talk = inspected(&bot);
        talk.send(&payload);
        let seen = seen(&talk);
        assert_eq!(seen.decision, json!({}), "{payload}");
        assert_eq!(seen.state["__stacktrace"], json!([]));
        let session = json!({"lastMessages": [], "workflows": {}, "slots": {}});
        assert_eq!(seen.state["session"], session, "{payload}");
    }
}

#[test]
fn claims_and_contexts_are_shown_and_seen_by_flows() {
    let main = flow(&[
        node("entry", &[], None, &[("event.credentials.sub == 'ada'", "known")]),
        node("known", &["say #!a"], None, &[]),
    ]);
    let bot = bot(&[("main", main)], &[("a", "A")]);
    let mut talk = inspected(&bot);
    talk.credentials = Some(json!({"sub": "ada"}));
    talk.included_contexts = vec!["monkeys".to_owned()];
    assert_eq!(talk.say("hi"), ["A"]);
    assert_eq!(seen(&talk).credentials, Some(json!({"sub": "ada"})));
    assert_eq!(seen(&talk).nlu["includedContexts"], json!(["monkeys"]));
}

#[test]
fn what_a_user_typed_is_shown_as_it_was_typed() {
    let set = |name: &str, value: &str| {
        let args = json!({"type": "user", "name": name, "value": value});
        format!("builtin/setVariable {args}")
    };
    let text = "{{event.preview}}";
    let main =
        flow(&[node("entry", &[&set("x", text), &set(text, "1"), "say #!a"], Some(&[]), &[])]);
    let bot = bot(&[("main", main)], &[("a", "A")]);
    let mut talk = inspected(&bot);
    let odd = "{{bot}} {";
    talk.credentials = Some(json!({ "sub": odd }));
    talk.included_contexts = vec![odd.to_owned()];
    talk.say(odd);
    let seen = seen(&talk);
    assert_eq!(seen.state["user"], json!({"x": odd, odd: "1"}));
    assert_eq!(seen.state["session"]["lastMessages"][0]["incomingPreview"], odd);
    assert_eq!(seen.nlu["includedContexts"], json!([odd]));
    assert_eq!(seen.credentials, Some(json!({ "sub": odd })));
    let marked = |value: &Value| value.to_string().contains('\u{FDD0}');
    assert!(marked(&talk.state.user), "what is stored stays marked");
    for part in [&seen.nlu, &seen.suggestions, &seen.state, &seen.decision] {
        assert!(!marked(part), "{part}");
    }
}
