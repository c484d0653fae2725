//! Bots go out as archives and come in again.

use super::*;
use crate::bots::{ArchiveError, Lookup};

/// A bot with everything that is easily lost: links, bytes that are no text, odd JSON, long and
/// foreign names, files that stay behind.
fn rich(bot: &str) -> Site {
    let site = Site::new(&[bot, "other"]);
    let config = format!(
        "{{ \"name\" : \"The Shop\",\r\n\t\"id\":\"{bot}\",  \"x\": 1.50, \"defaultLanguage\": \"en\"}}"
    );
    let long = format!("bots/{bot}/media/{}-é.png", "x".repeat(120));
    for (path, bytes) in [
        ("bot.config.json", config.as_bytes()),
        ("content-elements/a.json", b"[{\"image\": \"/bots/BOT/media/a.png\"}]\n\n"),
        ("entities/h\u{ec}nh-th\u{1ee9}c.json", b"{}"),
        ("qna/bad.json", b"\xff\xfe no json /bots/BOT/"),
        ("actions/a.js", b"// /bots/BOT/ stays"),
        ("media/a.png", b"\x89PNG\r\n\x1a\n\0"),
        ("revisions.json", b"[]"),
        ("README", b"no ending"),
        ("models/en.model", b"left behind"),
        ("libraries/node_modules/x/index.js", b"left behind"),
        ("libraries/a.js", b"kept"),
        ("models.json", b"{}"),
        (".env", b"SECRET=1"),
        ("flows/._main.flow.json", b"mac"),
    ] {
        let text: Vec<u8> = String::from_utf8(bytes.to_vec())
            .map_or(bytes.to_vec(), |text| text.replace("/BOT/", &format!("/{bot}/")).into_bytes());
        site.write(&format!("bots/{bot}/{path}"), text);
    }
    site.write(&long, b"png");
    site
}

#[test]
fn an_archive_holds_the_bot_without_its_id_in_links() {
    let site = rich("shop");
    let archive = site.export("shop");
    assert_eq!(archive, site.export("shop"), "the same files give the same bytes");
    let found = names(&archive);
    for name in ["bot.config.json", "README", "revisions.json", "libraries/a.js", "models.json"] {
        assert!(found.contains(&name.to_owned()), "{name} of {found:?}");
    }
    assert_eq!(found.len(), 12, "{found:?}");
    let mut sorted = found.clone();
    sorted.sort();
    assert_eq!(found, sorted);
    let path = site.archive(&archive);
    site.admin.import(&path, &as_id("copy")).unwrap();
    assert!(site.text("bots/copy/content-elements/a.json").contains("/bots/copy/media/a.png"));
    assert_eq!(site.text("bots/copy/actions/a.js"), "// /bots/shop/ stays");
    assert!(site.named().contains(&"copy".to_owned()));
}

#[test]
fn what_comes_in_under_its_own_id_is_the_same_to_the_byte() {
    let (from, to) = (rich("shop"), Site::new(&["other"]));
    let archive = from.export("shop");
    let looked = to.admin.inspect(&to.archive(&archive), &ImportOptions::default()).unwrap();
    assert_eq!(looked.config.as_ref().unwrap().name, "The Shop");
    assert!(!looked.exists && looked.id.as_str() == "shop", "{looked:?}");
    assert_eq!(looked.amount.files, 12);
    assert!(!to.path("bots/shop").exists(), "looking writes nothing");
    to.admin.import(&to.archive(&archive), &ImportOptions::default()).unwrap();
    let mut expected = from.files("bots/shop");
    expected.retain(|(name, _)| !name.contains("node_modules") && !name.starts_with("models/"));
    expected.retain(|(name, _)| !name.contains("._"));
    assert_eq!(to.files("bots/shop"), expected);
    assert_eq!(to.export("shop"), archive);
}

#[test]
fn under_another_id_the_id_and_the_name_alone_differ() {
    let site = rich("shop");
    let path = site.archive(&site.export("shop"));
    let config = site.text("bots/shop/bot.config.json");
    site.admin.import(&path, &as_id("copy")).unwrap();
    let expected = config
        .replace("\"id\":\"shop\"", "\"id\":\"copy\"")
        .replace("\"The Shop\"", "\"The Shop (copy)\"");
    assert_eq!(site.text("bots/copy/bot.config.json"), expected);
}

#[test]
fn a_bot_without_a_configuration_gets_one_on_its_way_out() {
    let site = Site::new(&["shop"]);
    fs::remove_file(site.path("bots/shop/bot.config.json")).unwrap();
    let path = site.archive(&site.export("shop"));
    site.admin.import(&path, &over()).unwrap();
    assert_eq!(json(&site.text("bots/shop/bot.config.json"))["id"], "shop");
}

#[test]
fn an_id_that_is_taken_needs_leave_to_overwrite() {
    let site = rich("shop");
    let path = site.archive(&site.export("shop"));
    let before = site.files("bots/shop");
    let looked = site.admin.inspect(&path, &ImportOptions::default()).unwrap();
    assert!(looked.exists);
    let taken = site.admin.import(&path, &ImportOptions::default()).unwrap_err();
    assert_eq!(taken.failure(), Failure::Exists);
    assert_eq!(site.files("bots/shop"), before);
    site.write("bots/shop/flows/extra.flow.json", "{}");
    site.admin.import(&path, &over()).unwrap();
    assert!(!site.path("bots/shop/flows/extra.flow.json").exists(), "replaced, not mixed");
    assert!(!site.path("bots/shop/.env").exists());
    let trash = fs::read_dir(site.path("bots/.parlance/trash")).unwrap().next().unwrap().unwrap();
    assert!(trash.path().join("flows/extra.flow.json").exists());
    assert_eq!(site.named(), ["shop", "other"], "it stays where it was");
}

#[test]
fn what_cannot_be_imported_changes_nothing() {
    let site = Site::new(&["shop"]);
    let before = site.files("");
    let pack = |files: &[(&str, &[u8])]| {
        let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(
            Vec::new(),
            flate2::Compression::fast(),
        ));
        for (name, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, *bytes).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    };
    let config: &[u8] = b"{\"id\": \"new-bot\"}";
    for (archive, options, expected) in [
        (b"no archive".to_vec(), as_id("new-bot"), "no readable .tgz"),
        (pack(&[("a.json", b"{}")]), as_id("new-bot"), "no bot.config.json"),
        (pack(&[("bot.config.json", b"{")]), as_id("new-bot"), "cannot run: bot.config.json"),
        (pack(&[("bot.config.json", b"{}")]), ImportOptions::default(), "choose one"),
        (pack(&[("bot.config.json", config)]), as_id("a b"), "is none: 3 to 50"),
        (pack(&[("bot.config.json", config)]), as_id(&"x".repeat(51)), "is none: 3 to 50"),
        (pack(&[("bot.config.json", config)]), as_id("SHOP"), "already"),
        (pack(&[("bot.config.json", config), ("a/NUL.js", b"")]), over(), "device"),
        (
            pack(&[("bot.config.json", config)]),
            ImportOptions { workspace: Some("none".to_owned()), ..over() },
            "no workspace \"none\"",
        ),
    ] {
        let path = site.archive(&archive);
        let refused = site.admin.import(&path, &options).unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
        fs::remove_file(path).unwrap();
    }
    let mut after = site.files("");
    after.retain(|(name, _)| !name.contains("/.parlance/") && name != "global/.workspaces.lock");
    assert_eq!(after, before);
}

#[test]
fn a_workspace_cannot_take_the_bot_of_another() {
    let site = Site::new(&["shop"]);
    let two =
        r#"[{"id": "default", "bots": ["shop"]}, {"id": "two", "botPrefix": "tw", "bots": []}]"#;
    site.write("global/workspaces.json", two);
    let path = site.archive(&site.export("shop"));
    let into = |id: &str| ImportOptions {
        id: Some(id.to_owned()),
        overwrite: true,
        workspace: Some("two".to_owned()),
    };
    let found = site.admin.import(&path, &into("shop")).unwrap();
    assert_eq!(found.id.as_str(), "tw__shop");
    assert_eq!(site.admin.workspaces().of_bot("tw__shop").unwrap(), ["two"]);
    assert_eq!(site.admin.import(&path, &into("tw__shop")).unwrap().id.as_str(), "tw__shop");
    site.write("global/workspaces.json", two.replace("\"botPrefix\": \"tw\", ", ""));
    let refused = site.admin.import(&path, &into("shop")).unwrap_err();
    assert!(refused.to_string().contains("in another workspace"), "{refused}");
}

#[test]
fn an_imported_bot_is_served_at_once_and_watched() {
    let (site, registry) = Site::served(&["shop"]);
    let path = site.archive(&site.export("shop"));
    site.admin.import(&path, &as_id("copy")).unwrap();
    assert!(matches!(registry.get("copy"), Lookup::Ready(bot) if bot.config.name == "shop (copy)"));
    for (round, name) in [("first", "Edited"), ("second", "Again")] {
        let config = format!(r#"{{"id": "copy", "name": "{name}"}}"#);
        site.write("bots/copy/bot.config.json", config);
        let start = std::time::Instant::now();
        while !matches!(registry.get("copy"), Lookup::Ready(bot) if bot.config.name == name) {
            assert!(start.elapsed().as_secs() < 20, "the {round} edit was not seen");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        // Edits must be seen in what has taken the place of another, too.
        site.admin.import(&path, &ImportOptions { overwrite: true, ..as_id("copy") }).unwrap();
        assert!(matches!(registry.get("copy"), Lookup::Ready(bot) if bot.config.name != name));
    }
}

#[test]
fn what_no_import_would_take_is_not_exported() {
    let site = Site::new(&["shop"]);
    for name in ["media/a:b.png", "intents/con.json", "flows/Main.flow.json", "x/bot.config.json"] {
        let path = format!("bots/shop/{name}");
        site.write(&path, "x");
        let refused = site.admin.export("shop", Vec::new()).unwrap_err().to_string();
        assert!(refused.contains("rename it"), "{name}: {refused}");
        fs::remove_file(site.path(&path)).unwrap();
    }
    site.export("shop");
    assert_eq!(site.admin.export("none", Vec::new()).unwrap_err().failure(), Failure::NotFound);
}

#[cfg(unix)]
#[test]
fn links_are_followed_on_the_way_out_but_not_in_circles() {
    let site = Site::new(&["shop"]);
    site.write("elsewhere/a.js", "linked");
    std::os::unix::fs::symlink(site.path("elsewhere"), site.path("bots/shop/actions")).unwrap();
    std::os::unix::fs::symlink(site.path("bots/shop"), site.path("bots/shop/flows/again")).unwrap();
    assert_eq!(
        names(&site.export("shop")),
        ["actions/a.js", "bot.config.json", "flows/main.flow.json"]
    );
}

#[test]
fn hostile_archives_write_nothing() {
    let site = Site::new(&["shop"]);
    let before = site.files("bots");
    let mut tar =
        tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    tar.append_link(&mut header, "media", site.path("outside")).unwrap();
    let bytes = tar.into_inner().unwrap().finish().unwrap();
    let path = site.archive(&bytes);
    let refused = site.admin.import(&path, &as_id("new-bot")).unwrap_err();
    assert!(matches!(refused, BotAdminError::Archive(ArchiveError::Unsafe(_))), "{refused}");
    assert_eq!(site.files("bots"), before);
}
