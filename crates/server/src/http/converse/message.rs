//! A message on its way to a turn (`spec` http 1.6). What the public route demands of it besides is in
//! [`schema`](super::schema).

use parlance_core::js::truthy;
use serde_json::{Map, Value};

use super::super::error::HttpError;

/// The context of a message that names none.
pub(super) const GLOBAL: &str = "global";
/// The type of a message that names none.
pub(super) const TEXT: &str = "text";

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    /// What travels on: the body as it came, with its type, without the contexts.
    pub(super) payload: Map<String, Value>,
    /// NLU contexts.
    pub(super) included_contexts: Vec<String>,
}

impl Message {
    /// The message of a body that follows no schema: any type, any keys.
    ///
    /// What is empty in JavaScript's eyes counts as absent, as in v12. Fails with 400 where the type
    /// is not a text.
    pub(super) fn take(body: Value) -> Result<Self, HttpError> {
        let Value::Object(mut payload) = body else {
            // A list has neither type nor text; the check of the length tells.
            return Ok(Self::of(Map::new(), None));
        };
        let contexts = payload.shift_remove("includedContexts");
        match payload.get("type") {
            Some(Value::String(_)) | None => {}
            Some(other) if !truthy(other) => {}
            Some(_) => return Err(HttpError::bad_request("the message's \"type\" must be a text")),
        }
        Ok(Self::of(payload, contexts.as_ref()))
    }

    fn of(mut payload: Map<String, Value>, contexts: Option<&Value>) -> Self {
        if !payload.get("type").is_some_and(truthy) {
            payload.insert("type".to_owned(), Value::from(TEXT));
        }
        Self { payload, included_contexts: contexts_of(contexts) }
    }

    /// The limit of length, in UTF-16 code units; a text of just the limit passes. Messages of other
    /// types than `text` have no limit of their own.
    pub(super) fn check_length(&self, limit: usize) -> Result<(), HttpError> {
        if self.payload.get("type").is_some_and(|kind| kind != TEXT) {
            return Ok(());
        }
        let text = self.payload.get("text").and_then(Value::as_str).unwrap_or_default();
        // No text has more UTF-16 code units than bytes.
        let fits = text.len() <= limit || text.encode_utf16().take(limit + 1).count() <= limit;
        if fits && !text.is_empty() {
            return Ok(());
        }
        let message = format!("Text must be a valid string of less than {limit} chars");
        Err(HttpError::bad("VError", message))
    }
}

/// The contexts of a message without a schema: one text is a list of one, and what is no text names
/// no context.
fn contexts_of(value: Option<&Value>) -> Vec<String> {
    let text = |item: &Value| item.as_str().filter(|name| !name.is_empty()).map(str::to_owned);
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(text).collect(),
        other => vec![other.and_then(text).unwrap_or_else(|| GLOBAL.to_owned())],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn without_a_schema_everything_travels_on_but_the_contexts() {
        for (body, payload, contexts) in [
            (json!({"type": "visit"}), json!({"type": "visit"}), vec!["global"]),
            (
                json!({"type": "quick_reply", "text": "Yes", "payload": "YES", "foo": [1]}),
                json!({"type": "quick_reply", "text": "Yes", "payload": "YES", "foo": [1]}),
                vec!["global"],
            ),
            (
                json!({"text": "hi", "includedContexts": ["a", 1, "", "b"], "metadata": 5}),
                json!({"text": "hi", "metadata": 5, "type": "text"}),
                vec!["a", "b"],
            ),
            (
                json!({"type": "", "x": 1, "includedContexts": []}),
                json!({"type": "text", "x": 1}),
                vec![],
            ),
            (
                json!({"type": null, "includedContexts": null}),
                json!({"type": "text"}),
                vec!["global"],
            ),
            (json!({"includedContexts": "a"}), json!({"type": "text"}), vec!["a"]),
            (json!({"includedContexts": {"a": 1}}), json!({"type": "text"}), vec!["global"]),
            (json!([1, 2]), json!({"type": "text"}), vec!["global"]),
        ] {
            let message = Message::take(body.clone()).unwrap();
            assert_eq!(Value::Object(message.payload).to_string(), payload.to_string(), "{body}");
            assert_eq!(message.included_contexts, contexts, "{body}");
        }
        for odd in [json!(1), json!(true), json!([]), json!({})] {
            let error = Message::take(json!({"type": odd})).unwrap_err().body();
            assert!(error.contains("must be a text"), "{error}");
        }
    }

    #[test]
    fn only_a_message_of_type_text_needs_one() {
        let passes = |body: Value| Message::take(body).unwrap().check_length(5).is_ok();
        assert!(passes(json!({"text": "12345"})));
        for text in [json!("123456"), json!(""), json!(null), json!(5), json!(["a"])] {
            assert!(!passes(json!({"type": "text", "text": text})), "{text}");
            assert!(!passes(json!({ "text": text })), "{text}");
            assert!(passes(json!({"type": "Text", "text": text})), "{text}");
        }
        assert!(!passes(json!({"type": "text"})));
        assert!(passes(json!({"type": "visit"})));
    }

    #[test]
    fn length_counts_utf16_code_units_up_to_the_limit() {
        let passes = |text: String, limit: usize| {
            Message::take(json!({ "text": text })).unwrap().check_length(limit).is_ok()
        };
        assert!(passes("x".repeat(360), 360));
        assert!(!passes("x".repeat(361), 360));
        assert!(passes("😀".repeat(180), 360));
        assert!(!passes("😀".repeat(181), 360));
        assert!(passes("é".repeat(360), 360));
        assert!(!passes("é".repeat(361), 360));
        let error = Message::take(json!({"text": "abc"})).unwrap().check_length(2).unwrap_err();
        let expected = "{\"statusCode\":400,\"type\":\"VError\",\
                        \"message\":\"Text must be a valid string of less than 2 chars\"";
        assert!(error.body().starts_with(expected), "{}", error.body());
    }
}
