//! Memory and its actions (`spec` runtime 5).

use serde_json::{Value, json};

use crate::stage::{Talk, bot, flow, node};

fn after(actions: &[&str], text: &str) -> (Value, Value, Value, Value) {
    let main = flow(&[node("entry", actions, Some(&[]), &[])]);
    let bot = bot(&[("main", main)], &[("a", "A")]);
    let mut talk = Talk::with(&bot);
    talk.say(text);
    let bot_memory = talk.state.bot.clone().unwrap_or_default();
    let state = talk.state;
    (state.user, state.session, state.temp, bot_memory)
}

#[test]
fn set_variable_keeps_types_and_deletes_on_empty_values() {
    let set = |value: &str| {
        let action =
            format!("builtin/setVariable {{\"type\":\"temp\",\"name\":\"x\",\"value\":{value}}}");
        let first = "builtin/setVariable {\"type\":\"temp\",\"name\":\"x\",\"value\":\"old\"}";
        after(&[first, &action], "hi").2
    };
    assert_eq!(set("5"), json!({"x": 5}));
    assert_eq!(set("null"), json!({"x": null}));
    assert_eq!(set("true"), json!({"x": true}));
    assert_eq!(set("\"{{event.preview}}\""), json!({"x": "hi"}));
    assert_eq!(set("\"\""), json!({}));
    assert_eq!(set("\"null\""), json!({}));
    assert_eq!(set("[\"{{event.preview}}\"]"), json!({"x": ["{{event.preview}}"]}));
}

#[test]
fn bot_memory_is_seen_from_the_next_event() {
    let set = "builtin/setVariable {\"type\":\"bot\",\"name\":\"x\",\"value\":7}";
    let main = flow(&[
        node("entry", &[set], None, &[("bot.x === 7", "seen"), ("true", "END")]),
        node("seen", &["say #!s"], None, &[]),
    ]);
    let bot = bot(&[("main", main)], &[("s", "seen")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("1"), [""; 0]);
    assert_eq!(talk.say("2"), ["seen"]);
}

#[test]
fn an_unknown_scope_is_a_failure_with_a_reason() {
    let main =
        flow(&[node("entry", &["builtin/setVariable {\"type\":\"x\",\"name\":\"a\"}"], None, &[])]);
    let bot = bot(&[("main", main)], &[]);
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    assert!(talk.problems()[0].contains("user, session, temp or bot"));
}

#[test]
fn reset_session_keeps_what_the_engine_needs() {
    let set = "builtin/setVariable {\"type\":\"session\",\"name\":\"x\",\"value\":1}";
    let (_, session, temp, _) = after(&[set, "say #!a", "builtin/resetSession {}"], "hi");
    assert_eq!(session.get("x"), None);
    assert_eq!(session["lastMessages"].as_array().unwrap().len(), 1);
    assert_eq!(temp, json!({}));
}

#[test]
fn contexts_are_merged_and_the_longer_life_wins() {
    let add = |contexts: &str, ttl: &str| {
        format!("builtin/appendContext {{\"contexts\":\"{contexts}\",\"ttl\":\"{ttl}\"}}")
    };
    let (_, session, ..) = after(&[&add("a,b", "3"), &add("b", "5"), &add("a", "1")], "hi");
    assert_eq!(
        session["nluContexts"],
        json!([{"context": "a", "ttl": 3}, {"context": "b", "ttl": 5}])
    );
    let (_, session, ..) =
        after(&[&add("a,b", "x"), "builtin/removeContext {\"contexts\":\"a\"}"], "hi");
    assert_eq!(session["nluContexts"], json!([{"context": "b", "ttl": 1000}]));
}

#[test]
fn global_variables_are_shared_until_they_expire() {
    let main = flow(&[
        node(
            "entry",
            &["builtin/setGlobalVariable {\"name\":\"g\",\"value\":\"v\",\"expiry\":\"1h\"}"],
            Some(&[]),
            &[("true", "read")],
        ),
        node(
            "read",
            &["builtin/getGlobalVariable {\"name\":\"g\",\"output\":\"out\"}"],
            Some(&[]),
            &[("true", "END")],
        ),
    ]);
    let bot = bot(&[("main", main)], &[]);
    let mut talk = Talk::with(&bot);
    talk.say("1");
    talk.say("2");
    assert_eq!(talk.state.temp["out"], "v");
    let mut late = Talk::with(&bot);
    late.say("1");
    late.memory.insert(
        "storage/global/g".to_owned(),
        json!({"value": "v", "expiry": "2001-01-01T00:00:00.000Z"}),
    );
    late.say("2");
    assert_eq!(late.state.temp.get("out"), None);
}

#[test]
fn the_number_of_conversations_starts_at_zero() {
    let main = flow(&[node(
        "entry",
        &["builtin/incrementNumberOfConversations {\"output\":\"n\"}"],
        Some(&[]),
        &[],
    )]);
    let bot = bot(&[("main", main)], &[]);
    let mut talk = Talk::with(&bot);
    talk.say("1");
    assert_eq!(talk.state.temp["n"], 0);
    talk.say("end");
    talk.say("2");
    assert_eq!(talk.state.temp["n"], 1);
}

#[test]
fn the_session_keeps_the_last_five_messages() {
    let main = flow(&[node("entry", &["say #!a"; 7], Some(&[]), &[])]);
    let bot = bot(&[("main", main)], &[("a", "A")]);
    let mut talk = Talk::with(&bot);
    talk.say("hi");
    let last = talk.state.session["lastMessages"].as_array().unwrap();
    assert_eq!(last.len(), 5);
    assert_eq!(last[0]["incomingPreview"], "hi");
    assert_eq!(last[0]["replySource"], "dialogManager");
    assert_eq!(last[0]["replyPreview"], "#!a");
}

#[test]
fn a_template_that_a_user_sends_is_never_evaluated() {
    let main = flow(&[node(
        "entry",
        &[
            "builtin/setVariable {\"type\":\"user\",\"name\":\"name\",\"value\":\"{{event.payload.text}}\"}",
            "builtin/setVariable {\"type\":\"user\",\"name\":\"copy\",\"value\":\"{{user.name}}\"}",
            "say #!a",
        ],
        None,
        &[],
    )]);
    let bot = bot(
        &[("main", main)],
        &[("a", "Hi {{{user.copy}}}{{{session.lastMessages.0.incomingPreview}}}")],
    );
    let text = "{{event.botId}}";
    assert_eq!(Talk::with(&bot).say(text), [format!("Hi {text}{text}")]);
}

#[test]
fn waiting_asks_the_world() {
    let main = flow(&[node("entry", &["builtin/wait {\"delay\":250}", "say #!a"], None, &[])]);
    let bot = bot(&[("main", main)], &[("a", "A")]);
    let mut talk = Talk::with(&bot);
    assert_eq!(talk.say("hi"), ["A"]);
    assert_eq!(talk.effects, [parlance_core::dialog::Effect::Wait(250)]);
}

#[test]
fn a_global_variable_is_seen_in_the_turn_that_set_it() {
    let set = |value| format!("builtin/setGlobalVariable {{\"name\":\"g\",\"value\":\"{value}\"}}");
    let get =
        |output| format!("builtin/getGlobalVariable {{\"name\":\"g\",\"output\":\"{output}\"}}");
    let reset = "builtin/resetGlobalVariable {\"name\":\"g\"}";
    let temp = after(&[&set("1"), &set("2"), &get("kept"), reset, &get("gone"), "say #!a"], "hi").2;
    assert_eq!(temp, json!({"kept": "2"}));
}

#[test]
fn conversations_counted_twice_in_one_turn_count_twice() {
    let count = "builtin/incrementNumberOfConversations {\"output\":\"n\"}";
    assert_eq!(after(&[count, count, count], "hi").2, json!({"n": 2}));
}

#[test]
fn nothing_that_a_caller_hands_in_is_read_as_a_template() {
    let main = flow(&[node("entry", &["say #!a"], None, &[])]);
    let bot = bot(
        &[("main", main)],
        &[("a", "{{{event.nlu.includedContexts}}} {{{event.credentials.name}}}")],
    );
    let text = "{{event.botId}}";
    let mut talk = Talk::with(&bot);
    talk.included_contexts = vec![text.to_owned()];
    talk.credentials = Some(json!({"name": text}));
    assert_eq!(talk.say("hi"), [format!("{text} {text}")]);
}

#[test]
fn a_global_variable_keeps_a_users_text_from_being_a_template() {
    let main = flow(&[
        node(
            "entry",
            &["builtin/setGlobalVariable {\"name\":\"g\",\"value\":\"{{{event.preview}}}\"}"],
            Some(&[]),
            &[("true", "read")],
        ),
        node(
            "read",
            &["builtin/getGlobalVariable {\"name\":\"g\",\"output\":\"out\"}", "say #!a"],
            None,
            &[],
        ),
    ]);
    let bot = bot(&[("main", main)], &[("a", "{{{temp.out}}}")]);
    let mut talk = Talk::with(&bot);
    talk.say("{{event.botId}}");
    assert_eq!(talk.say("2"), ["{{event.botId}}"]);
}

#[test]
fn a_variable_set_to_nothing_is_deleted() {
    let first = "builtin/setVariable {\"type\":\"temp\",\"name\":\"x\",\"value\":\"old\"}";
    let unset = "builtin/setVariable {\"type\":\"temp\",\"name\":\"x\"}";
    let remove = "builtin/removeVariable {\"type\":\"temp\",\"name\":\"x\"}";
    for second in [unset, remove] {
        assert_eq!(after(&[first, second], "hi").2, json!({}), "{second}");
    }
}

#[test]
fn what_is_said_is_remembered_before_it_is_rendered() {
    let session = after(&["say #!missing"], "hi").1;
    assert_eq!(session["lastMessages"][0]["replyPreview"], "#!missing");
}
