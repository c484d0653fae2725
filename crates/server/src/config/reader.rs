//! Reads single settings with their types and bounds; what is wrong is collected, so that all of it
//! is reported at once.

use std::ops::RangeInclusive;
use std::time::Duration;

use parlance_core::duration::{parse_ms, whole_ms};
use serde_json::Value;

use super::document::Document;
use super::environment::Environment;
use super::problem::{Origin, Problem, Warning};
use super::size::parse_bytes;

/// So many problems, and so many warnings, are told at most.
const MAX_REPORTED: usize = 50;

/// Most items of a list.
const MAX_LISTED: usize = 1_000;

/// Longest piece of a wrong value that is shown, in characters.
const MAX_SHOWN: usize = 60;

/// The merged settings and what was found wrong with them.
pub(super) struct Reader<'d> {
    document: &'d Document,
    environment: &'d Environment,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Warning>,
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Document, environment: &'d Environment) -> Self {
        let warnings = environment.warnings().to_vec();
        Self { document, environment, problems: Vec::new(), warnings }
    }

    /// The value of `key`, a dotted path; `null` counts as absent.
    pub(super) fn value(&self, key: &str) -> Option<&'d Value> {
        self.document.value(key)
    }

    /// The whole document.
    pub(super) fn root(&self) -> &'d Value {
        self.document.root()
    }

    /// Where the value of `key` was set.
    pub(super) fn origin(&self, key: &str) -> Origin {
        self.document.origin(&key.split('.').collect::<Vec<_>>())
    }

    /// Where the value under `path` was set.
    pub(super) fn origin_of(&self, path: &[&str]) -> Origin {
        self.document.origin(path)
    }

    /// Whether v12 takes the value of `key` as absent (`spec` http 1.7).
    pub(super) fn is_falsy(&self, key: &str) -> bool {
        match self.value(key) {
            None | Some(Value::Null) => true,
            Some(Value::Bool(on)) => !on,
            Some(Value::Number(number)) => number.as_f64() == Some(0.0),
            Some(Value::String(text)) => text.is_empty(),
            Some(_) => false,
        }
    }

    /// Records that the value of `key` cannot be used.
    pub(super) fn refuse(&mut self, key: &str, allowed: impl Into<String>) {
        let found = self.value(key).map_or_else(|| "nothing".to_owned(), shown);
        let origin = self.origin(key);
        self.problem(Problem { origin, key: Some(key.to_owned()), found, allowed: allowed.into() });
    }

    /// Records that an environment variable cannot be used; `found` must hold no secret.
    pub(super) fn refuse_variable(&mut self, name: &str, found: String, allowed: &str) {
        let origin = self.environment.origin(name);
        self.problem(Problem { origin, key: None, found, allowed: allowed.to_owned() });
    }

    pub(super) fn problem(&mut self, problem: Problem) {
        if self.problems.len() < MAX_REPORTED {
            self.problems.push(problem);
        }
    }

    pub(super) fn warn(&mut self, origin: Origin, message: impl Into<String>) {
        if self.warnings.len() < MAX_REPORTED {
            self.warnings.push(Warning { origin, message: message.into() });
        }
    }

    /// Whether no more is told, so that looking further is of no use.
    pub(super) fn is_full(&self) -> bool {
        self.problems.len() >= MAX_REPORTED || self.warnings.len() >= MAX_REPORTED
    }

    /// `true` or `false`, or one of them as text.
    pub(super) fn switch(&mut self, key: &str) -> Option<bool> {
        let read = match self.value(key)? {
            Value::Bool(on) => Some(*on),
            Value::String(text) => parse_switch(text),
            _ => None,
        };
        self.checked(key, read, "true or false")
    }

    /// A whole number, or its digits as text.
    pub(super) fn whole(&mut self, key: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let read = match self.value(key)? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let read = read.filter(|number| range.contains(number));
        let (low, high) = range.into_inner();
        self.checked(key, read, format!("a whole number from {low} to {high}"))
    }

    /// A duration such as `"5s"`, or a number of milliseconds.
    pub(super) fn duration(
        &mut self,
        key: &str,
        range: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let read = parse_duration(self.value(key)?).filter(|duration| range.contains(duration));
        self.checked(key, read, durations(&range))
    }

    /// A size such as `"10mb"`, or a number of bytes.
    pub(super) fn bytes(&mut self, key: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let read = match self.value(key)? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => parse_bytes(text),
            _ => None,
        };
        let read = read.filter(|bytes| range.contains(bytes));
        let (low, high) = range.into_inner();
        let allowed = format!("a size from {low} to {high} bytes, such as \"10mb\" or \"512kb\"");
        self.checked(key, read, allowed)
    }

    /// A text that `parse` understands.
    pub(super) fn text<T>(
        &mut self,
        key: &str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let read = self.value(key)?.as_str().and_then(parse);
        self.checked(key, read, allowed)
    }

    /// A list of what `parse` understands: of texts and numbers, or a text with commas between.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        allowed: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let text = |item: &Value| match item {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let texts = match self.value(key)? {
            Value::Array(items) => items.iter().map(text).collect(),
            Value::String(text) => {
                let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
                Some(texts.map(str::to_owned).collect())
            }
            single => text(single).map(|text| vec![text]),
        };
        let texts = texts.filter(|texts: &Vec<String>| texts.len() <= MAX_LISTED);
        let read = texts.and_then(|texts| texts.iter().map(|text| parse(text)).collect());
        self.checked(key, read, format!("{allowed}; at most {MAX_LISTED} of them"))
    }

    /// An environment variable, as `parse` understands it. Its value may be shown.
    pub(super) fn variable<T>(
        &mut self,
        name: &str,
        allowed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.environment.get(name)?;
        let read = parse(text);
        if read.is_none() {
            self.refuse_variable(name, shown(&Value::from(text)), allowed);
        }
        read
    }

    /// An environment variable whose value must not be shown.
    pub(super) fn private_variable(&self, name: &str) -> Option<&'d str> {
        self.environment.get(name)
    }

    /// Records something odd about an environment variable.
    pub(super) fn warn_variable(&mut self, name: &str, message: &str) {
        self.warn(self.environment.origin(name), message);
    }

    fn checked<T>(&mut self, key: &str, read: Option<T>, allowed: impl Into<String>) -> Option<T> {
        if read.is_none() {
            self.refuse(key, allowed);
        }
        read
    }
}

/// A duration such as `"5s"`, or a number of milliseconds.
pub(super) fn parse_duration(value: &Value) -> Option<Duration> {
    let ms = match value {
        Value::Number(number) => number.as_f64().and_then(whole_ms),
        Value::String(text) => parse_ms(text),
        _ => None,
    };
    ms.map(Duration::from_millis)
}

/// The durations that are allowed, for people.
pub(super) fn durations(range: &RangeInclusive<Duration>) -> String {
    let (low, high) = (range.start(), range.end());
    format!("a duration from {low:?} to {high:?}, such as \"30s\", \"5m\" or milliseconds")
}

/// A value as JSON, cut to a length that fits into a message.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A boolean as people write it into environment variables.
pub(super) fn parse_switch(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}
