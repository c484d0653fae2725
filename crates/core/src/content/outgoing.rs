//! The last step of a payload before it leaves (`spec` runtime 4.5, end): absolute URLs, no marks,
//! and JSON as JavaScript writes it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::{js, untrusted};

/// Stands for the external URL in content.
const BOT_URL: &str = "BOT_URL";

/// Makes `payload` ready to leave, in all its strings and numbers, at every depth.
pub(super) fn finish(payload: &mut Value, external_url: &str) {
    match payload {
        Value::String(text) => {
            if let Some(changed) = finished_text(text, external_url) {
                *text = changed;
            }
        }
        Value::Number(number) if number.is_f64() => {
            *payload = js::number_to_json(js::as_f64(number));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| finish(item, external_url)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| finish(field, external_url));
            order_keys(fields);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text as it leaves; `None` when it leaves as it is.
fn finished_text(text: &str, external_url: &str) -> Option<String> {
    let mut finished = untrusted::plain(text);
    if finished.contains(BOT_URL) {
        finished = Cow::Owned(finished.replacen(BOT_URL, external_url, 1));
    }
    if is_media_path(&finished) {
        finished = Cow::Owned(format!("{external_url}{finished}"));
    }
    match finished {
        Cow::Borrowed(_) => None,
        Cow::Owned(changed) => Some(changed),
    }
}

/// Whether `text` begins with a path `/api/…/bots/…/media/…` without a line break in it.
fn is_media_path(text: &str) -> bool {
    let path = || {
        let line =
            text.strip_prefix("/api/")?.split(['\n', '\r', '\u{2028}', '\u{2029}']).next()?;
        line.split_once("/bots/")?.1.split_once("/media/")
    };
    path().is_some()
}

/// Puts keys that are array indices first, where JavaScript has them.
fn order_keys(fields: &mut Map<String, Value>) {
    if !fields.keys().any(|key| key.starts_with(|c: char| c.is_ascii_digit())) {
        return;
    }
    let keys: Vec<String> = js::ordered_keys(fields).into_iter().map(str::to_owned).collect();
    *fields = keys
        .into_iter()
        .filter_map(|key| {
            let value = fields.get_mut(&key).map(Value::take)?;
            Some((key, value))
        })
        .collect();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn finished(mut payload: Value) -> Value {
        finish(&mut payload, "https://chat.example");
        payload
    }

    #[test]
    fn urls_become_absolute() {
        for (text, expected) in [
            ("/api/v1/bots/b/media/a-b.png", "https://chat.example/api/v1/bots/b/media/a-b.png"),
            ("/api/x/y/bots/b/c/media/", "https://chat.example/api/x/y/bots/b/c/media/"),
            ("/api//bots//media/", "https://chat.example/api//bots//media/"),
            ("/api/bots/b/media/a.png", "/api/bots/b/media/a.png"),
            ("/api/v1/media/a.png", "/api/v1/media/a.png"),
            ("/api/v1/bots/b\n/media/a.png", "/api/v1/bots/b\n/media/a.png"),
            ("see /api/v1/bots/b/media/a.png", "see /api/v1/bots/b/media/a.png"),
            ("BOT_URL/x BOT_URL/y", "https://chat.example/x BOT_URL/y"),
            ("BOT_URL/api/v1/bots/b/media/a", "https://chat.example/api/v1/bots/b/media/a"),
        ] {
            assert_eq!(finished(json!(text)), json!(expected), "{text}");
        }
    }

    #[test]
    fn every_depth_is_reached_but_keys_stay() {
        let payload = json!({"items": [{"image": "/api/v1/bots/b/media/a"}], "BOT_URL": 1});
        assert_eq!(
            finished(payload),
            json!({"items": [{"image": "https://chat.example/api/v1/bots/b/media/a"}], "BOT_URL": 1})
        );
    }

    #[test]
    fn numbers_and_key_order_are_javascripts() {
        let payload: Value =
            serde_json::from_str(r#"{"b":1.0,"10":-0.0,"a":1e3,"2":0.5,"n":[3.00]}"#).unwrap();
        assert_eq!(finished(payload).to_string(), r#"{"2":0.5,"10":0,"b":1,"a":1000,"n":[3]}"#);
    }

    #[test]
    fn marks_do_not_leave() {
        let mut payload = json!({"text": "{{a}}"});
        untrusted::mark(&mut payload);
        assert_eq!(finished(payload), json!({"text": "{{a}}"}));
    }
}
