//! `content-elements/<content type>.json` → [`ContentElement`]s (`spec` runtime 10.1).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::Value;

use super::ContentElement;
use super::findings::{Findings, Place};
use super::json_file::{self, kind};
use super::quote::quote;
use super::report::Finding;

/// Most elements of a bot.
const MAX_ELEMENTS: usize = 100_000;

/// Reads the elements of `content_type` from the bytes of its file, alone.
pub fn parse_content(content_type: &str, bytes: &[u8]) -> (Vec<ContentElement>, Vec<Finding>) {
    let mut elements = Elements::default();
    let mut findings = Findings::default();
    let file = format!("content-elements/{content_type}.json");
    elements.read(&file, bytes, &mut findings);
    (elements.by_id.into_values().collect(), findings.finish().0)
}

/// All elements of a bot, file by file in the order of their paths: of two elements with one id
/// the first stays.
#[derive(Debug, Default)]
pub(crate) struct Elements {
    pub(crate) by_id: HashMap<String, ContentElement>,
}

impl Elements {
    /// Adds the elements of one file.
    pub(crate) fn read(&mut self, file: &str, bytes: &[u8], findings: &mut Findings) {
        let content_type = content_type_of(file);
        if content_type == "library" {
            return;
        }
        let effect = "the elements of this file are left out; instructions that name them fail";
        let Some(value) = json_file::read(file, bytes, findings, effect) else {
            return;
        };
        let Value::Array(entries) = value else {
            let problem = format!(
                "holds {}, not a list of elements, with which v12 cannot mount the bot",
                kind(&value)
            );
            findings.error(Place::file(file), "bad-content-file", problem, effect);
            return;
        };
        for (index, entry) in entries.into_iter().enumerate() {
            let field = format!("[{index}]");
            if self.by_id.len() >= MAX_ELEMENTS {
                let problem = format!("the bot has more than {MAX_ELEMENTS} elements");
                let effect = "the elements beyond are left out";
                findings.error(Place::field(file, &field), "too-many", problem, effect);
                return;
            }
            match element(entry, content_type) {
                Ok(element) => self.add(file, &field, element, findings),
                Err(problem) => {
                    let effect = "it is left out; instructions that name it fail";
                    findings.error(Place::field(file, &field), "bad-element", problem, effect);
                }
            }
        }
    }

    fn add(&mut self, file: &str, field: &str, element: ContentElement, findings: &mut Findings) {
        match self.by_id.entry(element.id.clone()) {
            Entry::Vacant(free) => {
                free.insert(element);
            }
            Entry::Occupied(first) if *first.get() == element => {}
            Entry::Occupied(first) => {
                let problem = format!(
                    "the id {} is taken by an earlier element of type {}",
                    quote(&element.id),
                    quote(&first.get().content_type)
                );
                let effect = "the earlier one is used, this one is left out";
                findings.warn(Place::field(file, field), "duplicate-element", problem, effect);
            }
        }
    }
}

/// The content type of a file: its base name.
fn content_type_of(file: &str) -> &str {
    let base = file.rsplit('/').next().unwrap_or(file);
    base.get(..base.len().saturating_sub(".json".len())).unwrap_or(base)
}

fn element(entry: Value, content_type: &str) -> Result<ContentElement, String> {
    let Value::Object(mut fields) = entry else {
        return Err(format!("is {}, not an element", kind(&entry)));
    };
    let Some(Value::String(id)) = fields.remove("id") else {
        return Err("has no id".to_owned());
    };
    match fields.remove("formData") {
        Some(Value::Object(form_data)) => {
            Ok(ContentElement { id, content_type: content_type.to_owned(), form_data })
        }
        Some(other) => {
            Err(format!("{}: its formData is {}, not an object", quote(&id), kind(&other)))
        }
        None => Err(format!("{}: it has no formData", quote(&id))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(files: &[(&str, Value)]) -> (Elements, Vec<&'static str>) {
        let mut elements = Elements::default();
        let mut findings = Findings::default();
        for (name, value) in files {
            let file = format!("content-elements/{name}.json");
            elements.read(&file, value.to_string().as_bytes(), &mut findings);
        }
        (elements, findings.finish().0.into_iter().map(|finding| finding.code).collect())
    }

    #[test]
    fn elements_take_the_type_of_their_file() {
        let (elements, found) = read(&[(
            "builtin_single-choice",
            json!([{"id": "x-1", "contentType": "other", "formData": {"text$en": "?"}}]),
        )]);
        assert_eq!(found, [""; 0]);
        assert_eq!(elements.by_id["x-1"].content_type, "builtin_single-choice");
        assert_eq!(elements.by_id["x-1"].form_data["text$en"], "?");
    }

    #[test]
    fn bad_elements_are_left_out_alone() {
        let (elements, found) = read(&[(
            "builtin_text",
            json!([
                {"formData": {}}, {"id": "a"}, {"id": "b", "formData": []}, "c",
                {"id": "d", "formData": {}}
            ]),
        )]);
        assert_eq!(elements.by_id.keys().collect::<Vec<_>>(), ["d"]);
        assert_eq!(found, ["bad-element"; 4]);
    }

    #[test]
    fn a_file_that_is_no_list_takes_no_other_down() {
        let (elements, found) =
            read(&[("a", json!({"id": "x"})), ("b", json!([{"id": "y", "formData": {}}]))]);
        assert_eq!(elements.by_id.len(), 1);
        assert_eq!(found, ["bad-content-file"]);
    }

    #[test]
    fn the_first_of_two_elements_with_one_id_stays() {
        let same =
            json!([{"id": "x", "formData": {"text": 1}}, {"id": "x", "formData": {"text": 1}}]);
        let (elements, found) =
            read(&[("a", same), ("b", json!([{"id": "x", "formData": {"text": 2}}]))]);
        assert_eq!(elements.by_id["x"].form_data["text"], 1);
        assert_eq!(found, ["duplicate-element"]);
    }

    #[test]
    fn the_studios_library_holds_no_elements() {
        let (elements, found) = read(&[("library", json!({"any": "thing"}))]);
        assert_eq!((elements.by_id.len(), found.len()), (0, 0));
    }
}
