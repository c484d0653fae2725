//! Bots and stored states that nobody meant: every turn ends, soon and without a panic.

use std::time::{Duration, Instant};

use parlance_core::dialog::Effect;
use serde_json::{Value, json};

use crate::stage::{Talk, bot, call, flow, node};

#[test]
fn a_long_way_through_a_flow_costs_no_more_than_its_length() {
    let nodes: Vec<Value> = (0..1_900)
        .map(|n| node(&format!("n{n}"), &[], None, &[("true", &format!("n{}", n + 1))]))
        .chain([node("n1900", &["say #!a"], None, &[])])
        .collect();
    let bot = bot(&[("main", flow(&nodes))], &[("a", "A")]);
    let started = Instant::now();
    assert_eq!(Talk::with(&bot).say("hi"), ["A"]);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[test]
fn flows_that_call_each_other_without_a_transition_come_to_an_end() {
    let main = flow(&[call("entry", "other.flow.json", &[])]);
    let other = flow(&[call("entry", "main.flow.json", &[])]);
    let bot = bot(&[("main", main), ("other", other)], &[]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("hi"), [""; 0]);
    assert_eq!(talk.node(), None);
}

#[test]
fn a_queue_without_a_position_is_not_executed_at_the_start() {
    let bot = bot(
        &[("main", flow(&[node("entry", &["say #!a"], Some(&[]), &[])]))],
        &[("a", "A"), ("stale", "stale")],
    );
    let mut talk = Talk::with(&bot);
    talk.state.context = serde_json::from_value(json!({
        "queue": {"instructions": [{"type": "on-enter", "fn": "say #!stale"}]},
    }))
    .unwrap();
    assert_eq!(talk.say("hi"), ["A"]);
}

#[test]
fn memory_of_any_shape_is_survived() {
    let set = |scope: &str| {
        format!("builtin/setVariable {{\"type\":\"{scope}\",\"name\":\"x\",\"value\":1}}")
    };
    let enter = [&set("user"), &set("session"), &set("temp"), "say #!a"];
    let main = flow(&[node("entry", &enter, Some(&[]), &[("session.x == 1", "entry")])]);
    let bot = bot(&[("main", main)], &[("a", "A {{user.x}}")]);
    let odd = [
        Value::Null,
        json!(5),
        json!("text"),
        json!([1]),
        json!({"lastMessages": 7, "slots": [], "nluContexts": [null, 1, {"ttl": "x"}]}),
        json!({"lastMessages": [null], "slots": {"a": null, "b": {"turns": 1e308}}}),
    ];
    for odd in odd {
        let mut talk = Talk::with(&bot);
        talk.state.user = odd.clone();
        talk.state.session = odd.clone();
        talk.state.temp = odd.clone();
        talk.state.bot = Some(odd.clone());
        assert_eq!(talk.say("hi"), ["A 1"], "{odd}");
        assert_eq!(talk.say("hi"), ["A 1"], "{odd}");
    }
}

#[test]
fn return_stacks_of_any_shape_are_survived() {
    let main = flow(&[node("entry", &["say #!a"], Some(&[]), &[("true", "##nowhere")])]);
    let bot = bot(&[("main", main)], &[("a", "A")]);
    let odd = [
        json!([]),
        json!([{"flow": "", "node": ""}]),
        json!([{"flow": "gone.flow.json", "node": "x"}]),
        json!([{"flow": "main.flow.json", "node": "entry", "used": true}]),
        Value::Array(vec![json!({"flow": "main.flow.json", "node": "entry"}); 5_000]),
    ];
    for points in odd {
        let mut talk = Talk::with(&bot);
        talk.state.context = serde_json::from_value(json!({
            "currentFlow": "main.flow.json", "currentNode": "entry", "jumpPoints": points,
        }))
        .unwrap();
        assert_eq!(talk.say("1"), ["A"]);
        assert_eq!(talk.say("2"), [""; 0]);
    }
}

#[test]
fn all_waits_of_a_turn_together_are_bounded() {
    let main = flow(&[node("entry", &["builtin/wait {\"delay\":400000}"; 4], None, &[])]);
    let bot = bot(&[("main", main)], &[]);
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    let waited: u64 = talk
        .effects
        .iter()
        .map(|effect| if let Effect::Wait(millis) = effect { *millis } else { 0 })
        .sum();
    assert_eq!(waited, 600_000);
}

#[test]
fn a_flow_edited_while_the_user_thinks_goes_on_with_the_old_node() {
    let texts = [("a", "A"), ("old", "old"), ("new", "new"), ("b", "B")];
    let version = |receive: &str, next: &str| {
        let main = flow(&[
            node("entry", &["say #!a"], Some(&[receive]), &[("true", next)]),
            node(next, &["say #!b"], None, &[]),
        ]);
        bot(&[("main", main)], &texts)
    };
    let (before, after) = (version("say #!old", "left"), version("say #!new", "right"));
    let mut asked = Talk::with(&before);
    asked.say("hi");
    let mut edited = Talk::with(&after);
    edited.state = asked.state;
    assert_eq!(edited.say("on"), ["old"]);
    assert_eq!(edited.problems()[0], "there is no node \"left\" in flow \"main.flow.json\"");
}
