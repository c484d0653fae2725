//! Settings of bots: what can be changed, what it is checked for, and what stays.

use serde_json::json;

use super::*;
use crate::bots::Lookup;

const CONFIG: &str = "{\n    \"id\": \"shop\",\n    \"name\": \"%NAME%\",\n    \"x\": [1.50,  2],\n    \
                      \"defaultLanguage\": \"en\",\n    \"languages\": [\"en\"],\n    \"converse\": { \
                      \"timeout\": \"soon\", \"y\": 1 }\n}\n";

fn site() -> Site {
    let site = Site::new(&["shop"]);
    site.write("bots/shop/bot.config.json", CONFIG);
    site
}

fn configure(site: &Site, changes: &Value) -> Result<(), BotAdminError> {
    site.admin.configure("shop", changes.as_object().unwrap())
}

#[test]
fn a_change_changes_nothing_else() {
    let site = site();
    configure(&site, &json!({ "private": true, "converse": { "timeout": "7s" } })).unwrap();
    let expected =
        CONFIG.replace("\"soon\"", "\"7s\"").replace(" }\n}", " },\n    \"private\": true\n}");
    assert_eq!(site.text("bots/shop/bot.config.json"), expected);
    configure(&site, &json!({ "private": null, "converse": { "timeout": "soon" } })).unwrap_err();
    configure(&site, &json!({ "private": null })).unwrap();
    assert_eq!(site.text("bots/shop/bot.config.json"), CONFIG.replace("\"soon\"", "\"7s\""));
    let shown = site.admin.config("shop").unwrap();
    assert_eq!(shown["name"], "%NAME%", "the environment is nobody's business");
}

#[test]
fn what_would_be_read_otherwise_is_refused() {
    let site = site();
    for changes in [
        json!({ "name": "" }),
        json!({ "name": 5 }),
        json!({ "name": "x".repeat(51) }),
        json!({ "disabled": "false" }),
        json!({ "private": 1 }),
        json!({ "languages": [] }),
        json!({ "languages": "en" }),
        json!({ "languages": ["en", 5] }),
        json!({ "languages": ["fr"] }),
        json!({ "defaultLanguage": "fr" }),
        json!({ "converse": { "timeout": "soon" } }),
        json!({ "converse": { "timeout": true } }),
        json!({ "converse": { "maxMessageLength": -1 } }),
        json!({ "converse": { "enableUnsecuredEndpoint": "no" } }),
        json!({ "converse": { "payloadFormat": "new" } }),
        json!({ "converse": 5 }),
        json!({ "dialog": { "timeoutInterval": "never" } }),
        json!({ "description": "x".repeat(501) }),
        json!({ "id": "other" }),
        json!({ "messaging": { "channels": {} } }),
        json!({ "converse": { "secret": "x" } }),
    ] {
        let refused = configure(&site, &changes).unwrap_err();
        assert!(matches!(refused, BotAdminError::Invalid { .. }), "{changes}: {refused}");
    }
    assert_eq!(site.text("bots/shop/bot.config.json"), CONFIG);
    // Broken settings elsewhere in the file are no hindrance, and both languages go together.
    configure(&site, &json!({ "languages": ["en", "fr"], "defaultLanguage": "fr" })).unwrap();
    configure(&site, &json!({ "dialog": { "timeoutInterval": "2m" }, "name": "x".repeat(50) }))
        .unwrap();
}

#[test]
fn a_locked_bot_can_only_be_unlocked() {
    let site = site();
    configure(&site, &json!({ "locked": true })).unwrap();
    let archive = site.archive(&site.export("shop"));
    for refused in [
        configure(&site, &json!({ "name": "New" })),
        site.admin.delete("shop"),
        site.admin.import(&archive, &over()).map(|_| ()),
    ] {
        assert!(matches!(refused, Err(BotAdminError::Locked(_))), "{refused:?}");
    }
    site.admin.import(&archive, &as_id("copy")).unwrap();
    configure(&site, &json!({ "locked": false, "name": "New" })).unwrap();
}

#[test]
fn a_change_is_served_at_once() {
    let (site, registry) = Site::served(&["shop"]);
    site.admin.set_disabled("shop", true).unwrap();
    assert!(matches!(registry.get("shop"), Lookup::Disabled));
    site.admin.set_disabled("shop", false).unwrap();
    assert!(matches!(registry.get("shop"), Lookup::Ready(_)));
    assert!(matches!(site.admin.set_disabled("none", true), Err(BotAdminError::NoBot(_))));
    assert!(matches!(site.admin.reload("none"), Err(BotAdminError::NoBot(_))));
}

#[test]
fn a_file_that_is_no_json_is_left_to_its_owner() {
    let site = site();
    for text in ["{", "[]", "{\"port\": %PORT%}", "{\"a\": \"\\ud83d\"}"] {
        site.write("bots/shop/bot.config.json", text);
        let refused = configure(&site, &json!({ "name": "New" })).unwrap_err();
        assert!(matches!(refused, BotAdminError::Broken { .. }), "{text}: {refused}");
        assert_eq!(site.text("bots/shop/bot.config.json"), text);
    }
    fs::remove_file(site.path("bots/shop/bot.config.json")).unwrap();
    configure(&site, &json!({ "name": "New" })).unwrap();
    let made = json(&site.text("bots/shop/bot.config.json"));
    assert_eq!((&made["id"], &made["name"]), (&json!("shop"), &json!("New")));
}

#[test]
fn changes_at_the_same_time_are_all_kept() {
    let site = site();
    std::thread::scope(|scope| {
        for key in ["website", "phoneNumber", "privacyPolicy", "emailAddress", "avatarUrl"] {
            let site = &site;
            scope.spawn(move || configure(site, &json!({ "details": { key: "x" } })).unwrap());
        }
    });
    let details = &json(&site.text("bots/shop/bot.config.json"))["details"];
    assert_eq!(details.as_object().unwrap().len(), 5);
}
