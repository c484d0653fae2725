//! Whole bots: what loads and what is left out.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::bot::fixture::{found, good_bot, load_files, load_with, native};

#[test]
fn a_good_bot_loads_whole_and_without_complaint() {
    let loaded = load_files(&good_bot());
    assert_eq!(found(&loaded), [""; 0]);
    let bot = loaded.bot.unwrap();
    assert_eq!(bot.flows.len(), 4);
    assert_eq!(bot.flow("SHOP").unwrap().nodes.len(), 2);
    assert!(bot.conditions.contains_key("user.a == 'x'"));
    assert_eq!(bot.modules["shop"]["a"], 1);
    let counts = loaded.report.counts;
    assert_eq!((counts.flows, counts.nodes, counts.transitions, counts.elements), (4, 6, 7, 1));
}

#[test]
fn untidy_bots_load() {
    let untidy = [
        ("flows/._main.flow.json", "\0\0garbage"),
        ("__MACOSX/flows/._main.flow.json", "garbage"),
        ("flows/notes.json", "garbage"),
        ("flows/main.ui.json", "garbage"),
        ("nlu-tests.json", "garbage"),
        ("content-elements/library.json", "[\"x\"]"),
        ("media/._pic.png", ""),
    ];
    assert_eq!(found(&load_with(&untidy)), [""; 0]);
}

#[test]
fn a_bad_file_takes_no_other_down() {
    let bad = [
        ("flows/bad.flow.json", "{\n\"nodes\": ["),
        ("content-elements/bad.json", "{}"),
        ("config/bad.json", "{\"a\": 1 | 2}"),
        ("intents/bad.json", "[]"),
        ("entities/bad.json", "1"),
        ("qna/bad.json", "{}"),
    ];
    let loaded = load_with(&bad);
    assert_eq!(loaded.bot.as_ref().map(|bot| (bot.flows.len(), bot.elements.len())), Some((4, 1)));
    assert_eq!(
        found(&loaded),
        [
            "!! invalid-json config/bad.json -",
            "!! bad-content-file content-elements/bad.json -",
            "!! bad-file entities/bad.json -",
            "!! invalid-json flows/bad.flow.json -",
            "!! bad-file intents/bad.json -",
            "!! bad-qna qna/bad.json -",
        ]
    );
}

#[test]
fn without_a_readable_configuration_there_is_no_bot_but_a_report() {
    let loaded = load_with(&[("bot.config.json", "{")]);
    assert!(loaded.bot.is_none());
    assert_eq!(found(&loaded), ["!! invalid-json bot.config.json -"]);
    assert_eq!(loaded.report.counts.flows, 4);
    let mut files = good_bot();
    files.remove("bot.config.json");
    assert!(load_files(&files).bot.is_some());
}

/// Replaces, drops or doubles something at a random place of JSON.
fn mutate(value: &mut Value, choices: &mut impl Iterator<Item = usize>) {
    let next = |choices: &mut dyn Iterator<Item = usize>| choices.next().unwrap_or(0);
    let count = match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    if count > 0 && next(choices) % 4 > 0 {
        let at = next(choices) % count;
        match value {
            Value::Array(items) => mutate(&mut items[at], choices),
            Value::Object(fields) => mutate(fields.values_mut().nth(at).unwrap(), choices),
            _ => {}
        }
        return;
    }
    *value = match next(choices) % 9 {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1.5),
        3 => json!(""),
        4 => json!("{{#a}} say #! \u{0} ../x \u{202e}"),
        5 => json!([]),
        6 => json!({}),
        7 => json!([null, [{"name": {}}], {"next": [[]], "onEnter": 5}]),
        _ => json!({"condition": [], "node": {}, "nodes": 1, "formData": [], "id": null}),
    };
}

proptest! {
    #[test]
    fn a_mutation_of_one_flow_harms_no_other(choices in prop::collection::vec(0_usize..1000, 1..60)) {
        let mut files = good_bot();
        let name = "flows/shop.flow.json";
        let mut choices = choices.into_iter();
        let mut value: Value = serde_json::from_str(&files[name]).unwrap();
        for _ in 0..3 {
            mutate(&mut value, &mut choices);
        }
        files.insert(name.to_owned(), value.to_string());
        let bot = load_files(&files).bot.unwrap();
        let good = load_files(&good_bot()).bot.unwrap();
        for (name, flow) in &good.flows {
            if name != "shop.flow.json" {
                prop_assert_eq!(bot.flows.get(name), Some(flow));
            }
        }
        prop_assert_eq!(bot.elements, good.elements);
    }

    #[test]
    fn a_mutation_anywhere_makes_nothing_panic(
        file in 0_usize..7,
        choices in prop::collection::vec(0_usize..1000, 1..40),
    ) {
        let mut files = good_bot();
        let (_, text) = files.iter_mut().nth(file).unwrap();
        let mut value: Value = serde_json::from_str(text).unwrap();
        mutate(&mut value, &mut choices.into_iter());
        *text = value.to_string();
        let loaded = load_files(&files);
        prop_assert!(loaded.report.findings.len() < 1000);
    }

    #[test]
    fn bytes_that_are_no_bot_make_nothing_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let paths = ["bot.config.json", "flows/main.flow.json", "content-elements/a.json",
                     "intents/a.json", "actions/a.js"];
        let files: BotFiles = paths.into_iter().map(|path| (path, bytes.clone())).collect();
        let id = BotId::parse("my-bot").unwrap();
        let shared = BotFiles::default();
        let _ = load(&id, &files, Provided { native_action: &native, shared: &shared });
    }

    #[test]
    fn a_cut_file_is_an_error_and_no_more(cut in 0_usize..400) {
        let mut files = good_bot();
        let text = &good_bot()["flows/main.flow.json"];
        let cut = cut.min(text.len() - 1);
        prop_assume!(text.is_char_boundary(cut));
        files.insert("flows/main.flow.json".to_owned(), text[..cut].to_owned());
        let loaded = load_files(&files);
        prop_assert_eq!(loaded.bot.map(|bot| bot.flows.len()), Some(3));
        prop_assert!(loaded.report.findings.iter().any(|f| f.code == "invalid-json"));
    }
}
