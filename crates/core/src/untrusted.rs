//! Text that came from outside must never be read as a template.
//!
//! v12 renders templates in up to three passes, so a user whose name is `{{event.botId}}` sees it
//! evaluated. Parlance keeps the passes, which bots rely on, and takes the danger out at the edge:
//! every `{` in an incoming event is followed by a mark, a Unicode noncharacter that no text may
//! contain. A marked text holds no template tag. The mark travels with copies of the text through
//! memory, and is taken off wherever text leaves: in payloads, conditions, records and debug output.

use std::borrow::Cow;

use serde_json::Value;

/// Follows each `{` of outside text. A noncharacter, reserved for use inside a program.
pub(crate) const MARK: char = '\u{FDD0}';

/// Marks every `{` in all strings of `value`, after removing marks that came in from outside.
pub fn mark(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.contains(['{', MARK]) {
                *text = mark_text(text);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mark),
        Value::Object(fields) => fields.values_mut().for_each(mark),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text with every `{` marked.
pub fn mark_text(text: &str) -> String {
    let mut marked = String::with_capacity(text.len() + 4);
    for character in text.chars().filter(|character| *character != MARK) {
        marked.push(character);
        if character == '{' {
            marked.push(MARK);
        }
    }
    marked
}

/// The text as its author wrote it.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(MARK) { Cow::Owned(text.replace(MARK, "")) } else { Cow::Borrowed(text) }
}

/// Takes the marks off all strings of `value`, names of fields included: a bot may name a variable
/// after what the user said.
pub fn unmark(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.contains(MARK) {
                *text = text.replace(MARK, "");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(unmark),
        Value::Object(fields) => {
            fields.values_mut().for_each(unmark);
            if fields.keys().any(|name| name.contains(MARK)) {
                let marked = std::mem::take(fields);
                fields.extend(
                    marked.into_iter().map(|(name, value)| (plain(&name).into_owned(), value)),
                );
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn marked_text_holds_no_tag_and_comes_back_whole() {
        let original = json!({"text": "{{{a}}} {{b}}", "list": ["{"], "n": 1});
        let mut value = original.clone();
        mark(&mut value);
        assert!(!value["text"].as_str().unwrap().contains("{{"));
        assert!(!format!("{}{}", value["list"][0].as_str().unwrap(), "{x}}").contains("{{"));
        unmark(&mut value);
        assert_eq!(value, original);
    }

    #[test]
    fn the_name_of_a_field_loses_its_mark_too() {
        let mut value = json!({"a": 1, mark_text("{{b}}"): {mark_text("{"): 2}, "c": 3});
        unmark(&mut value);
        assert_eq!(value.to_string(), r#"{"a":1,"{{b}}":{"{":2},"c":3}"#);
    }

    #[test]
    fn a_mark_from_outside_is_dropped() {
        let mut value = json!("{\u{FDD0}{");
        mark(&mut value);
        assert_eq!(plain(value.as_str().unwrap()), "{{");
    }
}
