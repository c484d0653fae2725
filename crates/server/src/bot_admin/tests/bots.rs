//! Bots are made, listed, kept as they were, and taken off.

use super::*;
use crate::bots::{BotStatus, Lookup};

fn new(id: &str, template: &str) -> NewBot {
    NewBot { id: id.to_owned(), template: template.to_owned(), ..NewBot::default() }
}

#[test]
fn every_template_makes_a_bot_that_runs_without_a_finding() {
    let (site, registry) = Site::served(&[]);
    for template in templates() {
        let id = format!("my-{}", template.id);
        let found = site.admin.create(&new(&id, &template.id)).unwrap();
        assert!(matches!(registry.get(found.as_str()), Lookup::Ready(_)));
        let health = registry.health()[&id];
        assert_eq!((health.status, health.errors, health.warnings), (BotStatus::Healthy, 0, 0));
    }
    assert_eq!(site.named().len(), templates().len());
}

#[test]
fn a_new_bot_is_what_was_asked_for() {
    let site = Site::new(&["shop"]);
    let wanted = NewBot {
        name: Some("Chez moi".to_owned()),
        description: Some("Vend".to_owned()),
        category: Some("Sales".to_owned()),
        default_language: Some("fr".to_owned()),
        ..new("chez-moi", "welcome-bot")
    };
    site.admin.create(&wanted).unwrap();
    let config = json(&site.text("bots/chez-moi/bot.config.json"));
    for (key, value) in [
        ("id", "chez-moi"),
        ("name", "Chez moi"),
        ("description", "Vend"),
        ("category", "Sales"),
        ("defaultLanguage", "fr"),
    ] {
        assert_eq!(config[key], value);
    }
    assert_eq!(config["languages"], serde_json::json!(["fr"]));
    let texts = site.text("bots/chez-moi/content-elements/builtin_text.json");
    assert!(texts.contains("text$fr") && !texts.contains("$en"), "it would say nothing");
}

#[test]
fn what_makes_no_bot_is_refused() {
    let site = Site::new(&["shop"]);
    for (wanted, failure) in [
        (new("shop", "empty-bot"), Failure::Exists),
        (new("Shop", "empty-bot"), Failure::Exists),
        (new("new-bot", "no-template"), Failure::Invalid),
        (new("-x-", "empty-bot"), Failure::Invalid),
        (new(&"x".repeat(51), "empty-bot"), Failure::Invalid),
        (NewBot { name: Some(" ".to_owned()), ..new("new-bot", "empty-bot") }, Failure::Invalid),
        (NewBot { name: Some("x".repeat(51)), ..new("new-bot", "empty-bot") }, Failure::Invalid),
        (
            NewBot { default_language: Some("e".to_owned()), ..new("new-bot", "empty-bot") },
            Failure::Invalid,
        ),
        (
            NewBot { workspace: Some("none".to_owned()), ..new("new-bot", "empty-bot") },
            Failure::NotFound,
        ),
    ] {
        let refused = site.admin.create(&wanted).unwrap_err();
        assert_eq!(refused.failure(), failure, "{refused}");
    }
    assert_eq!(site.admin.list().unwrap().len(), 1);
}

#[test]
fn a_deleted_bot_is_gone_and_can_be_put_back_by_hand() {
    let (site, registry) = Site::served(&["shop", "other"]);
    site.admin.create_revision("shop").unwrap();
    site.admin.delete("shop").unwrap();
    assert!(matches!(registry.get("shop"), Lookup::Unknown));
    assert_eq!(site.named(), ["other"]);
    assert!(!site.admin.exists("shop") && site.admin.exists("other"));
    assert_eq!(fs::read_dir(site.path("global/revisions")).unwrap().count(), 0);
    assert_eq!(site.admin.delete("shop").unwrap_err().failure(), Failure::NotFound);
    assert_eq!(site.admin.delete("../x").unwrap_err().failure(), Failure::NotFound);
    let trash = fs::read_dir(site.path("bots/.parlance/trash")).unwrap().next().unwrap().unwrap();
    assert!(trash.path().join("bot.config.json").is_file());
}

#[test]
fn a_deletion_that_was_cut_short_can_be_ended() {
    let site = Site::new(&["shop"]);
    fs::remove_dir_all(site.path("bots/shop")).unwrap();
    site.admin.delete("shop").unwrap();
    assert!(site.named().is_empty());
}

#[test]
fn revisions_keep_the_last_ten_and_bring_them_back() {
    let (site, registry) = Site::served(&["shop"]);
    let name = |bot: &str| match registry.get(bot) {
        Lookup::Ready(bot) => bot.config.name.clone(),
        other => panic!("{other:?}"),
    };
    for round in 0..12 {
        let config = serde_json::json!({ "name": format!("Shop {round}") });
        site.admin.configure("shop", config.as_object().unwrap()).unwrap();
        site.admin.create_revision("shop").unwrap();
    }
    let kept = site.admin.revisions("shop").unwrap();
    assert_eq!(kept.len(), 10);
    assert!(kept.windows(2).all(|pair| pair[0].made_on > pair[1].made_on), "newest first");
    assert_eq!(kept[0].name, format!("shop++{}.tgz", kept[0].made_on));
    let before = site.export("shop");
    site.admin.rollback("shop", &kept[9].name).unwrap();
    assert_eq!(name("shop"), "Shop 2");
    site.admin.rollback("shop", kept[0].name.trim_end_matches(".tgz")).unwrap();
    assert_eq!(site.export("shop"), before);
    assert_eq!(site.named(), ["shop"]);
    for bad in ["shop++1.tgz", "../../etc/passwd", ""] {
        let refused = site.admin.rollback("shop", bad).unwrap_err();
        assert!(matches!(refused, BotAdminError::NoRevision { .. }), "{refused}");
    }
    assert_eq!(site.admin.revisions("none").unwrap_err().failure(), Failure::NotFound);
}

#[test]
fn the_list_names_every_bot_and_what_it_is() {
    let site = Site::new(&["shop", "other"]);
    site.admin.set_disabled("other", true).unwrap();
    site.write("bots/third/bot.config.json", "{ no json");
    let all = site.admin.list().unwrap();
    let facts: Vec<_> = all
        .iter()
        .map(|bot| (bot.id.as_str(), bot.workspaces.len(), bot.disabled, bot.problem.is_some()))
        .collect();
    assert_eq!(
        facts,
        [("other", 1, true, false), ("shop", 1, false, false), ("third", 0, false, true)]
    );
}
