//! Conversations that nobody answers (`spec` runtime 3.9).

use serde_json::json;

use crate::stage::{Talk, bot, call, flow, node};

#[test]
fn a_node_called_timeout_comes_before_the_timeout_flow() {
    let ask = || node("ask", &["say #!a"], Some(&[]), &[]);
    let last = flow(&[node("n", &["say #!f"], None, &[])]);
    let texts = [("a", "A"), ("t", "node"), ("f", "flow")];
    let both = bot(
        &[
            ("main", flow(&[ask(), node("timeout", &["say #!t"], None, &[])])),
            ("timeout", last.clone()),
        ],
        &texts,
    );
    let mut talk = Talk::with(&both);
    talk.say("hi");
    assert_eq!(talk.time_out(), ["node"]);
    assert_eq!((talk.node(), &talk.state.temp), (None, &json!({})));
    let only_flow = bot(&[("main", flow(&[ask()])), ("timeout", last)], &texts);
    let mut talk = Talk::with(&only_flow);
    talk.say("hi");
    assert_eq!(talk.time_out(), ["flow"]);
}

#[test]
fn inside_a_skill_the_calling_flows_timeout_node_counts() {
    let main =
        flow(&[call("skill", "skills/s.flow.json", &[]), node("timeout", &["say #!t"], None, &[])]);
    let skill = flow(&[node("ask", &["say #!a"], Some(&[]), &[])]);
    let bot = bot(&[("main", main), ("skills/s", skill)], &[("a", "A"), ("t", "T")]);
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    assert_eq!(talk.time_out(), ["T"]);
}

#[test]
fn without_a_timeout_place_the_position_is_forgotten_in_silence() {
    let bot = bot(&[("main", flow(&[node("ask", &["say #!a"], Some(&[]), &[])]))], &[("a", "A")]);
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    assert_eq!(talk.time_out(), [""; 0]);
    assert_eq!(talk.node(), None);
}

#[test]
fn a_timeout_that_waits_keeps_its_place_but_not_for_ever() {
    let main = flow(&[
        node("ask", &["say #!a"], Some(&[]), &[]),
        node("timeout", &["say #!t"], Some(&[]), &[("true", "ask")]),
    ]);
    let bot = bot(&[("main", main)], &[("a", "A"), ("t", "T")]);
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    assert_eq!(talk.time_out(), ["T"]);
    assert_eq!(talk.node(), Some("timeout"));
    assert_eq!(talk.say("here I am"), ["A"]);
    for _ in 0..5 {
        assert_eq!(talk.time_out(), ["T"]);
    }
    assert_eq!(talk.time_out(), [""; 0]);
    assert_eq!(talk.node(), None);
}

#[test]
fn a_timeout_is_an_internal_event_without_a_payload() {
    let main = flow(&[
        node("ask", &["say #!a"], Some(&[]), &[]),
        node("timeout", &["say #!t"], Some(&[]), &[]),
    ]);
    let bot = bot(
        &[("main", main)],
        &[
            ("a", "A"),
            ("t", "{{event.type}} {{event.direction}} [{{event.payload}}] {{{event.preview}}}"),
        ],
    );
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    let preview = "\"timeout\" event on channel api";
    assert_eq!(talk.time_out(), [format!("timeout internal [] {preview}")]);
    let last = talk.state.session["lastMessages"].as_array().unwrap().last().unwrap();
    assert_eq!(last["incomingPreview"], preview);
}
