//! Payloads of 12.26 and later (`spec` runtime 4.5): one object, `type` first, then the data.

use serde_json::{Map, Value};

use super::types::{ContentType, Kind};

/// What rendering adds to the data for templates, not for channels.
const INTERNAL: [&str; 6] = ["event", "temp", "user", "session", "bot", "BOT_URL"];

/// The payloads of an element of `content_type` with `data`: one, or none for a button by itself.
pub(super) fn payloads(content_type: &ContentType, data: Map<String, Value>) -> Vec<Value> {
    if content_type.kind == Kind::ActionButton {
        return Vec::new();
    }
    let mut payload = Map::with_capacity(data.len() + 1);
    payload.insert("type".to_owned(), Value::from(content_type.payload_type));
    payload.extend(data.into_iter().filter(|(key, _)| !INTERNAL.contains(&key.as_str())));
    vec![Value::Object(payload)]
}
