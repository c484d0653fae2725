//! What the single sections mean.

use std::time::Duration;

use parlance_core::bot::AllowedOrigins;
use serde_json::json;

use super::*;

#[test]
fn falsy_converse_values_count_as_absent() {
    for value in [json!(""), json!(0), json!(false), json!(null)] {
        let file = json!({"converse": {"timeout": value, "maxMessageLength": value}}).to_string();
        let converse = config(&file).converse;
        assert_eq!((converse.timeout, converse.max_message_length), (Some(5_000), Some(360)));
    }
    let closed = config(r#"{"converse": {"enableUnsecuredEndpoint": false, "timeout": 1500}}"#);
    assert_eq!(closed.converse.enable_unsecured_endpoint, Some(false));
    assert_eq!(closed.converse.timeout, Some(1_500));
}

#[test]
fn cors_follows_v12() {
    let any = Some(vec![]);
    let one = Some(vec!["https://a.example".to_owned()]);
    for (cors, expected) in [
        (json!({}), any.clone()),
        (json!({"enabled": false}), None),
        (json!({"origin": true}), any.clone()),
        (json!({"origin": "*"}), any.clone()),
        (json!({"origin": ["https://a.example", "*"]}), any),
        (json!({"origin": false}), None),
        (json!({"origin": []}), None),
        (json!({"origin": "https://A.example/"}), one.clone()),
        (json!({"origin": ["https://a.example"]}), one),
    ] {
        let file = json!({"httpServer": {"cors": cors}}).to_string();
        let origins = config(&file).http.cors.map(|cors| cors.origins);
        assert_eq!(origins, expected, "{cors}");
    }
    let open = r#"{"httpServer": {"cors": {"credentials": true}}}"#;
    assert!(warnings(open).concat().contains("without effect while every site may call"));
}

#[test]
fn rate_limits_apply_when_enabled() {
    let limit = |limit, seconds| Some(RateLimit { limit, window: Duration::from_secs(seconds) });
    let mut section = json!({
        "enabled": true, "limit": 10,
        "perUser": {"limit": 60, "limitWindow": "1m"}, "perBot": {"limit": 1000, "limitWindow": 2000},
        "perToken": {"limit": 100, "limitWindow": "1s"}
    });
    let file = json!({"httpServer": {"rateLimit": section}}).to_string();
    let expected = RateLimits {
        ip: limit(10, 30),
        token: limit(100, 1),
        user: limit(60, 60),
        bot: limit(1000, 2),
    };
    assert_eq!(config(&file).http.rate_limits, expected);
    section["enabled"] = json!(false);
    let file = json!({"httpServer": {"rateLimit": section}}).to_string();
    assert_eq!(config(&file).http.rate_limits, RateLimits::default());
    let told = warnings(&file);
    assert_eq!(told.iter().filter(|warning| warning.contains("without effect")).count(), 3);
    let half =
        errors(r#"{"httpServer": {"rateLimit": {"enabled": true, "perUser": {"limit": 5}}}}"#);
    assert!(half.contains("perUser.limitWindow: found nothing; allowed: limit and limitWindow"));
}

#[test]
fn the_limits_of_converse_need_no_switch() {
    let limit = |limit, seconds| Some(RateLimit { limit, window: Duration::from_secs(seconds) });
    let file = json!({"converse": {"rateLimit": {
        "perUser": {"limit": 20, "limitWindow": "1m"}, "perBot": {"limit": 5, "limitWindow": "1s"}
    }}});
    let file = file.to_string();
    let converse = config(&file).converse;
    assert_eq!((converse.per_user, converse.per_bot), (limit(20, 60), limit(5, 1)));
    assert_eq!(warnings(&file), [""; 0]);
    for (section, expected) in [
        (
            json!({"perUser": {"limit": 5}}),
            "perUser.limitWindow: found nothing; allowed: limit and",
        ),
        (json!({"perBot": {"limit": 0, "limitWindow": "1m"}}), "perBot.limit: found 0; allowed: "),
        (json!({"perBot": 5}), "converse.rateLimit.perBot: found 5; allowed: an object"),
        (json!({"perBots": {}}), "converse.rateLimit.perBots: found {}; allowed: only "),
    ] {
        let found = errors(&file_with("converse.rateLimit", section));
        assert!(found.starts_with("botpress.config.json:"), "{found}");
        assert!(found.contains(expected), "{found}\nlacks\n{expected}");
    }
}

#[test]
fn origins_and_the_key_switch_are_read() {
    let only = |origins: &[&str]| {
        AllowedOrigins::Only(origins.iter().map(|origin| (*origin).to_owned()).collect())
    };
    for (value, expected) in [
        (json!([]), None),
        (json!(null), None),
        (json!(["*"]), Some(AllowedOrigins::Everybody)),
        (json!(["https://A.example/"]), Some(only(&["https://a.example"]))),
        (json!("http://localhost:5173"), Some(only(&["http://localhost:5173"]))),
    ] {
        let file = file_with("converse.allowedOrigins", value);
        assert_eq!(config(&file).converse.allowed_origins, expected, "{file}");
    }
    for value in [json!(false), json!(["a.example"]), json!(["*", "a.example"]), json!([5])] {
        let found = errors(&file_with("converse.allowedOrigins", value));
        assert!(found.contains("converse.allowedOrigins: found "), "{found}");
    }
    let variables = [("BP_CONFIG_CONVERSE_REQUIREKEY", "true")];
    let (config, _) = load_with(&ServeFlags::default(), &variables, "{}").unwrap();
    assert_eq!(config.converse.require_key, Some(true));
}

#[test]
fn headers_that_would_break_answers_are_refused() {
    for (name, value) in [
        ("a b", json!("x")),
        ("Content-Length", json!("0")),
        ("x", json!("line\nbreak")),
        ("x", json!(["list"])),
    ] {
        let found = errors(&json!({"httpServer": {"headers": {name: value}}}).to_string());
        assert!(found.starts_with("botpress.config.json:1:"), "{found}");
        assert!(found.contains(&format!("httpServer.headers.{name}: found ")), "{found}");
    }
    let headers = config(r#"{"httpServer": {"headers": {"X-A": 1, "X-B": null}}}"#).http.headers;
    assert_eq!(headers, [("x-a".to_owned(), "1".to_owned())]);
}

#[test]
fn external_urls_that_cannot_be_served_are_refused() {
    for url in [
        "example.com",
        "ftp://a/b",
        "http://a/?q",
        "http://u:p@a/",
        "http://a/:id",
        "http://a/b//c",
    ] {
        let found = errors(&file_with("httpServer.externalUrl", json!(url)));
        assert!(found.contains("httpServer.externalUrl: found "), "{url}: {found}");
    }
}

#[test]
fn the_own_url_follows_the_port_that_the_listener_got() {
    for (host, expected) in [
        ("127.0.0.1", "http://127.0.0.1:4321"),
        ("[::1]", "http://[::1]:4321"),
        ("0.0.0.0", "http://127.0.0.1:4321"),
        ("chat.example", "http://chat.example:4321"),
    ] {
        let mut http = config(&file_with("httpServer", json!({"host": host, "port": 0}))).http;
        http.listening_on(4321);
        assert_eq!((http.external_url.as_str(), http.port), (expected, 4321));
    }
    let mut http = config(&file_with("httpServer.externalUrl", json!("https://a.example"))).http;
    http.listening_on(4321);
    assert_eq!(http.external_url, "https://a.example");
}

#[test]
fn proxies_are_counted() {
    for (value, hops) in [("yes", 1), ("true", 1), ("1", 1), ("3", 3), ("no", 0), ("0", 0)] {
        let variables = [("REVERSE_PROXY", value)];
        let (config, _) = load_with(&ServeFlags::default(), &variables, "{}").unwrap();
        assert_eq!(config.http.trusted_hops, hops, "{value}");
    }
}

#[test]
fn sessions_that_end_before_their_timeout_flow_are_a_warning() {
    let file = r#"{"dialog": {"timeoutInterval": "2h"}}"#;
    let expected = "botpress.config.json:1:32: dialog.timeoutInterval is longer than \
                    dialog.sessionTimeoutInterval: sessions are deleted before their timeout flow \
                    can run";
    assert_eq!(warnings(file), [expected]);
}

#[test]
fn what_may_be_called_is_listed_in_the_file_or_with_commas_in_variables() {
    let expected = OutboundConfig {
        allow_hosts: vec!["crm.internal".to_owned(), "[::1]".to_owned()],
        allow_networks: vec!["10.1.0.0/16".parse().unwrap(), "10.2.0.1/32".parse().unwrap()],
        allow_ports: vec![9000, 9001],
    };
    let file = json!({"parlance": {"outbound": {
        "allowHosts": ["CRM.internal.", "::1"],
        "allowNetworks": ["10.1.0.0/16", "10.2.0.1"],
        "allowPorts": [9000, "9001"],
    }}});
    assert_eq!(config(&file.to_string()).outbound, expected);
    let variables = [
        ("BP_CONFIG_PARLANCE_OUTBOUND_ALLOWHOSTS", "crm.internal, [::1]"),
        ("BP_CONFIG_PARLANCE_OUTBOUND_ALLOWNETWORKS", "10.1.0.0/16,10.2.0.1"),
        ("BP_CONFIG_PARLANCE_OUTBOUND_ALLOWPORTS", "9000,9001"),
    ];
    let (config, _) = load_with(&ServeFlags::default(), &variables, "{}").unwrap();
    assert_eq!(config.outbound, expected);
    let variables = [("BP_CONFIG_PARLANCE_OUTBOUND_ALLOWPORTS", "9000")];
    let (config, _) = load_with(&ServeFlags::default(), &variables, "{}").unwrap();
    assert_eq!(config.outbound.allow_ports, [9000]);
}

#[test]
fn what_could_not_be_called_anyway_is_refused() {
    for (key, value) in [
        ("allowHosts", json!(["http://crm.internal"])),
        ("allowHosts", json!(["crm.internal:80"])),
        ("allowHosts", json!([""])),
        ("allowNetworks", json!(["10.0.0.0/33"])),
        ("allowNetworks", json!(["crm.internal"])),
        ("allowPorts", json!([0])),
        ("allowPorts", json!([65536])),
        ("allowPorts", json!([80.5])),
        ("allowPorts", json!({"a": 1})),
        ("allowPorts", json!(vec![80; 1001])),
    ] {
        let key = format!("parlance.outbound.{key}");
        let found = errors(&file_with(&key, value));
        assert!(found.contains(&format!("{key}: found ")), "{found}");
        assert!(found.contains("; allowed: a list of "), "{found}");
    }
}

#[test]
fn kept_files_have_a_size_and_types() {
    let uploads = config(
        r#"{"fileUpload": {"maxFileSize": "1mb", "allowedMimeTypes": ["IMAGE/png", "image/svg+xml"]}}"#,
    )
    .uploads;
    let types = vec!["image/png".to_owned(), "image/svg+xml".to_owned()];
    assert_eq!(uploads, UploadRules { max_file_size: 1 << 20, allowed_mime_types: types });
    for types in [json!(["png"]), json!(["image/png; charset=x"]), json!(["image/"])] {
        let found = errors(&file_with("fileUpload.allowedMimeTypes", types));
        assert!(found.contains("; allowed: a list of MIME types"), "{found}");
    }
}

#[test]
fn retention_policies_are_read_from_a_map() {
    let retention = config(
        r#"{"dataRetention": {"janitorInterval": "1m",
            "policies": {"email": "30 days", "profile.phone": 1500, "age": null}}}"#,
    )
    .retention;
    let expected = RetentionConfig {
        janitor_interval: Duration::from_mins(1),
        policies: vec![
            ("email".to_owned(), Duration::from_hours(30 * 24)),
            ("profile.phone".to_owned(), Duration::from_millis(1500)),
        ],
    };
    assert_eq!(retention, expected);
    let variables = [("BP_CONFIG_DATARETENTION_POLICIES", r#"{"email": "1h"}"#)];
    let (config, _) = load_with(&ServeFlags::default(), &variables, "{}").unwrap();
    assert_eq!(config.retention.policies, [("email".to_owned(), Duration::from_hours(1))]);
    assert_eq!(config.retention.janitor_interval, Duration::from_mins(10));
}

#[test]
fn retention_policies_that_mean_nothing_are_refused() {
    for (path, kept, allowed) in [
        ("email", json!("soon"), "a duration from 1ms"),
        ("email", json!(0), "a duration from 1ms"),
        ("email", json!(-5), "a duration from 1ms"),
        ("email", json!(true), "a duration from 1ms"),
        ("profile.phone", json!({"after": "1d"}), "a duration from 1ms"),
        ("", json!("1d"), "only paths of names"),
        ("profile.", json!("1d"), "only paths of names"),
        ("a..b", json!("1d"), "only paths of names"),
        ("a\u{0}b", json!("1d"), "only paths of names"),
        (&"a".repeat(257), json!("1d"), "only paths of names"),
    ] {
        let policies = json!({"dataRetention": {"policies": {path: kept}}});
        let found = errors(&format!("{policies:#}"));
        assert!(found.starts_with("botpress.config.json:4:"), "{found}");
        assert!(found.contains(&format!("dataRetention.policies.{path}: found ")), "{found}");
        assert!(found.contains(&format!("; allowed: {allowed}")), "{found}");
    }
    let many: serde_json::Map<_, _> = (0..101).map(|n| (format!("a{n}"), json!("1d"))).collect();
    let found = errors(&json!({"dataRetention": {"policies": many}}).to_string());
    assert!(found.contains("allowed: an object of at most 100 attribute paths"), "{found}");
}
