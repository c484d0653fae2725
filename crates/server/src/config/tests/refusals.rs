//! What is wrong is refused with its place, what is odd is a warning, nothing panics.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

#[test]
fn every_wrong_value_is_named_with_its_place_and_what_is_allowed() {
    let text = "{\n  \"httpServer\": {\n    \"port\": \"abc\",\n    \"cors\": {\"origin\": 5}\n  },\n  \
                \"converse\": {\"timeout\": \"5 parsecs\", \"payloadFormat\": \"fancy\"},\n  \"dialog\": []\n}";
    let expected = [
        "botpress.config.json:7:13: dialog: found []; allowed: an object",
        "botpress.config.json:3:13: httpServer.port: found \"abc\"; allowed: a whole number from 0 to 65535",
        "botpress.config.json:4:24: httpServer.cors.origin: found 5; allowed: ",
        "botpress.config.json:6:27: converse.timeout: found \"5 parsecs\"; allowed: a duration from 1ms",
        "botpress.config.json:6:57: converse.payloadFormat: found \"fancy\"; allowed: \"auto\", ",
    ];
    let found = errors(text);
    assert_eq!(found.lines().count(), expected.len(), "{found}");
    for (line, expected) in found.lines().zip(expected) {
        assert!(line.starts_with(expected), "{line}\nshould start with\n{expected}");
    }
}

#[test]
fn wrong_variables_and_flags_are_named() {
    let flags = ServeFlags { log_level: Some("loud=9".to_owned()), ..ServeFlags::default() };
    let variables = [
        ("PORT", "70000"),
        ("PARLANCE_NLU", "perhaps"),
        ("REVERSE_PROXY", "10.0.0.0/8"),
        ("BP_CONFIG_DIALOG", "5"),
    ];
    let found = load_with(&flags, &variables, "{}").unwrap_err().to_string();
    for expected in [
        "environment variable PORT: httpServer.port: found \"70000\"; allowed: a whole number",
        "environment variable BP_CONFIG_DIALOG: dialog: found 5; allowed: an object",
        "environment variable PARLANCE_NLU: found \"perhaps\"; allowed: on or off",
        "environment variable REVERSE_PROXY: found \"10.0.0.0/8\"; allowed: yes, no, or",
        "flag --log-level: found \"loud=9\"; allowed: error, warn",
    ] {
        assert!(found.contains(expected), "{found}\nlacks\n{expected}");
    }
}

#[test]
fn a_wrong_database_url_is_refused_without_showing_it() {
    let secret = "mysql://user:s3cret@host/db";
    let flags = ServeFlags { database_url: Some(secret.to_owned()), ..ServeFlags::default() };
    assert!(!format!("{flags:?}").contains("s3cret"));
    for (flags, variables, name) in [
        (flags, &[][..], "flag --database-url"),
        (ServeFlags::default(), &[("DATABASE_URL", secret)], "environment variable DATABASE_URL"),
    ] {
        let message = load_with(&flags, variables, "{}").unwrap_err().to_string();
        assert!(message.starts_with(name) && !message.contains("s3cret"), "{message}");
    }
}

#[test]
fn the_password_is_in_no_debug_output() {
    let variables = [("DATABASE_URL", "postgres://user:s3cret@host/db")];
    let (config, _) = load_with(&ServeFlags::default(), &variables, "{}").unwrap();
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn text_that_is_no_json_is_refused_with_its_place() {
    assert_eq!(
        errors("{\n  \"httpServer\": {,}\n}"),
        "botpress.config.json:2:18: not valid JSON: key must be a string"
    );
    assert_eq!(errors("[]"), "botpress.config.json:1:1: found []; allowed: an object");
}

#[test]
fn unknown_names_are_warnings_with_a_suggestion() {
    let file = "{\"httpServer\": {\"prot\": 1},\n \"nonsense\": 2, \"logs\": {\"any\": 3}}";
    assert_eq!(
        warnings(file),
        [
            "botpress.config.json:1:25: httpServer.prot: unknown setting, ignored; did you mean \
             httpServer.port?",
            "botpress.config.json:2:14: nonsense: unknown setting, ignored",
        ]
    );
    let variables = [("BP_CONFIG_NO_REPEAT", "true")];
    let (_, warnings) = load_with(&ServeFlags::default(), &variables, "{}").unwrap();
    let warning = warnings.first().unwrap().to_string();
    let expected = "environment variable BP_CONFIG_NO_REPEAT: no setting has this name, ignored";
    assert_eq!(warning, expected);
}

#[test]
fn unknown_names_in_our_own_sections_are_errors() {
    for (key, allowed) in [
        ("parlance.turn", "only parlance.turns.maxInFlight"),
        ("parlance.turns.max", "only parlance.turns.maxInFlight"),
        ("httpServer.rateLimit.perUser.window", "only httpServer.rateLimit.perUser.limit"),
    ] {
        let found = errors(&file_with(key, json!(1)));
        assert!(found.contains(&format!("{key}: found 1; allowed: {allowed}")), "{found}");
    }
}

/// Any JSON, at most a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        r"[0-9]{1,9}(ms|s|m|h|d|w|y|kb|mb)?".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map("[a-zA-Z.]{0,9}", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_key() -> impl Strategy<Value = &'static str> {
    let keys: Vec<&str> = reference().iter().filter_map(|setting| setting.key).collect();
    let sections = ["httpServer", "converse", "parlance", "httpServer.cors", "logs", "pro.enabled"];
    prop::sample::select([keys, sections.to_vec()].concat())
}

proptest! {
    #[test]
    fn any_value_of_any_key_loads_or_is_refused_with_its_line(key in any_key(), value in any_json()) {
        let file = file_with(key, value);
        if let Err(error) = load(&file) {
            for line in error.to_string().lines() {
                prop_assert!(line.starts_with("botpress.config.json:"), "{}", line);
                prop_assert!(line.contains("; allowed: "), "{}", line);
            }
        }
    }

    #[test]
    fn any_text_loads_or_is_refused(text in r#"[\[\]{}":,a-z0-9 %\n]{0,80}"#) {
        prop_assert!(load(&text).map_or_else(|error| !error.to_string().is_empty(), |_| true));
    }

    #[test]
    fn any_value_of_any_variable_loads_or_is_refused(
        name in prop::sample::select(vec![
            "PORT", "BP_HOST", "EXTERNAL_URL", "DATABASE_URL", "REVERSE_PROXY", "BP_PRODUCTION",
            "BP_DECISION_MIN_CONFIENCE", "BP_DECISION_MIN_NO_REPEAT", "BP_CONFIG_CONVERSE",
        ]),
        value in prop_oneof![".{0,20}", any_json().prop_map(|json| json.to_string())],
    ) {
        if let Err(error) = load_with(&ServeFlags::default(), &[(name, &value)], "{}") {
            prop_assert!(error.to_string().starts_with("environment variable "), "{}", error);
        }
    }
}
