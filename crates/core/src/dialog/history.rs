//! `session.lastMessages` and what is cleaned when a state is stored (`spec` runtime 4.1, 5.3).

use serde_json::{Value, json};

use super::event::object;
use super::state::State;

/// How many messages `session.lastMessages` keeps.
const KEPT: usize = 5;
/// How many it may hold while a turn runs.
const BOUND: usize = 200;

/// Adds an entry: `source` is `dialogManager` or the suggestion's, `reply` what was said.
pub(super) fn add(
    state: &mut State,
    event: &Value,
    iso: &str,
    source: &str,
    confidence: f64,
    reply: &Value,
) {
    let entry = object([
        ("eventId", Some(event.get("id").cloned().unwrap_or_default())),
        ("incomingPreview", event.get("preview").cloned()),
        ("replyConfidence", Some(crate::js::number_to_json(confidence))),
        ("replySource", Some(source.into())),
        ("replyDate", Some(iso.into())),
        ("replyPreview", Some(reply.clone())),
    ]);
    let Value::Object(session) = &mut state.session else {
        return;
    };
    let list = session.entry("lastMessages").or_insert_with(|| json!([]));
    if !list.is_array() {
        *list = json!([]);
    }
    if let Value::Array(list) = list {
        list.push(entry);
        if list.len() > BOUND {
            list.drain(..list.len() - KEPT);
        }
    }
}

/// Cuts `session.lastMessages` to the last five.
pub(super) fn trim(state: &mut State) {
    if let Some(Value::Array(list)) = state.session.get_mut("lastMessages") {
        let surplus = list.len().saturating_sub(KEPT);
        list.drain(..surplus);
    }
}

/// Drops the keys of an object whose value is null.
pub(super) fn drop_nulls(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, value| !value.is_null());
    }
}
