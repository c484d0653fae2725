//! What `bot.config.json` may say, and what becomes of it.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::bot::{AllowedOrigins, RateLimit};

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

/// What a bot's `converse` says, and the findings with their severity and field.
fn converse_of(section: &Value) -> (ConverseConfig, Vec<String>) {
    let text = json!({"defaultLanguage": "en", "converse": section});
    let text = serde_json::to_string_pretty(&text).unwrap();
    let mut findings = Findings::default();
    let id = BotId::parse("my-bot").unwrap();
    let config = parse(&id, Some(text.as_bytes()), &mut findings).unwrap();
    let found = findings.finish().0.into_iter().map(|found| {
        let severity = format!("{:?}", found.severity).to_lowercase();
        let field = found.field.unwrap_or_default();
        format!("{severity} {} `{field}` {}", found.code, found.problem)
    });
    (config.converse, found.collect())
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

fn limit(limit: u32, seconds: u64) -> RateLimit {
    RateLimit { limit, window: Duration::from_secs(seconds) }
}

fn only(origins: &[&str]) -> AllowedOrigins {
    AllowedOrigins::Only(origins.iter().map(|origin| (*origin).to_owned()).collect())
}

#[test]
fn restrictions_are_read() {
    let (config, found) = parse_json(&json!({"defaultLanguage": "en", "converse": {
        "rateLimit": {
            "perUser": {"limit": 20, "limitWindow": "1m"},
            "perBot": {"limit": "600", "limitWindow": 30_000}
        },
        "allowedOrigins": ["https://Shop.example/", "http://localhost:5173"],
        "requireKey": true
    }}));
    assert_eq!(found, [""; 0]);
    assert_eq!(
        (config.converse.per_user, config.converse.per_bot),
        (Some(limit(20, 60)), Some(limit(600, 30)))
    );
    let origins = Some(only(&["https://shop.example", "http://localhost:5173"]));
    assert_eq!(config.converse.allowed_origins, origins);
    assert_eq!(config.converse.require_key, Some(true));
}

#[test]
fn falsy_restrictions_fall_through_to_the_server() {
    for value in [json!(null), json!(false), json!(0), json!("")] {
        let (config, found) = parse_json(&json!({"defaultLanguage": "en", "converse": {
            "rateLimit": {"perUser": value, "perBot": value}, "allowedOrigins": value,
        }}));
        assert_eq!((found.len(), config.converse), (0, ConverseConfig::default()), "{value}");
    }
    let (config, found) = parse_json(&json!({"defaultLanguage": "en", "converse": {
        "rateLimit": 0, "allowedOrigins": [], "requireKey": ""
    }}));
    assert_eq!((found.len(), config.converse), (0, ConverseConfig::default()));
    let closed = json!({"defaultLanguage": "en", "converse": {"requireKey": false}});
    assert_eq!(parse_json(&closed).0.converse.require_key, Some(false), "a bot may open itself");
}

/// Reads `rateLimit` and looks for one complaint, and for none but complaints about settings.
fn limits_of(section: &Value, expected: &str) -> (Option<RateLimit>, Option<RateLimit>) {
    let (converse, found) = converse_of(&json!({ "rateLimit": section }));
    assert!(found.iter().any(|found| found.contains(expected)), "{section}: {found:?}");
    assert!(found.iter().all(|found| found.starts_with("error bad-setting")), "{found:?}");
    (converse.per_user, converse.per_bot)
}

#[test]
fn malformed_limits_count_as_the_strictest() {
    let one_a_day = Some(limit(1, 86_400));
    for (section, user, bot, expected) in [
        (json!(60), None, one_a_day, "`converse.rateLimit` is \"60\" (line 4); it must be"),
        (json!({"perUser": 60}), one_a_day, None, "perUser` is \"60\" (line 5); it must be"),
        (json!({"perUser": {}}), one_a_day, None, "perUser.limit` is missing; it must be"),
        (
            json!({"perBot": {"limit": 5, "limitWindow": "1 mintue"}}),
            None,
            Some(limit(5, 86_400)),
            "perBot.limitWindow` is \"1 mintue\" (line 7); it must be",
        ),
        (json!({"perUsr": {}}), None, None, "nobody knows: \"perUsr\"; only perUser and perBot"),
    ] {
        assert_eq!(limits_of(&section, expected), (user, bot), "{section}");
    }
}

#[test]
fn a_malformed_part_of_a_limit_counts_as_the_strictest() {
    let (five_a_day, one_a_minute) = (Some(limit(5, 86_400)), Some(limit(1, 60)));
    for (limit, expected, complaint) in [
        (json!({"limit": 5, "limitWindow": "2 days"}), five_a_day, "is \"2 days\" (line 7)"),
        (json!({"limit": 5, "limitWindow": 10}), five_a_day, "limitWindow` is \"10\" (line 7)"),
        (json!({"limit": "ten", "limitWindow": "1m"}), one_a_minute, "is \"ten\" (line 6)"),
        (json!({"limit": 0, "limitWindow": "1m"}), one_a_minute, "is \"0\""),
        (json!({"limit": 2.5, "limitWindow": "1m"}), one_a_minute, "\"2.5\""),
        (json!({"limit": -1, "limitWindow": "1m"}), one_a_minute, "\"-1\""),
        (json!({"limit": 5_000_000_000u64, "limitWindow": "1m"}), one_a_minute, ""),
        (
            json!({"limit": 5, "window": "1m"}),
            five_a_day,
            "perUser` has keys that nobody knows: \"window\"; only limit and limitWindow are",
        ),
    ] {
        let limits = limits_of(&json!({ "perUser": limit }), complaint);
        assert_eq!(limits, (expected, None), "{limit}");
    }
}

#[test]
fn malformed_origins_admit_nobody() {
    for (value, origins, expected) in [
        (json!(true), Some(only(&[])), "is \"true\" (line 4); it must be a list of origins"),
        (json!({"a": 1}), Some(only(&[])), "is an object (line 4)"),
        (json!("shop.example"), Some(only(&[])), "is \"shop.example\" (line 4)"),
        (json!(["shop.example"]), Some(only(&[])), "is \"shop.example\" (line 4)"),
        (json!(["null"]), Some(only(&[])), "is \"null\" (line 4)"),
        (json!([null]), Some(only(&[])), "is \"null\" (line 4)"),
        (json!(["https://a.example", 5]), Some(only(&["https://a.example"])), "is \"5\" (line 4)"),
    ] {
        let (converse, found) = converse_of(&json!({ "allowedOrigins": value }));
        assert_eq!(converse.allowed_origins, origins, "{value}");
        assert_eq!(found.len(), 1, "{value}: {found:?}");
        assert!(found[0].contains(expected), "{value}: {found:?}");
    }
    for value in [json!("https://a.example"), json!(["https://a.example", "https://a.example:443"])]
    {
        let (converse, found) = converse_of(&json!({ "allowedOrigins": value }));
        assert_eq!(
            (converse.allowed_origins, found.len()),
            (Some(only(&["https://a.example"])), 0)
        );
    }
    for value in [json!("*"), json!(["https://a.example", "*"])] {
        let (converse, found) = converse_of(&json!({ "allowedOrigins": value }));
        assert_eq!((converse.allowed_origins, found.len()), (Some(AllowedOrigins::Everybody), 0));
    }
}

#[test]
fn a_malformed_key_switch_closes() {
    for value in [json!("no"), json!("false"), json!(1), json!([]), json!({})] {
        let (converse, found) = converse_of(&json!({ "requireKey": value }));
        assert_eq!(converse.require_key, Some(true), "{value}");
        assert!(found[0].contains("(line 4); it must be true or false"), "{value}: {found:?}");
    }
}

#[test]
fn a_misspelt_restriction_is_reported() {
    let (converse, found) = converse_of(&json!({"allowedOrigin": ["https://a.example"]}));
    assert_eq!(converse, ConverseConfig::default());
    let expected =
        "warning unknown-setting `converse` has keys that nobody knows: \"allowedOrigin\"";
    assert_eq!(found, [expected]);
    let (_, found) = converse_of(&json!(["requireKey"]));
    assert_eq!(found, ["error bad-setting `converse` is a list (line 3); it must be an object"]);
}
