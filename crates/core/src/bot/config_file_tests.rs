//! What `bot.config.json` may say, and what becomes of it.

use serde_json::json;

use super::*;

fn parse_text(text: &str) -> (Option<BotConfig>, Vec<String>) {
    let id = BotId::parse("my-bot").unwrap();
    let mut findings = Findings::default();
    let config = parse(&id, Some(text.as_bytes()), &mut findings);
    let found = findings.finish().0;
    (config, found.into_iter().map(|f| format!("{} {}", f.code, f.problem)).collect())
}

fn parse_json(value: &Value) -> (BotConfig, Vec<String>) {
    let (config, found) = parse_text(&serde_json::to_string_pretty(value).unwrap());
    (config.unwrap(), found)
}

#[test]
fn a_usual_configuration_is_read_without_complaint() {
    let (config, found) = parse_json(&json!({
        "id": "other", "name": "Pizza", "version": "12.26.3", "disabled": false, "private": true,
        "defaultLanguage": "pt", "languages": ["pt", "en"],
        "dialog": {"timeoutInterval": "5m", "sessionTimeoutInterval": "30m"},
        "converse": {"timeout": "10s", "maxMessageLength": 500, "enableUnsecuredEndpoint": false,
                     "payloadFormat": "inline", "bufferDelayMs": 0}
    }));
    assert_eq!(found, [""; 0]);
    assert_eq!(config.name, "Pizza");
    assert_eq!(config.version.as_deref(), Some("12.26.3"));
    assert!(config.private && !config.disabled);
    assert_eq!((config.default_language.as_str(), config.languages.len()), ("pt", 2));
    assert_eq!(config.dialog.timeout_interval, Some(300_000));
    assert_eq!(config.dialog.session_timeout_interval, Some(1_800_000));
    assert_eq!(config.converse.timeout, Some(10_000));
    assert_eq!(config.converse.max_message_length, Some(500));
    assert_eq!(config.converse.enable_unsecured_endpoint, Some(false));
    assert_eq!(config.converse.payload_format, Some(PayloadFormat::Inline));
}

#[test]
fn falsy_converse_values_fall_through_to_the_server() {
    let (config, found) = parse_json(&json!({
        "defaultLanguage": "en",
        "converse": {"timeout": "", "maxMessageLength": 0, "enableUnsecuredEndpoint": 0},
        "dialog": {"timeoutInterval": null}
    }));
    assert_eq!(found, [""; 0]);
    assert_eq!(config.converse, ConverseConfig::default());
    assert_eq!(config.dialog, DialogConfig::default());
}

#[test]
fn malformed_values_are_errors_with_their_line_and_the_default_is_used() {
    for (value, expected) in [
        (json!({"dialog": {"timeoutInterval": "5 minuts"}}), "is \"5 minuts\" (line 4)"),
        (json!({"dialog": {"timeoutInterval": "-5m"}}), "is \"-5m\" (line 4)"),
        (json!({"converse": {"timeout": "0s"}}), "is \"0s\" (line 4)"),
        (json!({"converse": {"timeout": ["5s"]}}), "is a list (line 4)"),
        (json!({"converse": {"maxMessageLength": "many"}}), "is \"many\" (line 4)"),
        (json!({"converse": {"enableUnsecuredEndpoint": "no"}}), "is \"no\" (line 4)"),
        (json!({"converse": {"payloadFormat": "new"}}), "is \"new\" (line 4)"),
        (json!({"name": 5}), "is \"5\" (line 3)"),
        (json!({"version": "latest"}), "is \"latest\" (line 3)"),
        (json!({"languages": "en"}), "is \"en\" (line 3)"),
    ] {
        let mut with_language = json!({"defaultLanguage": "en"});
        with_language.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        let (config, found) = parse_json(&with_language);
        assert_eq!(found.len(), 1, "{value}: {found:?}");
        assert!(found[0].contains(expected), "{value}: {found:?}");
        assert_eq!(config.converse, ConverseConfig::default());
        assert_eq!((config.name.as_str(), config.version), ("my-bot", None));
    }
}

#[test]
fn numbers_are_milliseconds() {
    let (config, found) =
        parse_json(&json!({"defaultLanguage": "en", "converse": {"timeout": 2500}}));
    assert_eq!((config.converse.timeout, found.len()), (Some(2500), 0));
}

#[test]
fn a_bot_is_never_opened_by_a_malformed_switch() {
    let (config, found) =
        parse_json(&json!({"defaultLanguage": "en", "private": "yes", "disabled": 1}));
    assert!(config.private && config.disabled);
    assert_eq!(found.len(), 2);
}

#[test]
fn missing_languages_are_english() {
    let (config, found) = parse_json(&json!({"name": "x"}));
    assert_eq!(
        (config.default_language.as_str(), &config.languages[..]),
        ("en", &["en".into()][..])
    );
    assert!(found[0].starts_with("no-language"));
    let (config, found) = parse_json(&json!({"defaultLanguage": "fr", "languages": ["en"]}));
    assert_eq!((config.default_language.as_str(), config.languages.len()), ("fr", 2));
    assert!(found[0].starts_with("unlisted-language"));
}

#[test]
fn strange_keys_are_tolerated_and_their_values_stay_secret() {
    let (_, found) = parse_json(&json!({
        "defaultLanguage": "en", "rocketchat_auth_token": "hunter2", "httpServer": {"port": 1},
        "messaging": {"channels": {"telegram": {"enabled": true, "botToken": "hunter2"}}}
    }));
    assert_eq!(found.len(), 2);
    assert!(found[0].contains("\"rocketchat_auth_token\", \"httpServer\""), "{found:?}");
    assert!(found[1].contains("telegram"));
    assert!(!found.concat().contains("hunter2"));
}

#[test]
fn an_unreadable_configuration_is_no_bot() {
    for text in ["", "{", "[]", "\"x\"", "{\"a\": 1,}"] {
        let (config, found) = parse_text(text);
        assert!(config.is_none(), "{text}");
        assert_eq!(found.len(), 1, "{text}");
    }
}

#[test]
fn no_configuration_is_the_default_one() {
    let id = BotId::parse("my-bot").unwrap();
    let mut findings = Findings::default();
    let config = parse(&id, None, &mut findings).unwrap();
    assert_eq!((config.name.as_str(), config.private), ("my-bot", false));
    assert_eq!(findings.finish().0.len(), 1);
}

#[test]
fn a_timeout_that_never_comes_is_reported() {
    let dialog = json!({"timeoutInterval": "31m"});
    let (_, found) = parse_json(&json!({"defaultLanguage": "en", "dialog": dialog}));
    assert!(found[0].starts_with("timeout-after-session"), "{found:?}");
    let dialog = json!({"timeoutInterval": "31m", "sessionTimeoutInterval": "1h"});
    let (_, found) = parse_json(&json!({"defaultLanguage": "en", "dialog": dialog}));
    assert_eq!(found, [""; 0]);
}
