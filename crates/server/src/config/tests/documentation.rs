//! The table of settings tells the truth.

use std::fs;

use serde_json::{Value, json};

use super::*;

#[test]
fn the_documented_defaults_are_the_defaults() {
    let default = format!("{:?}", config("{}"));
    for setting in reference() {
        let Some(key) = setting.key.filter(|_| !setting.default.is_empty()) else {
            continue;
        };
        let value: Value = serde_json::from_str(setting.default).unwrap();
        assert_eq!(format!("{:?}", config(&file_with(key, value))), default, "{key}");
    }
}

#[test]
fn every_documented_key_is_read() {
    for key in reference().iter().filter_map(|setting| setting.key) {
        let found = errors(&file_with(key, json!([["wrong"]])));
        assert!(
            found.contains(&format!("{key}: found [[\"wrong\"]]; allowed: ")),
            "{key}: {found}"
        );
    }
}

#[test]
fn the_documentation_page_is_up_to_date() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    let update = Environment::of_process(&PathBuf::from("data"))
        .is_ok_and(|environment| environment.get("UPDATE_DOCS").is_some());
    if update {
        fs::write(file, page()).unwrap();
    }
    let found = fs::read_to_string(file).unwrap_or_default();
    assert!(
        found == page(),
        "docs/configuration.md is out of date: UPDATE_DOCS=1 cargo test -p parlance --lib \
         the_documentation_page writes it anew"
    );
}
