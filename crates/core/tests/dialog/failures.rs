//! What goes wrong, and where it leads (`spec` runtime 3.8).

use crate::stage::{Talk, bot, flow, node};

#[test]
fn a_failing_action_leads_to_the_error_flow() {
    let main = flow(&[node("entry", &["say #!a", "unknown_action {}", "say #!b"], None, &[])]);
    let error = flow(&[node("entry", &["say #!e"], None, &[])]);
    let bot = bot(&[("main", main), ("error", error)], &[("a", "A"), ("b", "B"), ("e", "E")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("hi"), ["A", "E"]);
    assert_eq!(talk.problems(), ["no action unknown_action"]);
}

#[test]
fn without_an_error_flow_the_node_starts_over_with_the_next_message() {
    let main = flow(&[
        node("entry", &["say #!a"], None, &[("true", "bad")]),
        node("bad", &["say #!b", "unknown_action"], None, &[]),
    ]);
    let bot = bot(&[("main", main)], &[("a", "A"), ("b", "B")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("1"), ["A", "B"]);
    assert_eq!(talk.node(), Some("bad"));
    assert_eq!(talk.say("2"), ["B"]);
}

#[test]
fn a_bot_may_choose_where_failures_lead() {
    let choose = "builtin/setVariable {\"type\":\"temp\",\"name\":\"onErrorFlowTo\",\"value\":\"mine.flow.json\"}";
    let main = flow(&[node("entry", &[choose, "unknown_action"], None, &[])]);
    let mine = flow(&[node("n", &["say #!m"], None, &[])]);
    let bot = bot(&[("main", main), ("mine", mine)], &[("m", "M")]);
    assert_eq!(Talk::with(&bot).say("hi"), ["M"]);
}

#[test]
fn an_unknown_flow_leads_to_the_error_flow_and_keeps_the_position_without_one() {
    let main = || flow(&[node("entry", &["say #!a"], None, &[("true", "nowhere.flow.json")])]);
    let error = flow(&[node("entry", &["say #!e"], None, &[])]);
    let with = bot(&[("main", main()), ("error", error)], &[("a", "A"), ("e", "E")]);
    assert_eq!(Talk::with(&with).say("hi"), ["A", "E"]);
    let without = bot(&[("main", main())], &[("a", "A")]);
    let mut talk = Talk::with(&without);
    assert_eq!(talk.say("1"), ["A"]);
    assert_eq!(talk.say("2"), ["A"], "the node is executed again");
}

#[test]
fn a_broken_instruction_is_tried_again_with_the_next_message() {
    let main = flow(&[node("entry", &["say #!a", "say #!missing", "say #!b"], None, &[])]);
    let bot = bot(&[("main", main)], &[("a", "A"), ("b", "B")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("1"), ["A"]);
    assert_eq!(talk.say("2"), [""; 0]);
    assert_eq!(talk.problems().len(), 1);
}

#[test]
fn a_type_error_is_false_and_any_other_error_stops_there() {
    let to = |condition: &str| {
        let main = flow(&[
            node("entry", &[], None, &[(condition, "yes"), ("true", "no")]),
            node("yes", &["say #!y"], None, &[]),
            node("no", &["say #!n"], None, &[]),
        ]);
        let bot = bot(&[("main", main)], &[("y", "yes"), ("n", "no")]);
        Talk::with(&bot).say("hi")
    };
    assert_eq!(to("temp.a.b.c === 1"), ["no"]);
    assert_eq!(to("event.nlu.intent.is('x')"), ["no"]);
    assert_eq!(to("state.x"), [""; 0]);
    assert_eq!(to("always"), [""; 0]);
    assert_eq!(to("event.preview == 'hi';"), ["yes"]);
}

#[test]
fn nodes_that_loop_without_waiting_end_the_conversation_silently() {
    let main = flow(&[
        node("entry", &["say #!a"], None, &[("true", "b")]),
        node("b", &[], None, &[("true", "entry")]),
    ]);
    let error = flow(&[node("entry", &["say #!e"], None, &[])]);
    let bot = bot(&[("main", main), ("error", error)], &[("a", "A"), ("e", "E")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("hi"), ["A", "A", "A"]);
    assert!(talk.problems()[0].starts_with("Infinite loop detected."));
    assert_eq!(talk.node(), None);
}

#[test]
fn a_position_that_is_gone_leads_to_the_error_flow_or_is_abandoned() {
    let main = || flow(&[node("entry", &["say #!a"], Some(&[]), &[])]);
    let error = flow(&[node("entry", &["say #!e"], None, &[])]);
    let lost = |talk: &mut Talk<'_>| {
        talk.say("hi");
        talk.state.context.current_flow = Some("renamed.flow.json".to_owned());
        talk.say("on")
    };
    let with = bot(&[("main", main()), ("error", error)], &[("a", "A"), ("e", "E")]);
    assert_eq!(lost(&mut Talk::with(&with)), ["E"]);
    let without = bot(&[("main", main())], &[("a", "A")]);
    let mut talk = Talk::with(&without);
    assert_eq!(lost(&mut talk), [""; 0]);
    assert_eq!(
        talk.state.context.current_flow.as_deref(),
        Some("renamed.flow.json"),
        "nothing is stored"
    );
}

#[test]
fn a_failure_may_lead_back_to_the_caller() {
    let main = flow(&[
        node("entry", &[], None, &[("temp.onErrorFlowTo", "after"), ("true", "sub.flow.json")]),
        node("after", &["say #!a"], None, &[]),
    ]);
    let choose =
        "builtin/setVariable {\"type\":\"temp\",\"name\":\"onErrorFlowTo\",\"value\":\"#\"}";
    let sub = flow(&[node("n", &[choose, "unknown_action", "say #!never"], None, &[])]);
    let bot = bot(&[("main", main), ("sub", sub)], &[("a", "A"), ("never", "N")]);
    assert_eq!(Talk::with(&bot).say("hi"), ["A"]);
}

#[test]
fn an_endless_loop_forgets_the_position_and_is_not_sent_to_the_error_flow() {
    let main = flow(&[
        node("entry", &["say #!a"], None, &[("true", "other")]),
        node("other", &[], None, &[("true", "entry")]),
    ]);
    let error = flow(&[node("entry", &["say #!e"], None, &[])]);
    let bot = bot(&[("main", main), ("error", error)], &[("a", "A"), ("e", "E")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("hi"), ["A", "A", "A"]);
    assert_eq!(
        talk.problems(),
        ["Infinite loop detected. (main.flow.json entry (3))"],
        "seen before the third visit of the other node"
    );
    assert_eq!((talk.node(), &talk.state.temp), (None, &serde_json::json!({})));
}

#[test]
fn a_problem_is_told_in_plain_text() {
    let choose = "builtin/setVariable {\"type\":\"temp\",\"name\":\"onErrorFlowTo\",\"value\":\"{{{event.preview}}}\"}";
    let main = flow(&[node("entry", &[choose, "unknown_action"], None, &[])]);
    let bot = bot(&[("main", main)], &[]);
    let mut talk = Talk::with(&bot);
    talk.say("{x}.flow.json");
    assert_eq!(talk.problems()[1], "there is no flow \"{x}.flow.json\"");
}
