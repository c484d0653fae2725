//! Reading what others wrote, and changing nothing but what was meant.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use super::*;
use crate::files::Step;

/// As others write it: odd spaces, members that nobody knows, a number that no float holds.
const TEXT: &str = r#"[
    { "id": "default",  "name": "Default", "audience": "external",
      "bots": ["a-bot", 5, "b-bot"], "x-team": {"cost": 12345678901234567890123.50},
      "roles": [
        {"id": "admin", "name": "Admin", "rules": [{"res": "*", "op": "+r+w"}], "x": 1},
        {"id": "dev", "rules": []}
      ],
      "defaultRole": "dev", "adminRole": "admin",
      "users": [{"email": "Ada@Example.com", "role": "admin", "strategy": "default"}, {"role": "x"}]
    },
    { "id": "second", "bots": ["c-bot"], "botPrefix": "two" }
]
"#;

fn data(text: Option<&str>) -> (TempDir, WorkspacesFile) {
    let dir = tempfile::tempdir().unwrap();
    for bot in ["a-bot", "b-bot"] {
        fs::create_dir_all(dir.path().join("bots").join(bot).join("flows")).unwrap();
    }
    if let Some(text) = text {
        fs::create_dir_all(dir.path().join("global")).unwrap();
        fs::write(dir.path().join(FILE), text).unwrap();
    }
    let file = WorkspacesFile::new(dir.path());
    (dir, file)
}

fn text(dir: &TempDir) -> String {
    fs::read_to_string(dir.path().join(FILE)).unwrap()
}

#[test]
fn a_file_is_read_as_far_as_it_is_known() {
    let (_dir, file) = data(Some(TEXT));
    let found = file.get("default").unwrap();
    assert_eq!(found.bots, ["a-bot", "b-bot"]);
    assert_eq!(found.role("admin").unwrap().rules, [Rule { res: "*".into(), op: "+r+w".into() }]);
    assert_eq!((found.default_role.as_deref(), found.problems.len()), (Some("dev"), 0));
    let ada = ListedUser {
        email: "ada@example.com".into(),
        strategy: Some("default".into()),
        role: Some("admin".into()),
    };
    assert_eq!(found.users, [ada]);
    let second = file.get("second").unwrap();
    assert_eq!((second.name.as_str(), second.bot_id("x").as_str()), ("second", "two__x"));
    assert_eq!(second.bot_id("two__x"), "two__x");
    assert_eq!(file.of_bot("c-bot").unwrap(), ["second"]);
    assert!(matches!(file.get("third"), Err(WorkspacesError::NoWorkspace(_))));
}

#[test]
fn a_role_that_cannot_be_read_allows_nothing() {
    let text = r#"[{"id": "w", "roles": [
        {"id": "a", "rules": [{"res": "*", "op": "+r"}, {"res": "bot.*", "op": 5}]},
        {"id": "b", "rules": [{"res": "*", "op": "+r"}]}, {"id": "b"}, 5]}]"#;
    let found = &parse(text.as_bytes()).unwrap()[0];
    let rules: Vec<(&str, usize)> =
        found.roles.iter().map(|role| (role.id.as_str(), role.rules.len())).collect();
    assert_eq!(rules, [("a", 0), ("b", 1)]);
    assert_eq!(found.problems.len(), 3, "{:?}", found.problems);
}

#[test]
fn what_says_nothing_certain_is_an_error() {
    for text in ["", "{}", "[5]", r#"[{"bots": "all"}]"#, "[{}"] {
        assert!(parse(text.as_bytes()).is_err(), "{text}");
        let (dir, file) = data(Some(text));
        assert!(mounted(dir.path()).is_err());
        assert!(matches!(file.add_bot("default", "x-bot"), Err(WorkspacesError::Broken(_))));
        assert_eq!(self::text(&dir), text, "it is left as it is");
    }
}

#[test]
fn without_the_file_every_bot_counts_also_after_one_was_made() {
    let (dir, file) = data(None);
    assert_eq!(mounted(dir.path()), Ok(None));
    assert_eq!(file.get("default").unwrap().bots, ["a-bot", "b-bot"]);
    file.add_bot("default", "b-bot").unwrap();
    assert!(!file.remove_bot("c-bot").unwrap());
    assert_eq!(mounted(dir.path()), Ok(None), "it is not made without need");
    file.create(&NewWorkspace { id: "w".into(), name: "W".into(), ..NewWorkspace::default() })
        .unwrap();
    let named: Vec<String> = mounted(dir.path()).unwrap().unwrap().into_iter().collect();
    assert_eq!(named, ["a-bot", "b-bot"]);
}

#[test]
fn a_change_changes_nothing_else() {
    let (dir, file) = data(Some(TEXT));
    file.add_bot("default", "n-bot").unwrap();
    file.add_bot("default", "n-bot").unwrap();
    assert_eq!(text(&dir), TEXT.replace("\"b-bot\"]", "\"b-bot\", \"n-bot\"]"));
    assert!(file.remove_bot("n-bot").unwrap());
    assert_eq!(text(&dir), TEXT);
    file.update("default", &WorkspaceChange { name: Some("New".into()), ..Default::default() })
        .unwrap();
    assert_eq!(text(&dir), TEXT.replace("\"Default\"", "\"New\""));
    file.add_bot("second", "c-bot").unwrap();
    assert!(matches!(file.add_bot("third", "c-bot"), Err(WorkspacesError::NoWorkspace(_))));
}

#[test]
fn roles_come_change_and_go() {
    let (dir, file) = data(Some(TEXT));
    let rule = |res: &str, op: &str| Rule { res: res.into(), op: op.into() };
    let with = |id: &str, rules: Vec<Rule>| Role {
        id: id.into(),
        name: "N".into(),
        rules,
        ..Role::default()
    };
    file.set_role("default", &with("admin", vec![rule("bot.*", "+r-w")]), &[]).unwrap();
    assert!(text(&dir).contains("\"x\": 1"), "what nobody knows stays: {}", text(&dir));
    file.set_role("second", &with("guest", vec![]), &[]).unwrap();
    assert_eq!(file.get("default").unwrap().role("admin").unwrap().rules[0].op, "+r-w");
    file.remove_role("second", "guest", &[]).unwrap();
    assert!(matches!(
        file.remove_role("second", "guest", &[]),
        Err(WorkspacesError::NoRole { .. })
    ));
    assert!(matches!(file.remove_role("default", "dev", &[]), Err(WorkspacesError::InUse { .. })));
    let change = WorkspaceChange { default_role: Some("nobody".into()), ..Default::default() };
    assert!(matches!(file.update("default", &change), Err(WorkspacesError::NoRole { .. })));
    for (res, op, ok) in [
        ("bot.*", "+r+w", true),
        ("*", "-r-w", true),
        ("module/x", "+rw", true),
        ("", "+r", false),
        ("a b", "+r", false),
        ("*", "", false),
        ("*", "r", false),
        ("*", "+", false),
        ("*", "+-r", false),
        ("*", "+x", false),
    ] {
        let found = file.set_role("default", &with("t", vec![rule(res, op)]), &[]);
        assert_eq!(found.is_ok(), ok, "{res} {op}: {found:?}");
    }
}

#[test]
fn workspaces_come_and_go() {
    let (_dir, file) = data(Some(TEXT));
    let new = |id: &str, name: &str| NewWorkspace {
        id: id.into(),
        name: name.into(),
        ..NewWorkspace::default()
    };
    file.create(&new("third", "Third")).unwrap();
    assert_eq!(file.get("third").unwrap().audience.as_deref(), Some("external"));
    assert!(matches!(file.create(&new("third", "x")), Err(WorkspacesError::Exists(_))));
    for bad in [new("a b", "x"), new("", "x"), new("ok", " "), new("ok", &"x".repeat(101))] {
        assert!(matches!(file.create(&bad), Err(WorkspacesError::Invalid { .. })), "{bad:?}");
    }
    assert!(matches!(file.delete("second"), Err(WorkspacesError::InUse { .. })));
    file.delete("third").unwrap();
    file.remove_bot("c-bot").unwrap();
    file.delete("second").unwrap();
    for bot in ["a-bot", "b-bot"] {
        file.remove_bot(bot).unwrap();
    }
    assert!(matches!(file.delete("default"), Err(WorkspacesError::InUse { .. })), "the last one");
}

#[test]
fn writers_do_not_lose_each_others_changes() {
    let (_dir, file) = data(Some(TEXT));
    std::thread::scope(|scope| {
        for n in 0..8 {
            let file = file.clone();
            scope.spawn(move || file.add_bot("default", &format!("bot-{n}")).unwrap());
        }
    });
    assert_eq!(file.get("default").unwrap().bots.len(), 10);
}

#[test]
fn an_edit_by_hand_meanwhile_is_kept() {
    let (dir, file) = data(Some(TEXT));
    let calls = AtomicUsize::new(0);
    let path = [Step::Index(0), Step::Key("bots")];
    file.change(|document, _| {
        if calls.fetch_add(1, Ordering::Relaxed) == 0 {
            let edited = TEXT.replace("\"c-bot\"", "\"hand-made\"");
            fs::write(dir.path().join(FILE), edited).unwrap();
        }
        assert!(document.push(&path, &serde_json::json!("n-bot")));
        Ok(())
    })
    .unwrap();
    assert_eq!(calls.into_inner(), 2);
    assert!(text(&dir).contains("hand-made") && text(&dir).contains("n-bot"), "{}", text(&dir));
    let endless = file.change(|document, _| {
        let now = text(&dir);
        fs::write(dir.path().join(FILE), now + " ").unwrap();
        assert!(document.push(&path, &serde_json::json!("m-bot")));
        Ok(())
    });
    assert!(matches!(endless, Err(WorkspacesError::Busy(_))));
}
