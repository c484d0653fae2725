//! Files that users send (`spec` runtime 5.7).

use parlance_core::bot::Bot;
use parlance_core::dialog::Effect;
use serde_json::{Value, json};

use crate::stage::{Talk, bot, flow, node};

/// Keeps the file of every message, so many times, and says where it is.
fn keeper(times: usize) -> Bot {
    let mut enter = vec!["builtin/storeFileLocally {}"; times];
    enter.push("say #!where");
    let place = "{{{event.payload.file}}}{{{event.payload.image}}} {{{event.payload.text}}}";
    bot(&[("main", flow(&[node("entry", &enter, None, &[])]))], &[("where", place)])
}

/// The URLs that the last turn asked for; it asked for nothing else.
fn asked(talk: &Talk<'_>) -> Vec<String> {
    let url = |effect: &Effect| match effect {
        Effect::KeepFile { url } => url.clone(),
        other => panic!("{other:?}"),
    };
    talk.effects.iter().map(url).collect()
}

#[test]
fn a_sent_file_is_kept_and_the_event_names_the_copy() {
    let bot = keeper(2);
    for field in ["file", "image"] {
        let mut talk = Talk::with(&bot);
        let said = talk.send(&json!({"type": field, field: "https://files.example/a.png"}));
        // Asked once: the copy is not copied again.
        assert_eq!(asked(&talk), ["https://files.example/a.png"], "{field}");
        assert_eq!(said, ["http://localhost/api/v1/bots/test-bot/media/a.png "]);
    }
}

#[test]
fn audio_and_video_are_kept_as_well() {
    let bot = keeper(1);
    for field in ["audio", "video"] {
        let mut talk = Talk::with(&bot);
        talk.send(&json!({"type": field, field: "https://files.example/a"}));
        assert_eq!(asked(&talk).len(), 1, "{field}");
    }
}

#[test]
fn a_file_that_cannot_be_kept_is_told_and_the_flow_goes_on() {
    let bot = keeper(1);
    let mut talk = Talk::with(&bot);
    let said = talk.send(&json!({"type": "file", "file": "https://elsewhere.example/{{a}}"}));
    assert_eq!(asked(&talk), ["https://elsewhere.example/{{a}}"]);
    assert_eq!(said, ["https://elsewhere.example/{{a}} "]);
    assert_eq!(talk.problems(), ["it cannot be reached"]);
}

#[test]
fn a_message_without_a_file_asks_for_none() {
    let bot = keeper(1);
    for payload in [
        json!({"type": "text", "text": "hi"}),
        json!({"type": "file", "file": ""}),
        json!({"type": "file", "file": {"url": "https://files.example/a"}}),
        json!({"type": "file", "file": Value::Null}),
        json!({"type": "file", "file": "/api/v1/bots/test-bot/media/a.png"}),
    ] {
        let mut talk = Talk::with(&bot);
        talk.send(&payload);
        assert_eq!(asked(&talk), [""; 0], "{payload}");
        assert_eq!(talk.problems(), [""; 0], "{payload}");
    }
}

#[test]
fn one_turn_asks_for_few_files() {
    let bot = keeper(30);
    let mut talk = Talk::with(&bot);
    talk.send(&json!({"type": "file", "file": "https://elsewhere.example/"}));
    assert_eq!(asked(&talk).len(), 10);
    assert_eq!(talk.problems().last(), Some(&"more than 10 files in one turn"));
}
