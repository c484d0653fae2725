//! A bot of our own for tests, and what loading it finds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::load::{Loaded, Provided, load};
use super::{BotFiles, Severity};
use crate::ids::BotId;

/// A small bot of our own that has nothing to complain about.
pub(crate) fn good_bot() -> BTreeMap<String, String> {
    let flow = |nodes: Value| json!({"version": "0.0.1", "startNode": "entry", "nodes": nodes});
    let files = [
        (
            "bot.config.json",
            json!({"id": "x", "name": "Shop", "version": "12.26.7", "defaultLanguage": "en",
                   "languages": ["en"], "dialog": {"timeoutInterval": "5m"}}),
        ),
        (
            "flows/main.flow.json",
            flow(json!([
                {"name": "entry", "onEnter": ["say #!builtin_text-hello"], "onReceive": null,
                 "next": [{"condition": "true", "node": "ask"}]},
                {"name": "ask", "onReceive": ["builtin/setVariable \
                    {\"type\":\"user\",\"name\":\"a\",\"value\":\"{{event.preview}}\"}"],
                 "next": [{"condition": "user.a == 'x'", "node": "shop.flow.json"},
                          {"condition": "user.a == 'y'", "node": "shop.flow.json#goods"},
                          {"condition": "true", "node": "END"}]}
            ])),
        ),
        (
            "flows/shop.flow.json",
            flow(json!([
                {"name": "entry", "type": "skill-call", "flow": "skills/choice-1.flow.json",
                 "next": [{"condition": "true", "node": "goods"}]},
                {"name": "goods", "onEnter": ["say #builtin_text {\"text\":\"a\"}"],
                 "next": [{"condition": "true", "node": "#"}]}
            ])),
        ),
        (
            "flows/skills/choice-1.flow.json",
            flow(
                json!([{"name": "entry", "onReceive": [], "next": [{"condition": "true", "node": "#"}]}]),
            ),
        ),
        ("flows/error.flow.json", flow(json!([{"name": "entry"}]))),
        (
            "content-elements/builtin_text.json",
            json!([{"id": "builtin_text-hello", "formData": {"text$en": "Hi {{user.name}}"}}]),
        ),
        ("config/shop.json", json!({"a": 1})),
    ];
    files.into_iter().map(|(path, value)| (path.to_owned(), value.to_string())).collect()
}

pub(crate) fn native(name: &str) -> bool {
    name.starts_with("builtin/") || name.starts_with("basic-skills/choice_")
}

pub(crate) fn load_files(files: &BTreeMap<String, String>) -> Loaded {
    let files: BotFiles = files.iter().map(|(path, text)| (path, text.as_str())).collect();
    let shared = BotFiles::default();
    let id = BotId::parse("my-bot").unwrap();
    load(&id, &files, Provided { native_action: &native, shared: &shared })
}

/// Loads the good bot with some files added or replaced.
pub(crate) fn load_with(changes: &[(&str, &str)]) -> Loaded {
    let mut files = good_bot();
    files.extend(changes.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    load_files(&files)
}

/// `code file field` of every finding, for errors and warnings with their mark.
pub(crate) fn found(loaded: &Loaded) -> Vec<String> {
    let findings = loaded.report.findings.iter();
    findings
        .map(|f| {
            let mark = match f.severity {
                Severity::Info => "",
                Severity::Warning => "! ",
                Severity::Error => "!! ",
            };
            format!("{mark}{} {} {}", f.code, f.file, f.field.as_deref().unwrap_or("-"))
        })
        .collect()
}

pub(crate) fn flow_with(node: &Value) -> String {
    json!({"version": "0.0.1", "startNode": "entry", "catchAll": {}, "nodes": [node]}).to_string()
}

/// What is found when the main flow has this one node only.
pub(crate) fn found_in_main(node: &Value) -> Vec<String> {
    let loaded =
        load_with(&[("flows/main.flow.json", &flow_with(node)), ("flows/shop.flow.json", "{")]);
    let ours = found(&loaded).into_iter().filter(|found| found.contains("main.flow.json"));
    ours.map(|found| found.replace("flows/main.flow.json ", "")).collect()
}
