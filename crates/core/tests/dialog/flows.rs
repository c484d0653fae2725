//! Entering, waiting, transitions, sub-flows and returns (`spec` runtime 3.2–3.6).

use serde_json::json;

use crate::stage::{Talk, bot, call, flow, flow_with, node};

#[test]
fn a_conversation_enters_waits_and_resumes_behind_the_wait() {
    let main = flow(&[
        node("entry", &["say #!a"], None, &[("true", "ask")]),
        node(
            "ask",
            &["say #!b"],
            Some(&[
                "builtin/setVariable {\"type\":\"temp\",\"name\":\"x\",\"value\":\"{{event.preview}}\"}",
            ]),
            &[("true", "done")],
        ),
        node("done", &["say #!c"], None, &[]),
    ]);
    let bot = bot(&[("main", main)], &[("a", "A"), ("b", "B"), ("c", "C {{temp.x}}")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("hi"), ["A", "B"]);
    assert_eq!(talk.path(), ["main/entry", "main/ask"]);
    assert_eq!(talk.say("yes"), ["C yes"]);
    assert_eq!(talk.path(), ["main/done"]);
    assert_eq!(talk.node(), None, "the conversation ended");
    assert_eq!(talk.say("again"), ["A", "B"]);
}

#[test]
fn an_empty_on_receive_waits_and_an_absent_one_does_not() {
    let main = flow(&[
        node("entry", &["say #!a"], Some(&[]), &[("true", "next")]),
        node("next", &["say #!b"], None, &[]),
    ]);
    let bot = bot(&[("main", main)], &[("a", "A"), ("b", "B")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("1"), ["A"]);
    assert_eq!(talk.say("2"), ["B"]);
}

#[test]
fn flow_wide_transitions_come_first_and_never_lead_to_the_node_itself() {
    let main = flow_with(
        &json!({"next": [{"condition": "event.preview === 'help'", "node": "help"}]}),
        &[
            node("entry", &["say #!a"], Some(&[]), &[("true", "other")]),
            node("other", &["say #!o"], None, &[]),
            node("help", &["say #!h"], Some(&[]), &[("true", "entry")]),
        ],
    );
    let bot = bot(&[("main", main)], &[("a", "A"), ("o", "O"), ("h", "H")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("hi"), ["A"]);
    assert_eq!(talk.say("help"), ["H"]);
    // In `help` itself the flow-wide transition is left out; behind it, it counts again.
    assert_eq!(talk.say("help"), ["A"]);
}

#[test]
fn flow_wide_instructions_run_only_where_the_bot_waits() {
    let main = flow_with(
        &json!({"onReceive": ["say #!w"], "next": []}),
        &[
            node("entry", &["say #!a"], None, &[("true", "ask")]),
            node("ask", &["say #!b"], Some(&["say #!r"]), &[]),
        ],
    );
    let bot = bot(&[("main", main)], &[("a", "A"), ("b", "B"), ("w", "W"), ("r", "R")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("1"), ["A", "B"]);
    assert_eq!(talk.say("2"), ["W", "R"]);
}

fn with_sub_flow(back: &str) -> parlance_core::bot::Bot {
    let main = flow(&[
        node("entry", &["say #!entry"], None, &[("temp.back", "after"), ("true", "sub.flow.json")]),
        node("after", &["say #!after"], Some(&[]), &[]),
        node("other", &["say #!other"], None, &[("true", "after")]),
    ]);
    let set = "builtin/setVariable {\"type\":\"temp\",\"name\":\"back\",\"value\":true}";
    let sub = flow(&[
        node("in", &["say #!in"], None, &[("true", "deep")]),
        node("deep", &[set], None, &[("true", back)]),
    ]);
    bot(
        &[("main", main), ("sub", sub)],
        &[("entry", "entry"), ("after", "after"), ("other", "other"), ("in", "in")],
    )
}

#[test]
fn a_hash_returns_to_the_caller_and_evaluates_only_its_transitions() {
    let bot = with_sub_flow("#");
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("hi"), ["entry", "in", "after"]);
    assert_eq!(talk.path(), ["main/entry", "sub/in", "sub/deep", "main/entry", "main/after"]);
}

#[test]
fn a_named_hash_returns_to_that_node_without_entering_it() {
    let bot = with_sub_flow("#other");
    assert_eq!(Talk::with(&bot).say("hi"), ["entry", "in", "after"]);
}

#[test]
fn two_hashes_execute_the_caller_or_the_named_node_from_its_start() {
    let bot = with_sub_flow("##");
    assert_eq!(Talk::with(&bot).say("hi"), ["entry", "in", "entry", "after"]);
    let bot = with_sub_flow("##other");
    assert_eq!(Talk::with(&bot).say("hi"), ["entry", "in", "other", "after"]);
}

#[test]
fn a_hash_without_a_caller_starts_the_node_over_with_the_next_message() {
    let main = flow(&[node("entry", &["say #!a"], None, &[("true", "#")])]);
    let bot = bot(&[("main", main)], &[("a", "A")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("1"), ["A"]);
    assert_eq!(talk.node(), Some("entry"));
    assert_eq!(talk.say("2"), ["A"]);
}

#[test]
fn a_flow_can_be_entered_at_a_node_in_any_case() {
    let main = flow(&[node("entry", &[], None, &[("true", "SUB.flow.json#second")])]);
    let sub =
        flow(&[node("first", &["say #!a"], None, &[]), node("second", &["say #!b"], None, &[])]);
    let bot = bot(&[("main", main), ("sub", sub)], &[("a", "A"), ("b", "B")]);
    assert_eq!(Talk::with(&bot).say("hi"), ["B"]);
}

#[test]
fn a_skill_is_entered_waits_inside_and_returns_to_the_nodes_transitions() {
    let main = flow(&[
        node("entry", &["say #!a"], None, &[("true", "skill")]),
        call(
            "skill",
            "skills/ask.flow.json",
            &[("temp.answer == 'again'", "skill"), ("true", "end")],
        ),
        node("end", &["say #!e"], None, &[]),
    ]);
    let set = "builtin/setVariable {\"type\":\"temp\",\"name\":\"answer\",\"value\":\"{{event.preview}}\"}";
    let ask = flow(&[
        node("entry", &["say #!q"], None, &[("true", "parse")]),
        node("parse", &[], Some(&[set]), &[("true", "#")]),
    ]);
    let bot = bot(&[("main", main), ("skills/ask", ask)], &[("a", "A"), ("q", "Q"), ("e", "E")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("hi"), ["A", "Q"]);
    assert_eq!(talk.path(), ["main/entry", "main/skill"], "skills leave no trace");
    assert_eq!(talk.say("again"), ["Q"], "a transition to the own node enters the skill anew");
    assert_eq!(talk.say("ok"), ["E"]);
}

#[test]
fn returns_unwind_three_flows_deep() {
    let level =
        |next: &str| flow(&[node("n", &["say #!x"], None, &[("temp.up", "#"), ("true", next)])]);
    let set = "builtin/setVariable {\"type\":\"temp\",\"name\":\"up\",\"value\":true}";
    let bottom = flow(&[node("n", &[set], None, &[("true", "#")])]);
    let main = flow(&[
        node("entry", &[], None, &[("temp.up", "end"), ("true", "one.flow.json")]),
        node("end", &["say #!e"], None, &[]),
    ]);
    let bot = bot(
        &[
            ("main", main),
            ("one", level("two.flow.json")),
            ("two", level("three.flow.json")),
            ("three", bottom),
        ],
        &[("x", "x"), ("e", "E")],
    );
    assert_eq!(Talk::with(&bot).say("hi"), ["x", "x", "E"]);
}

#[test]
fn the_last_node_can_be_asked_for() {
    let main = flow(&[
        node("entry", &[], None, &[("event.preview === 'b'", "b"), ("true", "a")]),
        node("a", &[], None, &[("true", "join")]),
        node("b", &[], None, &[("true", "join")]),
        node("join", &[], None, &[("lastNode=b", "from-b"), ("true", "from-a")]),
        node("from-a", &["say #!a"], None, &[]),
        node("from-b", &["say #!b"], None, &[]),
    ]);
    let bot = bot(&[("main", main)], &[("a", "A"), ("b", "B")]);
    assert_eq!(Talk::with(&bot).say("a"), ["A"]);
    assert_eq!(Talk::with(&bot).say("b"), ["B"]);
}

#[test]
fn flow_wide_transitions_count_in_nodes_that_do_not_wait_too() {
    let main = flow_with(
        &json!({"next": [{"condition": "temp.help", "node": "help"}]}),
        &[
            node(
                "entry",
                &["builtin/setVariable {\"type\":\"temp\",\"name\":\"help\",\"value\":true}"],
                None,
                &[("true", "other")],
            ),
            node("other", &["say #!o"], None, &[]),
            node("help", &["say #!h"], None, &[("true", "END")]),
        ],
    );
    let bot = bot(&[("main", main)], &[("o", "O"), ("h", "H")]);
    assert_eq!(Talk::with(&bot).say("hi"), ["H"]);
}

#[test]
fn the_server_tells_its_version_itself_and_leaves_the_conversation_alone() {
    let main = flow(&[node("entry", &["say #!a"], Some(&[]), &[])]);
    let bot = bot(&[("main", main)], &[("a", "A")]);
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    let before = talk.state.clone();
    assert!(talk.say("BP_VERSION")[0].starts_with("Version: Parlance "));
    assert!(talk.say("BP_LICENSE")[0].contains("Apache-2.0"));
    assert_eq!(talk.state, before);
}
