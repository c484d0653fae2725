//! Intents, entities and Q&A items: what checking a bot needs of them (`spec` runtime 8.1, 15).
//!
//! They are read leniently, counted and looked through; recognising anything with them is not the
//! business of this crate.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::files::BotFiles;
use super::findings::{Findings, Place};
use super::json_file::{self, kind};
use super::quote::quote;
use crate::js;

/// How the names of intents begin that the Studio derives from Q&A items.
pub(crate) const QNA_PREFIX: &str = "__qna__";

/// Everything read.
#[derive(Debug, Default)]
pub(crate) struct NluFiles {
    /// Intents by name, those derived from Q&A items among them.
    pub(crate) intents: BTreeMap<String, Intent>,
    /// Names and ids of custom entities.
    pub(crate) entities: BTreeSet<String>,
    /// How many custom entities there are.
    pub(crate) entity_count: usize,
    /// Q&A items.
    pub(crate) qna: Vec<Qna>,
}

/// An intent.
#[derive(Debug)]
pub(crate) struct Intent {
    pub(crate) file: String,
    pub(crate) contexts: Vec<String>,
    /// Utterances that are not empty, in any language.
    pub(crate) utterances: usize,
    /// Names of the slots, each with the entities that it may take.
    pub(crate) slots: Vec<(String, Vec<String>)>,
}

/// A Q&A item.
#[derive(Debug)]
pub(crate) struct Qna {
    pub(crate) file: String,
    pub(crate) id: String,
    pub(crate) enabled: bool,
    pub(crate) action: String,
    pub(crate) questions: usize,
    /// Answers that are not empty, by language; `None` for those that name no language.
    pub(crate) answers: BTreeMap<Option<String>, Vec<String>>,
    pub(crate) redirect_flow: String,
    pub(crate) redirect_node: String,
}

impl NluFiles {
    /// Reads everything there is.
    pub(crate) fn read(files: &BotFiles, findings: &mut Findings) -> Self {
        let mut all = Self::default();
        for (file, bytes) in files.below("intents/") {
            let Some(fields) = object(file, bytes, findings) else {
                continue;
            };
            let (name, intent) = intent(file, &fields);
            match all.intents.entry(name) {
                Entry::Vacant(free) => {
                    free.insert(intent);
                }
                Entry::Occupied(first) => findings.warn(
                    Place::file(file),
                    "duplicate-intent",
                    format!("{} defines the intent {} too", first.get().file, quote(first.key())),
                    "this one is left out",
                ),
            }
        }
        for (file, bytes) in files.below("entities/") {
            if let Some(fields) = object(file, bytes, findings) {
                all.entities.extend(entity(file, &fields, findings));
                all.entity_count += 1;
            }
        }
        for (file, bytes) in files.below("qna/") {
            let Some(fields) = object(file, bytes, findings) else {
                continue;
            };
            match qna(file, &fields) {
                Ok(item) => all.qna.push(item),
                Err(problem) => {
                    findings.error(Place::file(file), "bad-qna", problem, "the item is left out");
                }
            }
        }
        all
    }
}

fn object(file: &str, bytes: &[u8], findings: &mut Findings) -> Option<Map<String, Value>> {
    let effect = "it is left out";
    match json_file::read(file, bytes, findings, effect)? {
        Value::Object(fields) => Some(fields),
        other => {
            let problem = format!("holds {}, not an object", kind(&other));
            findings.error(Place::file(file), "bad-file", problem, effect);
            None
        }
    }
}

/// The file's name without folder and ending.
fn stem(file: &str) -> &str {
    let base = file.rsplit('/').next().unwrap_or(file);
    base.get(..base.len().saturating_sub(".json".len())).unwrap_or(base)
}

fn text_of(fields: &Map<String, Value>, key: &str) -> Option<String> {
    fields.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn intent(file: &str, fields: &Map<String, Value>) -> (String, Intent) {
    let name = text_of(fields, "name").unwrap_or_else(|| stem(file).to_owned());
    let slots = fields.get("slots").and_then(Value::as_array).into_iter().flatten();
    let slots = slots.filter_map(Value::as_object).map(|slot| {
        let entities = match slot.get("entities").or_else(|| slot.get("entity")) {
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Some(Value::String(names)) => {
                names.split(',').map(|name| name.trim().to_owned()).collect()
            }
            _ => Vec::new(),
        };
        (text_of(slot, "name").unwrap_or_default(), entities)
    });
    let intent = Intent {
        file: file.to_owned(),
        contexts: match fields.get("contexts") {
            Some(Value::Array(contexts)) => {
                contexts.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            // Absent means the context that every intent has.
            _ => vec!["global".to_owned()],
        },
        utterances: fields
            .get("utterances")
            .map_or(0, |all| texts_by_language(all).values().map(Vec::len).sum()),
        slots: slots.collect(),
    };
    (name, intent)
}

/// Texts by language, empty ones left out. Before 12.0 there was one list for all languages.
fn texts_by_language(value: &Value) -> BTreeMap<Option<String>, Vec<String>> {
    let texts = |value: &Value| -> Vec<String> {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        };
        let texts = items.iter().filter_map(Value::as_str);
        texts.filter(|text| !text.trim().is_empty()).map(str::to_owned).collect()
    };
    match value {
        Value::Object(by_language) => {
            by_language.iter().map(|(code, value)| (Some(code.clone()), texts(value))).collect()
        }
        other => BTreeMap::from([(None, texts(other))]),
    }
}

/// The names under which slots know the entity.
fn entity(file: &str, fields: &Map<String, Value>, findings: &mut Findings) -> Vec<String> {
    let name = text_of(fields, "name").unwrap_or_else(|| stem(file).to_owned());
    let is_empty = |key: &str| fields.get(key).and_then(Value::as_array).is_none_or(Vec::is_empty);
    let problem = match fields.get("type").and_then(Value::as_str) {
        Some("list") if is_empty("occurrences") && is_empty("occurences") => {
            Some("is a list without entries".to_owned())
        }
        Some("pattern") if text_of(fields, "pattern").is_none() => {
            Some("has no pattern".to_owned())
        }
        Some("list" | "pattern") => None,
        Some(other) => Some(format!("has the type {}, which is unknown", quote(other))),
        None => Some("has no type".to_owned()),
    };
    if let Some(problem) = problem {
        findings.warn(Place::file(file), "empty-entity", problem, "it never matches anything");
    }
    let mut names = vec![name];
    names.extend(text_of(fields, "id"));
    names
}

fn qna(file: &str, fields: &Map<String, Value>) -> Result<Qna, String> {
    let Some(Value::Object(data)) = fields.get("data") else {
        return Err("has no `data`".to_owned());
    };
    let text = |key: &str| text_of(data, key).unwrap_or_default();
    let mut answers = data.get("answers").map(texts_by_language).unwrap_or_default();
    if let Some(answer) = text_of(data, "answer") {
        answers.entry(None).or_default().push(answer);
    }
    answers.retain(|_, texts| !texts.is_empty());
    let questions = data.get("questions").map(texts_by_language).unwrap_or_default();
    Ok(Qna {
        file: file.to_owned(),
        id: text_of(fields, "id").unwrap_or_else(|| stem(file).to_owned()),
        enabled: data.get("enabled").is_none_or(js::truthy),
        action: text_of(data, "action").unwrap_or_else(|| "text".to_owned()),
        questions: questions.values().map(Vec::len).sum(),
        answers,
        redirect_flow: text("redirectFlow"),
        redirect_node: text("redirectNode"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(files: &[(&str, Value)]) -> (NluFiles, Vec<&'static str>) {
        let mut findings = Findings::default();
        let files: BotFiles =
            files.iter().map(|(path, value)| (path.to_string(), value.to_string())).collect();
        let all = NluFiles::read(&files, &mut findings);
        (all, findings.finish().0.into_iter().map(|finding| finding.code).collect())
    }

    #[test]
    fn intents_of_all_ages_are_read() {
        let (all, found) = read(&[
            (
                "intents/new.json",
                json!({"name": "New", "contexts": ["global"],
                "utterances": {"en": ["a", ""], "fr": ["b"]},
                "slots": [{"name": "s", "entities": ["any", "x"]}]}),
            ),
            (
                "intents/old.json",
                json!({"utterances": ["a", "b"], "slots": [{"name": "s", "entity": "y"}]}),
            ),
            ("intents/zempty.json", json!({"name": "New", "utterances": null})),
        ]);
        assert_eq!(found, ["duplicate-intent"]);
        assert_eq!(all.intents["New"].utterances, 2);
        assert_eq!(all.intents["New"].slots[0].1, ["any", "x"]);
        assert_eq!(
            (all.intents["old"].utterances, &all.intents["old"].contexts),
            (2, &vec!["global".to_owned()])
        );
        assert_eq!(all.intents["old"].slots[0].1, ["y"]);
    }

    #[test]
    fn misspelt_and_legacy_entities_are_read() {
        let (all, found) = read(&[
            (
                "entities/a.json",
                json!({"name": "a", "type": "list", "fuzzy": true,
                "occurences": [{"name": "x", "synonyms": []}]}),
            ),
            (
                "entities/b.json",
                json!({"id": "b-id", "name": "b", "type": "pattern", "pattern": "x"}),
            ),
            ("entities/c.json", json!({"name": "c", "type": "list", "occurrences": []})),
            ("entities/d.json", json!([1])),
        ]);
        assert_eq!(found, ["empty-entity", "bad-file"]);
        assert_eq!(all.entities.iter().collect::<Vec<_>>(), ["a", "b", "b-id", "c"]);
    }

    #[test]
    fn questions_and_answers_of_all_ages_are_read() {
        let (all, found) = read(&[
            (
                "qna/new.json",
                json!({"id": "new", "data": {"action": "text", "contexts": ["global"],
                "questions": {"en": ["q", ""]}, "answers": {"en": ["a", " "], "fr": [""]}}}),
            ),
            (
                "qna/old.json",
                json!({"data": {"category": "global", "enabled": false, "answer": "a",
                "questions": ["q1", "q2"], "action": "redirect", "redirectFlow": "f", "redirectNode": "n"}}),
            ),
            ("qna/none.json", json!({"id": "none"})),
        ]);
        assert_eq!(found, ["bad-qna"]);
        let (new, old) = (&all.qna[0], &all.qna[1]);
        assert_eq!((new.id.as_str(), new.questions, new.answers.len()), ("new", 1, 1));
        assert_eq!(new.answers[&Some("en".to_owned())], ["a"]);
        assert_eq!((old.id.as_str(), old.questions, old.enabled), ("old", 2, false));
        assert_eq!(old.answers[&None], ["a"]);
        assert_eq!((old.redirect_flow.as_str(), old.redirect_node.as_str()), ("f", "n"));
    }
}
