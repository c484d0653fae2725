//! The schema of the public route: what v12's validator lets pass, and its texts for the rest
//! (`spec` http 1.4, 1.5).

use serde_json::{Map, Value};

use super::super::error::HttpError;
use super::message::{GLOBAL, Message};

/// Unknown keys that are named at most.
const NAMED: usize = 100;

impl Message {
    /// The message of this body; fails with v12's 400.
    ///
    /// Known keys are looked at in the schema's order, unknown ones only if all those are right.
    pub(super) fn check(body: Value) -> Result<Self, HttpError> {
        let Value::Object(mut payload) = body else {
            return Err(HttpError::invalid_payload("\"value\" must be an object"));
        };
        let contexts = check_known(&payload)?;
        check_unknown(&payload)?;
        payload.shift_remove("includedContexts");
        if !payload.contains_key("type") {
            payload.insert("type".to_owned(), Value::from("text"));
        }
        let included_contexts = contexts.unwrap_or_else(|| vec![GLOBAL.to_owned()]);
        Ok(Self { payload, included_contexts })
    }
}

/// Checks the known keys in the schema's order; gives the contexts, if there are any.
fn check_known(body: &Map<String, Value>) -> Result<Option<Vec<String>>, HttpError> {
    let fails = |key: &str, reason: &str| {
        HttpError::invalid_payload(&format!("child \"{key}\" fails because [{reason}]"))
    };
    match body.get("type") {
        None => {}
        Some(Value::String(text)) if text == "text" => {}
        Some(Value::String(text)) if text.is_empty() => {
            return Err(fails("type", "\"type\" is not allowed to be empty"));
        }
        Some(Value::String(_)) => return Err(fails("type", "\"type\" must be one of [text]")),
        Some(_) => return Err(fails("type", "\"type\" must be a string")),
    }
    match body.get("text") {
        None => return Err(fails("text", "\"text\" is required")),
        Some(Value::String(text)) if text.is_empty() => {
            return Err(fails("text", "\"text\" is not allowed to be empty"));
        }
        Some(Value::String(_)) => {}
        Some(_) => return Err(fails("text", "\"text\" must be a string")),
    }
    let contexts = body.get("includedContexts").map(contexts).transpose();
    let contexts = contexts.map_err(|reason| fails("includedContexts", &reason))?;
    let metadata = body.get("metadata");
    if metadata.is_some_and(|metadata| !read(metadata, Value::is_object)) {
        return Err(fails("metadata", "\"metadata\" must be an object"));
    }
    Ok(contexts)
}

/// Whether the value is of a kind, or a string that holds JSON of that kind: v12's validator reads
/// it, and lets the string travel on.
fn read(value: &Value, kind: fn(&Value) -> bool) -> bool {
    let held = |text: &String| serde_json::from_str::<Value>(text).is_ok_and(|held| kind(&held));
    kind(value) || matches!(value, Value::String(text) if held(text))
}

fn contexts(value: &Value) -> Result<Vec<String>, String> {
    let held;
    let items = match value {
        Value::Array(items) => items,
        Value::String(text) => {
            held = serde_json::from_str::<Vec<Value>>(text).ok();
            held.as_ref().ok_or("\"includedContexts\" must be an array")?
        }
        _ => return Err("\"includedContexts\" must be an array".to_owned()),
    };
    let mut contexts = Vec::with_capacity(items.len());
    for (position, item) in items.iter().enumerate() {
        let reason = match item {
            Value::String(text) if text.is_empty() => "is not allowed to be empty",
            Value::String(text) => {
                contexts.push(text.clone());
                continue;
            }
            _ => "must be a string",
        };
        return Err(format!(
            "\"includedContexts\" at position {position} fails because [\"{position}\" {reason}]"
        ));
    }
    Ok(contexts)
}

fn check_unknown(body: &Map<String, Value>) -> Result<(), HttpError> {
    let known =
        |key: &&String| matches!(key.as_str(), "type" | "text" | "includedContexts" | "metadata");
    if body.keys().all(|key| known(&key)) {
        return Ok(());
    }
    let mut unknown: Vec<&String> = body.keys().filter(|key| !known(key)).collect();
    // JavaScript lists keys that are indexes first, by size, and all others as they came.
    unknown.sort_by_key(|key| index(key).unwrap_or(u32::MAX));
    let reasons = unknown.iter().take(NAMED).map(|key| format!("\"{key}\" is not allowed"));
    Err(HttpError::invalid_payload(&reasons.collect::<Vec<_>>().join(". ")))
}

/// The key as an index of an array: digits without a leading zero, below 2^32 - 1.
fn index(key: &str) -> Option<u32> {
    let plain = key == "0" || key.starts_with(|first: char| ('1'..='9').contains(&first));
    let digits = plain && key.bytes().all(|byte| byte.is_ascii_digit());
    key.parse().ok().filter(|index| digits && *index != u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// The validator's text for a body, HTML escapes included.
    fn refusal(body: Value) -> String {
        let body: Value = serde_json::from_str(&Message::check(body).unwrap_err().body()).unwrap();
        assert_eq!(body["statusCode"], 400);
        assert_eq!(body["type"], "StandardError");
        let message = body["message"].as_str().unwrap();
        message.strip_prefix("Invalid payload: ").unwrap().to_owned()
    }

    #[test]
    fn every_breach_of_the_schema_has_v12s_text() {
        let with = |key: &str, value: Value| {
            let mut body = json!({"text": "hi"});
            body[key] = value;
            body
        };
        let child = |key: &str, reason: &str| format!("child \"{key}\" fails because [{reason}]");
        let text = |reason: &str| child("text", &format!("\"text\" {reason}"));
        let kind = |reason: &str| child("type", &format!("\"type\" {reason}"));
        let array = child("includedContexts", "\"includedContexts\" must be an array");
        let item = |position: usize, reason: &str| {
            let at = format!("\"includedContexts\" at position {position} fails because ");
            child("includedContexts", &format!("{at}[\"{position}\" {reason}]"))
        };
        let object = child("metadata", "\"metadata\" must be an object");
        let mut rows = vec![
            (json!({}), text("is required")),
            (json!({"text": ""}), text("is not allowed to be empty")),
            (with("type", json!("quick_reply")), kind("must be one of [text]")),
            (with("type", json!("Text")), kind("must be one of [text]")),
            (with("type", json!("")), kind("is not allowed to be empty")),
            (with("includedContexts", json!([1])), item(0, "must be a string")),
            (with("includedContexts", json!(["a", null])), item(1, "must be a string")),
            (with("includedContexts", json!([""])), item(0, "is not allowed to be empty")),
            (with("includedContexts", json!("[\"\"]")), item(0, "is not allowed to be empty")),
            (with("foo", json!(1)), "\"foo\" is not allowed".to_owned()),
            (with("a/b", json!(1)), "\"a&#x2F;b\" is not allowed".to_owned()),
            (with("<`\\>", json!(1)), "\"&lt;&#96;&#x5C;&gt;\" is not allowed".to_owned()),
            (with("__proto__", json!({})), "\"__proto__\" is not allowed".to_owned()),
            (
                json!({"text": "hi", "foo": 1, "bar": 2}),
                "\"foo\" is not allowed. \"bar\" is not allowed".to_owned(),
            ),
            (
                json!({"text": "hi", "foo": 1, "10": 1, "9": 1, "01": 1}),
                "\"9\" is not allowed. \"10\" is not allowed. \
                 \"foo\" is not allowed. \"01\" is not allowed"
                    .to_owned(),
            ),
            (json!([]), "\"value\" must be an object".to_owned()),
            (json!("scalar"), "\"value\" must be an object".to_owned()),
        ];
        for value in [json!(1), json!(null), json!(true), json!([]), json!({})] {
            rows.push((json!({"text": value}), text("must be a string")));
            rows.push((with("type", value), kind("must be a string")));
        }
        for value in [json!("a"), json!(""), json!("{}"), json!(null), json!(1), json!({})] {
            rows.push((with("includedContexts", value), array.clone()));
        }
        for value in [json!("str"), json!("[]"), json!(""), json!(null), json!(1), json!([])] {
            rows.push((with("metadata", value), object.clone()));
        }
        for (body, expected) in rows {
            assert_eq!(refusal(body.clone()), expected, "{body}");
        }
    }

    #[test]
    fn the_first_known_key_of_the_schema_wins_and_unknown_keys_come_last() {
        let all = json!({"foo": 1, "metadata": 1, "includedContexts": 1, "text": 1, "type": 1});
        let mut body = all.as_object().unwrap().clone();
        for key in ["type", "text", "includedContexts", "metadata"] {
            let refusal = refusal(Value::Object(body.clone()));
            assert!(refusal.starts_with(&format!("child \"{key}\"")), "{refusal}");
            if key == "text" {
                body.insert(key.to_owned(), json!("hi"));
            } else {
                body.shift_remove(key);
            }
        }
        assert_eq!(refusal(Value::Object(body)), "\"foo\" is not allowed");
    }

    #[test]
    fn what_follows_the_schema_travels_on_as_it_came() {
        for (body, payload, contexts) in [
            (json!({"text": " "}), json!({"text": " ", "type": "text"}), vec!["global"]),
            (
                json!({"type": "text", "text": "hi", "includedContexts": []}),
                json!({"type": "text", "text": "hi"}),
                vec![],
            ),
            (
                json!({"text": "hi", "includedContexts": ["a", "b"], "metadata": {"x": {"y": 1}}}),
                json!({"text": "hi", "metadata": {"x": {"y": 1}}, "type": "text"}),
                vec!["a", "b"],
            ),
            (
                json!({"text": "hi", "includedContexts": "[\"a\"]", "metadata": " {\"x\":1}"}),
                json!({"text": "hi", "metadata": " {\"x\":1}", "type": "text"}),
                vec!["a"],
            ),
        ] {
            let message = Message::check(body).unwrap();
            assert_eq!(Value::Object(message.payload).to_string(), payload.to_string());
            assert_eq!(message.included_contexts, contexts);
        }
    }

    proptest! {
        #[test]
        fn a_message_has_a_text_and_a_type_and_no_contexts(
            keys in prop::collection::vec(
                prop::sample::select(vec!["type", "text", "includedContexts", "metadata", "x"]), 0..5),
            text in any::<String>(),
        ) {
            let body: Map<String, Value> =
                keys.iter().map(|key| ((*key).to_owned(), json!(text))).collect();
            if let Ok(message) = Message::check(Value::Object(body)) {
                prop_assert_eq!(&message.payload["type"], "text");
                prop_assert!(message.payload["text"].as_str().is_some_and(|text| !text.is_empty()));
                prop_assert!(!message.payload.contains_key("includedContexts"));
            }
        }
    }
}
