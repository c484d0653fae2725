//! The whole way from flags, environment and file to a configuration.

mod auth;
mod documentation;
mod precedence;
mod refusals;
mod sections;

use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::cli::serve::ServeFlags;

const FILE: &str = "botpress.config.json";

fn load_with(
    flags: &ServeFlags,
    variables: &[(&str, &str)],
    text: &str,
) -> Result<(Config, Vec<Warning>), ConfigError> {
    let environment = Environment::from_pairs(variables.iter().copied());
    Config::from_text(flags, &environment, FILE, Some(text))
}

fn load(text: &str) -> Result<(Config, Vec<Warning>), ConfigError> {
    load_with(&ServeFlags::default(), &[], text)
}

/// The configuration of a file that is right.
fn config(text: &str) -> Config {
    load(text).unwrap().0
}

/// All that is wrong with a file, a line each.
fn errors(text: &str) -> String {
    load(text).unwrap_err().to_string()
}

fn warnings(text: &str) -> Vec<String> {
    load(text).unwrap().1.iter().map(ToString::to_string).collect()
}

/// A file that sets `key`, a dotted path, to `value`.
fn file_with(key: &str, value: Value) -> String {
    let nested = key.rsplit('.').fold(value, |inner, name| json!({ name: inner }));
    format!("{nested:#}")
}
