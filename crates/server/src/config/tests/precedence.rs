//! Where a setting comes from, and which place wins.

use std::fs;
use std::time::Duration;

use parlance_core::content::PayloadFormat;
use serde_json::json;

use super::*;

#[test]
fn an_empty_data_directory_gives_the_defaults() {
    let directory = tempfile::tempdir().unwrap();
    let flags = ServeFlags { data: directory.path().to_owned(), ..ServeFlags::default() };
    let (config, warnings) = Config::load(&flags, &Environment::default()).unwrap();
    assert_eq!(warnings, []);
    assert_eq!((config.http.host.as_str(), config.http.port), ("127.0.0.1", 3000));
    assert_eq!(config.http.external_url, "http://127.0.0.1:3000");
    assert_eq!(config.http.root_path, "");
    assert_eq!(config.http.body_limit, 10 * 1024 * 1024);
    assert_eq!(config.http.cors, Some(CorsConfig { origins: vec![], credentials: false }));
    assert_eq!(config.http.rate_limits, RateLimits::default());
    assert_eq!(config.converse.timeout, Some(5_000));
    assert_eq!(config.converse.max_message_length, Some(360));
    assert_eq!(config.converse.enable_unsecured_endpoint, Some(true));
    assert_eq!(config.dialog.timeout_interval, Some(25 * 60 * 1000));
    assert_eq!(config.dialog.session_timeout_interval, Some(30 * 60 * 1000));
    assert_eq!(config.janitor_interval, Duration::from_secs(10));
    let file = directory.path().join("storage/parlance.sqlite");
    assert_eq!(config.database_url.expose(), format!("sqlite:{}", file.display()));
}

#[test]
fn the_file_in_the_data_directory_is_read() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("global")).unwrap();
    let file = directory.path().join("global/botpress.config.json");
    let flags = ServeFlags { data: directory.path().to_owned(), ..ServeFlags::default() };
    fs::write(&file, "\u{FEFF}{\"httpServer\": {\"port\": 4000}}").unwrap();
    let (config, _) = Config::load(&flags, &Environment::default()).unwrap();
    assert_eq!(config.http.port, 4000);
    fs::write(&file, [0xff, 0xfe]).unwrap();
    let error = Config::load(&flags, &Environment::default()).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: cannot be read: ", file.display())), "{error}");
}

#[test]
fn flags_win_over_environment_over_file() {
    let file = r#"{"httpServer": {"port": 1, "host": "file", "externalUrl": "http://file"}}"#;
    let by_path = ("BP_CONFIG_HTTPSERVER_PORT", "2");
    let flags = ServeFlags { port: Some(5), ..ServeFlags::default() };
    for (flags, variables, port) in [
        (&ServeFlags::default(), &[][..], 1),
        (&ServeFlags::default(), &[by_path], 2),
        (&ServeFlags::default(), &[by_path, ("PORT", "3")], 3),
        (&ServeFlags::default(), &[by_path, ("PORT", "3"), ("BP_PORT", "4")], 4),
        (&flags, &[by_path, ("PORT", "3"), ("BP_PORT", "4")], 5),
    ] {
        let (config, _) = load_with(flags, variables, file).unwrap();
        assert_eq!(config.http.port, port, "{variables:?}");
    }
    let variables = [("BP_HOST", "0.0.0.0"), ("EXTERNAL_URL", "https://Example.com:443/chat//")];
    let (config, _) = load_with(&ServeFlags::default(), &variables, file).unwrap();
    assert_eq!(config.http.host, "0.0.0.0");
    assert_eq!(config.http.external_url, "https://example.com/chat");
    assert_eq!(config.http.root_path, "/chat");
}

#[test]
fn variables_merge_sections_and_then_single_keys() {
    let variables = [
        ("BP_CONFIG_CONVERSE", r#"{"timeout": "3s", "payloadFormat": "inline"}"#),
        ("bp_config_converse_Timeout", "4s"),
        ("DATABASE_URL", "postgres://u:p@h/d"),
        ("BP_DECISION_MIN_CONFIENCE", "0.7"),
    ];
    let file = r#"{"converse": {"maxMessageLength": 10}}"#;
    let (config, warnings) = load_with(&ServeFlags::default(), &variables, file).unwrap();
    assert_eq!(config.converse.timeout, Some(4_000));
    assert_eq!(config.converse.payload_format, Some(PayloadFormat::Inline));
    assert_eq!(config.converse.max_message_length, Some(10));
    assert_eq!(config.database_url.kind(), DatabaseKind::Postgres);
    assert!((config.decision.min_confidence - 0.7).abs() < f64::EPSILON);
    assert_eq!(warnings, []);
}

#[test]
fn names_in_percent_signs_come_from_the_environment() {
    let file = r#"{"httpServer": {"port": "%MY_PORT%", "externalUrl": "https://%SITE%/x"}}"#;
    let variables = [("MY_PORT", "8080"), ("SITE", "example.com")];
    let (config, _) = load_with(&ServeFlags::default(), &variables, file).unwrap();
    assert_eq!(
        (config.http.port, config.http.external_url.as_str()),
        (8080, "https://example.com/x")
    );
}

#[test]
fn a_v12_file_as_generated_loads_without_a_warning() {
    let file = json!({
        "$schema": "../botpress.config.schema.json",
        "httpServer": {
            "host": "localhost", "port": 3000, "backlog": 0, "bodyLimit": "10mb",
            "cors": {"enabled": true}, "externalUrl": "",
            "session": {"enabled": false, "maxAge": "1h"},
            "socketTransports": ["websocket", "polling"],
            "rateLimit": {"enabled": false, "limitWindow": "30s", "limit": 600},
            "headers": {"X-Powered-By": "Botpress"}
        },
        "dialog": {"janitorInterval": "10s", "timeoutInterval": "25m", "sessionTimeoutInterval": "30m"},
        "logs": {"dbOutput": {"expiration": "2 weeks", "janitorInterval": "30s"}},
        "modules": [{"location": "MODULES_ROOT/nlu", "enabled": true}],
        "pro": {"enabled": false, "collaboratorsAuthStrategies": ["default"]},
        "superAdmins": [], "sendUsageStats": true, "appSecret": "x".repeat(40), "version": "12.31.10",
        "noRepeatPolicy": false, "experimental": false, "converse": {"bufferDelayMs": 250}
    })
    .to_string();
    assert_eq!(warnings(&file), Vec::<String>::new());
    let config = config(&file);
    assert_eq!(config.http.host, "127.0.0.1", "localhost is this machine only");
    let headers = [("x-powered-by".to_owned(), "Botpress".to_owned())];
    assert_eq!(config.http.headers, headers);
}

#[test]
fn production_logs_json() {
    let production = [("BP_PRODUCTION", "true")];
    let text = ServeFlags { log_format: Some(LogFormat::Text), ..ServeFlags::default() };
    for (flags, variables, format) in [
        (&ServeFlags::default(), &[][..], LogFormat::Text),
        (&ServeFlags::default(), &production, LogFormat::Json),
        (&text, &production, LogFormat::Text),
    ] {
        assert_eq!(load_with(flags, variables, "{}").unwrap().0.logs.format, format);
    }
}
