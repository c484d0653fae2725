//! Bots come, change and go while the registry is in use.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::*;

/// Longer than any machine takes to notice a change.
const LIMIT: Duration = Duration::from_secs(20);

fn given() -> Surroundings {
    Surroundings {
        native_action: |name| name.starts_with("builtin/"),
        substitute: Box::new(|text| text.replace("%NAME%", "Shop")),
    }
}

/// Writes as careful editors do: into another file that then takes the name.
fn write(path: &Path, text: &str) {
    let draft = path.with_extension("draft");
    fs::write(&draft, text).unwrap();
    fs::rename(draft, path).unwrap();
}

fn write_bot(data: &Path, id: &str, config: &str, flows: usize) {
    let folder = data.join("bots").join(id);
    fs::create_dir_all(folder.join("flows")).unwrap();
    let flow = r#"{"version": "0.0.1", "startNode": "n", "nodes": [{"name": "n"}]}"#;
    write(&folder.join("flows/main.flow.json"), flow);
    for n in 1..flows {
        write(&folder.join(format!("flows/{n}.flow.json")), flow);
    }
    write(&folder.join("bot.config.json"), config);
}

fn open(data: &Path) -> (Registry, Vec<BotReport>) {
    Registry::open(Source::DataDir(data.to_owned()), given()).unwrap()
}

fn ready(registry: &Registry, id: &str) -> Option<Arc<Bot>> {
    match registry.get(id) {
        Lookup::Ready(bot) => Some(bot),
        Lookup::Disabled | Lookup::Unknown => None,
    }
}

/// Waits until the registry looks as wanted.
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LIMIT, "{what} never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn bots_are_ready_disabled_or_unknown() {
    let data = tempfile::tempdir().unwrap();
    write_bot(data.path(), "a-shop", r#"{"name": "%NAME%", "defaultLanguage": "en"}"#, 1);
    write_bot(data.path(), "b-off", r#"{"disabled": true, "defaultLanguage": "en"}"#, 1);
    write_bot(data.path(), "c-bad", "{", 1);
    let (registry, reports) = open(data.path());
    assert_eq!(ready(&registry, "a-shop").unwrap().config.name, "Shop");
    assert!(matches!(registry.get("b-off"), Lookup::Disabled));
    assert!(matches!(registry.get("c-bad"), Lookup::Unknown));
    assert!(matches!(registry.get("nobody"), Lookup::Unknown));
    assert_eq!(registry.ids(), ["a-shop", "b-off"]);
    assert_eq!(registry.census(), Census { ready: 1, disabled: 1, failed: 1 });
    let health = registry.health();
    let status: Vec<BotStatus> = health.values().map(|health| health.status).collect();
    assert_eq!(status, [BotStatus::Healthy, BotStatus::Disabled, BotStatus::Unhealthy]);
    assert!(health["a-shop"].errors == 0 && health["c-bad"].errors > 0, "{health:?}");
    assert_eq!(reports.len(), 3);
    assert_eq!(reports[2].report.findings[0].code, "invalid-json");
}

#[test]
fn a_bot_that_no_workspace_names_is_not_there() {
    let data = tempfile::tempdir().unwrap();
    write_bot(data.path(), "a-shop", "{}", 1);
    write_bot(data.path(), "b-shop", "{}", 1);
    fs::create_dir(data.path().join("global")).unwrap();
    fs::write(data.path().join("global/workspaces.json"), r#"[{"bots": ["a-shop"]}]"#).unwrap();
    let (registry, _) = open(data.path());
    assert_eq!(registry.ids(), ["a-shop"]);
    fs::write(data.path().join("global/workspaces.json"), r#"[{"bots": ["b-shop"]}]"#).unwrap();
    eventually("the other bot", || registry.ids() == ["b-shop"]);
}

#[test]
fn a_half_written_workspaces_file_serves_no_other_bots() {
    let data = tempfile::tempdir().unwrap();
    write_bot(data.path(), "a-shop", "{}", 1);
    write_bot(data.path(), "b-shop", "{}", 1);
    fs::create_dir(data.path().join("global")).unwrap();
    fs::write(data.path().join("global/workspaces.json"), r#"[{"bots": ["a-shop"]}]"#).unwrap();
    let (registry, _) = open(data.path());
    fs::write(data.path().join("global/workspaces.json"), r#"[{"bots": ["#).unwrap();
    write_bot(data.path(), "a-shop", "{}", 3);
    eventually("the change", || ready(&registry, "a-shop").is_some_and(|bot| bot.flows.len() == 3));
    assert_eq!(registry.ids(), ["a-shop"]);
}

#[test]
fn bots_are_counted_as_they_are_now() {
    let data = tempfile::tempdir().unwrap();
    write_bot(data.path(), "a-shop", "{}", 1);
    write_bot(data.path(), "b-shop", "{", 1);
    let (registry, _) = open(data.path());
    assert_eq!(registry.census(), Census { ready: 1, disabled: 0, failed: 1 });
    write_bot(data.path(), "a-shop", r#"{"disabled": true}"#, 1);
    write_bot(data.path(), "b-shop", "{}", 1);
    let now = Census { ready: 1, disabled: 1, failed: 0 };
    eventually("the new count", || registry.census() == now);
    write_bot(data.path(), "a-shop", "{", 1);
    fs::remove_dir_all(data.path().join("bots/b-shop")).unwrap();
    let gone = Census { ready: 0, disabled: 1, failed: 0 };
    eventually("the count without the removed bot", || registry.census() == gone);
}

#[test]
fn a_bot_that_could_never_be_read_is_not_counted_once_it_is_gone() {
    let data = tempfile::tempdir().unwrap();
    write_bot(data.path(), "b-shop", "{", 1);
    let (registry, _) = open(data.path());
    assert_eq!(registry.census().failed, 1);
    fs::remove_dir_all(data.path().join("bots/b-shop")).unwrap();
    eventually("the empty count", || registry.census() == Census::default());
}

#[test]
fn a_changed_bot_is_swapped_whole_and_a_turn_keeps_the_old_one() {
    let data = tempfile::tempdir().unwrap();
    write_bot(data.path(), "a-shop", "{}", 1);
    write_bot(data.path(), "b-shop", "{}", 1);
    let (registry, _) = open(data.path());
    let (old, other) = (ready(&registry, "a-shop").unwrap(), ready(&registry, "b-shop").unwrap());
    write_bot(data.path(), "a-shop", "{}", 3);
    eventually("the change", || ready(&registry, "a-shop").unwrap().flows.len() == 3);
    assert_eq!(old.flows.len(), 1);
    assert!(Arc::ptr_eq(&other, &ready(&registry, "b-shop").unwrap()), "b-shop was read again");
}

#[test]
fn a_bot_that_becomes_unreadable_runs_on_as_it_was() {
    let data = tempfile::tempdir().unwrap();
    write_bot(data.path(), "a-shop", r#"{"name": "one"}"#, 1);
    write_bot(data.path(), "b-mark", "{}", 1);
    let (registry, _) = open(data.path());
    fs::write(data.path().join("bots/a-shop/bot.config.json"), "{").unwrap();
    fs::write(data.path().join("bots/b-mark/bot.config.json"), r#"{"name": "two"}"#).unwrap();
    eventually("the mark", || ready(&registry, "b-mark").unwrap().config.name == "two");
    assert_eq!(ready(&registry, "a-shop").unwrap().config.name, "one");
    assert_eq!(registry.health()["a-shop"].status, BotStatus::Unhealthy);
    fs::write(data.path().join("bots/a-shop/bot.config.json"), r#"{"name": "three"}"#).unwrap();
    eventually("the repair", || ready(&registry, "a-shop").unwrap().config.name == "three");
}

#[test]
fn bots_appear_and_disappear() {
    let data = tempfile::tempdir().unwrap();
    let (registry, _) = open(data.path());
    assert!(registry.ids().is_empty());
    write_bot(data.path(), "a-shop", "{}", 2);
    eventually("the new bot", || {
        ready(&registry, "a-shop").is_some_and(|bot| bot.flows.len() == 2)
    });
    fs::rename(data.path().join("bots/a-shop"), data.path().join("bots/b-shop")).unwrap();
    eventually("the new name", || registry.ids() == ["b-shop"]);
    fs::remove_dir_all(data.path().join("bots/b-shop")).unwrap();
    eventually("the end", || registry.ids().is_empty());
}

#[test]
fn a_bot_can_be_read_again_at_once() {
    let data = tempfile::tempdir().unwrap();
    let (registry, _) = open(data.path());
    write_bot(data.path(), "a-shop", "{}", 1);
    registry.reload("a-shop");
    assert!(ready(&registry, "a-shop").is_some());
    fs::remove_dir_all(data.path().join("bots/a-shop")).unwrap();
    registry.reload("a-shop");
    assert!(registry.ids().is_empty() && registry.health().is_empty());
}

#[test]
fn a_lone_folder_is_one_bot() {
    let data = tempfile::tempdir().unwrap();
    write_bot(data.path(), "a-shop", "{}", 1);
    let folder = data.path().join("bots/a-shop");
    let (registry, _) = Registry::open(Source::Bot(folder.clone()), given()).unwrap();
    assert_eq!(registry.ids(), ["a-shop"]);
    fs::write(folder.join("bot.config.json"), r#"{"name": "new"}"#).unwrap();
    eventually("the change", || ready(&registry, "a-shop").unwrap().config.name == "new");
}

#[test]
fn readers_never_see_half_a_bot_while_it_changes() {
    let data = tempfile::tempdir().unwrap();
    write_bot(data.path(), "a-shop", "{}", 1);
    let (registry, _) = open(data.path());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(500) {
                let bot = ready(&registry, "a-shop").expect("the bot was gone for a moment");
                assert!(bot.flows.contains_key("main.flow.json"));
            }
        });
        for n in 2..6 {
            write_bot(data.path(), "a-shop", "{}", n);
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    eventually("the last change", || ready(&registry, "a-shop").unwrap().flows.len() == 5);
}
