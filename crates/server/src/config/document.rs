//! `botpress.config.json` with everything that overrides it merged in, and the memory of where each
//! value came from.

use serde_json::{Map, Value};

use super::environment::Environment;
use super::position::{Position, locate};
use super::problem::{ConfigError, Origin};
use super::substitution::substitute;

/// The merged settings, as JSON.
#[derive(Debug)]
pub(super) struct Document {
    root: Value,
    /// Name of the file, for messages.
    file: String,
    /// The file's text after substitution, for places; empty when there is no file.
    text: String,
    /// What was merged in, in this order.
    overrides: Vec<Override>,
}

#[derive(Debug)]
struct Override {
    path: Vec<String>,
    value: Value,
    origin: Origin,
}

impl Document {
    /// Reads the file's `text`; `None` is a file that is not there. `file` names it in messages.
    pub(super) fn parse(
        file: &str,
        text: Option<&str>,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let file = file.to_owned();
        let Some(text) = text else {
            let (root, text) = (Value::Object(Map::new()), String::new());
            return Ok(Self { root, file, text, overrides: Vec::new() });
        };
        let text = substitute(text.strip_prefix('\u{FEFF}').unwrap_or(text), environment);
        let root = serde_json::from_str(&text).map_err(|error| not_json(&file, &error))?;
        Ok(Self { root, file, text, overrides: Vec::new() })
    }

    /// Lays `value` over what is at `path`: objects are merged, everything else replaces. A section
    /// on the way that is no object stays, so that it is refused instead of covered up.
    pub(super) fn lay_over(&mut self, path: &str, value: Value, origin: Origin) {
        if !self.leads_to(path) {
            return;
        }
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        let nested = path.iter().rev().fold(value.clone(), |inner, key| {
            Value::Object(Map::from_iter([(key.clone(), inner)]))
        });
        merge(&mut self.root, nested);
        self.overrides.push(Override { path, value, origin });
    }

    /// Whether the sections around `path` are objects, or not there.
    fn leads_to(&self, path: &str) -> bool {
        let sections = path.split('.').count().saturating_sub(1);
        let mut section = Some(&self.root);
        let mut names = path.split('.').take(sections);
        while let Some(found) = section.filter(|found| !found.is_null()) {
            let Some(inner) = found.as_object() else {
                return false;
            };
            section = names.next().and_then(|name| inner.get(name));
        }
        true
    }

    /// The whole document.
    pub(super) fn root(&self) -> &Value {
        &self.root
    }

    /// The value at a dotted path; `null` counts as absent.
    pub(super) fn value(&self, path: &str) -> Option<&Value> {
        let found = path.split('.').try_fold(&self.root, |value, key| value.get(key))?;
        (!found.is_null()).then_some(found)
    }

    /// Where the value under `path` was set; for one that is not there, where the nearest section
    /// around it is.
    pub(super) fn origin(&self, path: &[&str]) -> Origin {
        for length in (0..=path.len()).rev() {
            let path = path.get(..length).unwrap_or_default();
            if let Some(found) = self.overrides.iter().rev().find(|over| over.sets(path)) {
                return found.origin.clone();
            }
            if let Some(Position { line, column }) = locate(&self.text, path) {
                return Origin::File { file: self.file.clone(), line, column };
            }
        }
        Origin::File { file: self.file.clone(), line: 1, column: 1 }
    }
}

fn not_json(file: &str, error: &serde_json::Error) -> ConfigError {
    let (line, column) = (error.line().max(1), error.column().max(1));
    let place = format!(" at line {} column {}", error.line(), error.column());
    ConfigError::NotJson {
        origin: Origin::File { file: file.to_owned(), line, column },
        problem: error.to_string().replace(&place, ""),
    }
}

impl Override {
    /// Whether it is this override that holds the value at `path`.
    fn sets(&self, path: &[&str]) -> bool {
        let Some((own, rest)) = path.split_at_checked(self.path.len()) else {
            return false;
        };
        own.iter().eq(self.path.iter())
            && rest.iter().try_fold(&self.value, |value, key| value.get(key)).is_some()
    }
}

/// Lays `over` over `base`. As deep as the JSON texts they come from, which the parser bounds.
fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Document {
        let text = "{\n\"a\": {\"b\": 1,\n \"c\": 2, \"d\": null}}";
        Document::parse("f.json", Some(text), &Environment::default()).unwrap()
    }

    #[test]
    fn objects_are_merged_and_the_rest_is_replaced() {
        let mut document = document();
        document.lay_over("a", json!({"b": [3], "e": {"f": 4}}), Origin::Flag("--x"));
        document.lay_over("a.c", json!("x"), Origin::Flag("--y"));
        document.lay_over("a.d.deep", json!(5), Origin::Flag("--y"));
        assert_eq!(
            document.root(),
            &json!({"a": {"b": [3], "c": "x", "d": {"deep": 5}, "e": {"f": 4}}})
        );
        assert_eq!(document.value("a.c.none"), None);
    }

    #[test]
    fn a_section_that_is_no_object_is_not_covered_up() {
        for text in ["[]", "\"x\"", "{\"a\": []}", "{\"a\": {\"b\": 1}}"] {
            let mut document =
                Document::parse("f.json", Some(text), &Environment::default()).unwrap();
            document.lay_over("a.b.c", json!(1), Origin::Flag("--x"));
            assert_eq!(document.root().to_string(), text.replace(' ', ""));
        }
    }

    #[test]
    fn every_value_knows_where_it_was_set() {
        let mut document = document();
        document.lay_over("a", json!({"b": 3}), Origin::Flag("--x"));
        document.lay_over("a.b", json!(4), Origin::Flag("--y"));
        assert_eq!(document.origin(&["a", "b"]), Origin::Flag("--y"));
        assert_eq!(document.origin(&["a", "c"]).to_string(), "f.json:3:7");
        assert_eq!(document.origin(&["a", "c", "none"]).to_string(), "f.json:3:7");
        assert_eq!(document.origin(&["none"]).to_string(), "f.json:1:1");
    }

    #[test]
    fn text_that_is_no_json_is_refused_with_its_place() {
        let error = Document::parse("f.json", Some("{\n  \"a\": }"), &Environment::default());
        assert_eq!(error.unwrap_err().to_string(), "f.json:2:8: not valid JSON: expected value");
        let error = Document::parse("f.json", Some(""), &Environment::default()).unwrap_err();
        assert_eq!(error.to_string(), "f.json:1:1: not valid JSON: EOF while parsing a value");
    }
}
