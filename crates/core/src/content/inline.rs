//! Payloads of 12.26 and later (`spec` runtime 4.5): one object, `type` first, then the data.

use serde_json::{Map, Value};

use super::types::{ContentType, Kind};

/// What rendering adds to the data for templates, not for channels.
const INTERNAL: [&str; 6] = ["event", "temp", "user", "session", "bot", "BOT_URL"];

/// The payloads of an element of `content_type` with `data`: one, or none for a button by itself.
pub(super) fn payloads(content_type: &ContentType, mut data: Map<String, Value>) -> Vec<Value> {
    if content_type.kind == Kind::ActionButton {
        return Vec::new();
    }
    data.retain(|key, _| !INTERNAL.contains(&key.as_str()));
    // An argument called `type` wins, in the first place.
    let own_type = data.shift_remove("type");
    let payload_type = own_type.unwrap_or_else(|| Value::from(content_type.payload_type));
    data.shift_insert(0, "type".to_owned(), payload_type);
    vec![Value::Object(data)]
}
