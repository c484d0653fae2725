//! What the checks find in whole bots.

use serde_json::{Value, json};

use crate::bot::fixture::{flow_with, found, found_in_main, load_with, native};
use crate::bot::{BotFiles, Provided, Severity, load};
use crate::ids::BotId;

#[test]
fn broken_instructions_are_found() {
    for (instruction, expected) in [
        ("say #!nobody", "!! unknown-element onEnter[0]"),
        ("say #!builtin_text-hello {a}", "!! invalid-arguments onEnter[0]"),
        ("say #poll {}", "!! unknown-content-type onEnter[0]"),
        ("say(\"hello\")", "!! not-an-instruction onEnter[0]"),
        ("", "!! not-an-instruction onEnter[0]"),
        ("Hello there", "!! unknown-action onEnter[0]"),
        ("pay {\"a\":1", "!! unknown-action onEnter[0]"),
        ("builtin/wait {\"a\":1", "!! invalid-arguments onEnter[0]"),
        ("basic-skills/call_api {}", "!! action-not-available onEnter[0]"),
        ("srv:pay {}", "!! action-server onEnter[0]"),
        ("builtin/setVariable {\"type\":\"tmp\",\"name\":\"a\"}", "!! unknown-scope onEnter[0]"),
        ("builtin/setVariable {\"type\":\"temp\"}", "! nameless-variable onEnter[0]"),
        (
            "builtin/setVariable {\"type\":\"temp\",\"name\":\"a\",\"value\":\"{{x}}\"}",
            "! template-unknown-name onEnter[0].value",
        ),
    ] {
        let found = found_in_main(&json!({"name": "entry", "onEnter": [instruction]}));
        assert!(found.contains(&expected.to_owned()), "{instruction}: {found:?}");
        assert!(found.len() <= 2, "{instruction}: {found:?}");
    }
}

#[test]
fn broken_transitions_are_found() {
    for (condition, node, expected) in [
        ("true", "nowhere", "!! unknown-node next[0].node"),
        ("true", "gone.flow.json", "!! unknown-flow next[0].node"),
        ("true", "error.flow.json#gone", "!! unknown-node next[0].node"),
        ("true", "#gone", "!! unknown-node next[0].node"),
        ("true", "entry", "!! endless-loop next"),
        ("temp.a ===", "END", "!! condition-syntax next[0].condition"),
        ("temp.a == hyderabad", "END", "!! unknown-variable next[0].condition"),
        ("state.x", "END", "!! unknown-variable next[0].condition"),
        ("temp.list.some(e => e.x)", "END", "!! needs-javascript next[0].condition"),
        ("temp.a.shout() == 1", "END", "! unknown-method next[0].condition"),
        ("always", "END", "!! literal-always next[0].condition"),
        ("", "END", "! empty-condition next[0].condition"),
        ("lastNode entry", "END", "! bad-last-node next[0].condition"),
        ("event.nlu.intent.is('x')", "END", "! v11-condition next[0].condition"),
        ("event.nlu.intent.name === 'gone'", "END", "! unknown-intent next[0].condition"),
        ("event.nlu.intent.name === ''", "END", "! unknown-intent next[0].condition"),
    ] {
        let node = json!({"name": "entry", "next": [{"condition": condition, "node": node}]});
        assert_eq!(found_in_main(&node), [expected], "{condition} -> {node}");
    }
}

#[test]
fn every_form_of_destination_that_works_is_left_alone() {
    for node in
        ["", "END", "ERROR.flow.json", "error.flow.json#entry", "#", "##", "#entry", "##entry"]
    {
        let node = json!({"name": "entry", "onReceive": [], "next": [{"condition": "temp.x", "node": node}]});
        let found = found_in_main(&node);
        assert_eq!(found, [""; 0], "{node}");
    }
}

#[test]
fn transitions_behind_one_that_always_holds_are_found_once() {
    let next = |conditions: &[(&str, &str)]| -> Vec<Value> {
        conditions.iter().map(|(c, n)| json!({"condition": c, "node": n})).collect()
    };
    let node = json!({"name": "entry", "onReceive": [],
                      "next": next(&[("temp.a", "entry"), ("true", "END"), ("temp.b", "entry"), ("temp.c", "entry")])});
    assert_eq!(found_in_main(&node), ["! dead-transition next[2]"]);
    let harmless = json!({"name": "entry", "onReceive": [],
                          "next": next(&[("true", "END"), ("temp.b", "END")])});
    assert_eq!(found_in_main(&harmless), [""; 0]);
}

#[test]
fn what_nothing_leads_to_is_only_noted() {
    let lost = flow_with(&json!({"name": "entry", "onEnter": ["say #!nobody"]}));
    let loaded = load_with(&[("flows/lost.flow.json", &lost)]);
    assert_eq!(
        found(&loaded),
        ["unreached-flow flows/ -", "unknown-element flows/lost.flow.json onEnter[0]"]
    );
    let script = "bp.dialog.jumpTo(id, event, 'lost.flow.json')";
    let loaded = load_with(&[("flows/lost.flow.json", &lost), ("actions/jump.js", script)]);
    assert_eq!(found(&loaded), ["!! unknown-element flows/lost.flow.json onEnter[0]"]);
}

#[test]
fn texts_that_are_missing_or_in_another_language_are_found() {
    for (form_data, expected) in [
        (json!({"text$en": "a"}), &[][..]),
        (json!({"text": {"en": "a"}}), &[]),
        (json!({"text$en": "", "variations$en": ["a"]}), &[]),
        (json!({"text": "a"}), &["other-language builtin_text-hello.text"]),
        (json!({"text$undefined": "a"}), &["other-language builtin_text-hello.text"]),
        (json!({"text$fr": "a"}), &["other-language builtin_text-hello.text"]),
        (json!({"text$en": ""}), &["! empty-element builtin_text-hello.text"]),
        (json!({"text$en": "{{name}}"}), &["! template-unknown-name builtin_text-hello.text$en"]),
        (json!({"text$en": "![x](/api/v1/bots/old/media/x.png)"}), &["! foreign-media -"]),
        (json!({"text$en": "/api/v1/bots/my-bot/media/x.png"}), &["! missing-media -"]),
    ] {
        let elements = json!([{"id": "builtin_text-hello", "formData": form_data}]).to_string();
        let loaded = load_with(&[("content-elements/builtin_text.json", &elements)]);
        let found: Vec<String> = found(&loaded)
            .into_iter()
            .map(|found| found.replace("content-elements/builtin_text.json ", ""))
            .collect();
        assert_eq!(found, expected, "{form_data}");
    }
}

#[test]
fn intents_entities_and_questions_are_checked() {
    let intent = json!({"name": "book", "contexts": [], "utterances": {"en": ["a"]},
                        "slots": [{"name": "when", "entities": ["date", "time"]}]});
    let qna = json!({"id": "q1", "data": {"action": "text_redirect", "questions": {"en": []},
        "answers": {"fr": ["#!gone"]}, "redirectFlow": "gone", "redirectNode": "entry"}});
    let loaded = load_with(&[
        ("intents/book.json", &intent.to_string()),
        ("intents/__qna__gone.json", &json!({"name": "__qna__gone"}).to_string()),
        ("qna/q1.json", &qna.to_string()),
    ]);
    assert_eq!(
        found(&loaded),
        [
            "! no-language-understanding intents/ -",
            "few-utterances intents/ -",
            "orphan-qna-intent intents/ -",
            "! intent-without-context intents/book.json contexts",
            "! unknown-entity intents/book.json slots",
            "! qna-without-question qna/q1.json data.questions",
            "! qna-without-answer qna/q1.json data.answers",
            "!! unknown-element qna/q1.json data.answers",
            "!! unknown-flow qna/q1.json data.redirectFlow",
        ]
    );
}

#[test]
fn scripts_are_listed_and_said_not_to_run() {
    let node = json!({"name": "entry", "onEnter": ["pay {}", "Util/add"]});
    let loaded = load_with(&[
        ("flows/main.flow.json", &flow_with(&node)),
        ("actions/pay.js", "require('axios'); bp.kvs.forBot(x)"),
        ("hooks/after_incoming_middleware/log.js", ""),
        ("hooks/after_incoming_middleware/00_dialog_engine.js", ""),
        ("hooks/after_lunch/x.js", ""),
    ]);
    let found = found(&loaded);
    for expected in [
        "!! needs-javascript flows/main.flow.json onEnter[0]",
        "!! unknown-action flows/main.flow.json onEnter[1]",
        "! needs-javascript hooks/after_incoming_middleware/log.js -",
        "builtin-hook hooks/after_incoming_middleware/00_dialog_engine.js -",
        "! unknown-hook hooks/after_lunch/x.js -",
    ] {
        assert!(found.contains(&expected.to_owned()), "{expected}: {found:?}");
    }
    let code = loaded.report.code;
    assert_eq!(code.actions_called.keys().collect::<Vec<_>>(), ["Util/add", "pay"]);
    assert_eq!(code.requires["axios"], 1);
    assert_eq!(code.calls["bp.kvs.forBot"], 1);
    assert_eq!((loaded.report.counts.actions, loaded.report.counts.hooks), (1, 3));
}

#[test]
fn a_shared_script_counts_as_there() {
    let shared: BotFiles = [("actions/pay.js", "")].into_iter().collect();
    let node = json!({"name": "entry", "onEnter": ["pay {}"]});
    let main = flow_with(&node);
    let files: BotFiles = [("flows/main.flow.json", main.as_str())].into_iter().collect();
    let id = BotId::parse("my-bot").unwrap();
    let loaded = load(&id, &files, Provided { native_action: &native, shared: &shared });
    assert!(
        found(&loaded).contains(&"!! needs-javascript flows/main.flow.json onEnter[0]".to_owned())
    );
}

#[test]
fn findings_are_bounded() {
    let wrong: Vec<&str> = vec!["say #!nobody"; 1000];
    let nodes: Vec<Value> = (0..20)
        .map(|n| json!({"name": if n == 0 { "entry".to_owned() } else { n.to_string() }, "onEnter": wrong,
            "next": [{"condition": "temp.x", "node": (n + 1).to_string()}]}))
        .collect();
    let flow = json!({"version": "0.0.1", "startNode": "entry", "nodes": nodes}).to_string();
    let report = load_with(&[("flows/main.flow.json", &flow)]).report;
    assert_eq!(report.count(Severity::Error), 1000);
    assert_eq!(report.omitted, 19_001);
}

#[test]
fn rings_of_nodes_are_found_once_and_only_where_they_are_certain() {
    let ring = |middle: Value| {
        let mut nodes = json!([
            {"name": "entry", "onEnter": ["say #!builtin_text-hello"],
             "next": [{"condition": "true", "node": "middle"}]},
            {"name": "middle", "next": [{"condition": "true", "node": "error.flow.json#back"}]},
        ]);
        nodes[1].as_object_mut().unwrap().extend(middle.as_object().unwrap().clone());
        let main = json!({"version": "0.0.1", "startNode": "entry", "nodes": nodes}).to_string();
        let error = json!({"version": "0.0.1", "startNode": "entry", "nodes": [{"name": "entry"},
            {"name": "back", "next": [{"condition": "true", "node": "main.flow.json"}]}]});
        let loaded = load_with(&[
            ("flows/main.flow.json", &main),
            ("flows/error.flow.json", &error.to_string()),
            ("actions/jump.js", ""),
        ]);
        let found = found(&loaded);
        found.iter().filter(|found| found.contains("endless-loop")).count()
    };
    assert_eq!(ring(json!({})), 1);
    assert_eq!(ring(json!({"onEnter": ["builtin/wait {}"]})), 1);
    assert_eq!(ring(json!({"onReceive": []})), 0);
    assert_eq!(ring(json!({"onEnter": ["jump"]})), 0);
    let conditional = json!([{"condition": "temp.x", "node": "END"},
                             {"condition": "true", "node": "error.flow.json#back"}]);
    assert_eq!(ring(json!({"next": conditional})), 0);
}

#[test]
fn transitions_of_the_whole_flow_come_first() {
    let flow = json!({"version": "0.0.1", "startNode": "entry",
    "catchAll": {"next": [{"condition": "true", "node": "last"}]},
    "nodes": [
        {"name": "entry", "onReceive": [], "next": [{"condition": "temp.x", "node": "END"}]},
        {"name": "last", "onReceive": [], "next": [{"condition": "temp.x", "node": "END"}]}
    ]});
    let loaded = load_with(&[("flows/main.flow.json", &flow.to_string())]);
    let found = found(&loaded);
    let dead: Vec<&String> = found.iter().filter(|found| found.contains("dead")).collect();
    assert_eq!(dead, ["! dead-transition flows/main.flow.json next"]);
}

#[test]
fn skill_nodes_are_checked() {
    for (node, expected) in [
        (json!({"flow": "skills/choice-1.flow.json"}), &[][..]),
        (json!({"flow": "skills/gone.flow.json"}), &["!! unknown-flow flow"]),
        (json!({}), &["!! skill-without-flow flow"]),
        (
            json!({"flow": "skills/choice-1.flow.json", "onReceive": ["builtin/wait"]}),
            &["! skill-with-instructions onEnter"],
        ),
    ] {
        let mut whole = json!({"name": "entry", "type": "skill-call"});
        whole.as_object_mut().unwrap().extend(node.as_object().unwrap().clone());
        assert_eq!(found_in_main(&whole), expected, "{node}");
    }
}

#[test]
fn missing_translations_are_counted_by_file() {
    let config =
        json!({"version": "12.30.0", "defaultLanguage": "en", "languages": ["en", "fr", "pt"]});
    let elements =
        json!([{"id": "builtin_text-hello", "formData": {"text$en": "a", "text$fr": "b"}}]);
    let loaded = load_with(&[
        ("bot.config.json", &config.to_string()),
        ("content-elements/builtin_text.json", &elements.to_string()),
    ]);
    assert_eq!(found(&loaded), ["missing-translation content-elements/builtin_text.json -"]);
    assert!(loaded.report.findings[0].problem.contains("\"pt\": \"builtin_text-hello\""));
}

#[test]
fn templates_are_checked_with_the_arguments_they_are_given() {
    for (say, text, expected) in [
        ("say #!builtin_text-hello {\"price\":1}", "{{price}}", None),
        ("say #!builtin_text-hello", "{{price}}", Some("! template-unknown-name")),
        ("say #!builtin_text-hello", "{{#temp.x}}open", Some("!! bad-template")),
        ("say #!builtin_text-hello", "{{user['x']}}", Some("! template-not-a-path")),
    ] {
        let elements = json!([{"id": "builtin_text-hello", "formData": {"text$en": text}}]);
        let main = flow_with(&json!({"name": "entry", "onEnter": [say]}));
        let loaded = load_with(&[
            ("content-elements/builtin_text.json", &elements.to_string()),
            ("flows/main.flow.json", &main),
        ]);
        let found = found(&loaded);
        let found = found.iter().find(|found| found.contains("template"));
        let code = found.map(|found| found.split(" content").next().unwrap());
        assert_eq!(code, expected, "{say} {text}");
    }
}
