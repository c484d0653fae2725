//! Reports of whole directories, as an operator reads them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::*;

fn given() -> Surroundings {
    Surroundings {
        native_action: |name| {
            name.starts_with("builtin/") || name.starts_with("basic-skills/choice_")
        },
        substitute: Box::new(str::to_owned),
    }
}

fn checkup(path: &Path) -> Checkup {
    check(&CheckArgs { path: path.to_owned(), json: false, all: false }, &given()).unwrap()
}

fn printed(checkup: &Checkup, all: bool) -> String {
    let mut out = Vec::new();
    text::print(&mut out, checkup, all).unwrap();
    String::from_utf8(out).unwrap()
}

/// A data directory with a clean bot, one with many problems and one that does not load.
fn data_dir() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join("bots").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let config = r#"{"version": "12.31.1", "defaultLanguage": "en", "languages": ["en"]}"#;
    let clean = r#"{"version": "0.0.1", "startNode": "n", "nodes": [{"name": "n"}]}"#;
    let says: Vec<String> = (0..10).map(|n| format!("\"say #!gone-{n}\"")).collect();
    let bad = format!(
        r#"{{"version": "0.0.1", "startNode": "n", "nodes": [{{"name": "n", "onReceive": [],
            "onEnter": ["pay {{}}", "pay", {}], "next": [{{"condition": "true", "node": "m"}}]}}]}}"#,
        says.join(",")
    );
    write("a-clean/bot.config.json", config);
    write("a-clean/flows/main.flow.json", clean);
    write("b-wrong/bot.config.json", config);
    write("b-wrong/flows/main.flow.json", &bad);
    write("c-unreadable/bot.config.json", "{\n  x");
    dir
}

#[test]
fn the_report_reads_well_and_stays_short() {
    let dir = data_dir();
    let checkup = checkup(dir.path());
    let text = printed(&checkup, false);
    for line in [
        "a-clean (version 12.31.1, en)\n  1 flow, 1 node\n  nothing to report\n",
        "b-wrong (version 12.31.1, en)\n  1 flow, 1 node, 1 transition\n  \
         calls its own actions: pay ×2\n  13 errors\n",
        "error: unknown-action ×2: the bot falls silent: it has no error.flow.json to go to\n    \
         flows/main.flow.json › n › onEnter[0] and 1 more place: there is no action \"pay\"",
        "    flows/main.flow.json › n › next[0].node: there is no node \"m\" in \"main.flow.json\"\n",
        "    and 4 more of this kind (--all shows them)\n",
        "c-unreadable (DOES NOT LOAD)\n",
        "bot.config.json: is no valid JSON: key must be a string at line 2 column 3\n",
        "3 bots: 2 with errors, 0 with warnings, 1 without either",
    ] {
        assert!(text.contains(line), "{line:?} is not in:\n{text}");
    }
    let all = printed(&checkup, true);
    assert!(all.contains("gone-9") && !text.contains("gone-9"));
}

#[test]
fn the_report_is_the_same_every_time() {
    let dir = data_dir();
    assert_eq!(printed(&checkup(dir.path()), true), printed(&checkup(dir.path()), true));
}

#[test]
fn json_holds_every_finding() {
    let dir = data_dir();
    let json = serde_json::to_value(checkup(dir.path())).unwrap();
    assert_eq!(json["severity"], "error");
    let bot = &json["bots"][1];
    assert_eq!((&bot["id"], &bot["loads"]), (&Value::from("b-wrong"), &Value::from(true)));
    assert_eq!(bot["counts"]["transitions"], 1);
    assert_eq!(bot["code"]["actionsCalled"]["pay"], 2);
    let findings = bot["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 13);
    for key in ["severity", "code", "file", "node", "field", "problem", "effect"] {
        assert!(findings[0][key].is_string(), "{key}");
    }
}

#[test]
fn the_exit_code_tells_the_severity() {
    let dir = data_dir();
    let bots = dir.path().join("bots");
    assert_eq!(exit_code(checkup(&bots.join("a-clean")).severity), 0);
    assert_eq!(exit_code(checkup(dir.path()).severity), 2);
    fs::remove_dir_all(bots.join("b-wrong")).unwrap();
    fs::remove_dir_all(bots.join("c-unreadable")).unwrap();
    fs::create_dir(dir.path().join("global")).unwrap();
    fs::write(dir.path().join("global/workspaces.json"), r#"[{"bots": []}]"#).unwrap();
    let unserved = checkup(dir.path());
    assert_eq!(exit_code(unserved.severity), 1);
    assert!(printed(&unserved, false).contains("a-clean (version 12.31.1, en, not served)"));
    assert_eq!(exit_code(Some(Severity::Info)), 0);
}

#[test]
fn what_holds_no_bot_is_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let args = CheckArgs { path: dir.path().to_owned(), json: false, all: false };
    let error = check(&args, &given()).unwrap_err().to_string();
    assert!(error.contains("holds no bot") && error.contains(".tgz"), "{error}");
}
