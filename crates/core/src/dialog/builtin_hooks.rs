//! The hooks that come with v12, run natively (`spec` runtime 6.9).

use serde_json::{Map, Value, json};

use crate::js;

use super::state::State;

/// Events that never reach the flows.
const SILENT: [&str; 6] = [
    "session_reset",
    "typing",
    "visit",
    "session_reference",
    "request_start_conversation",
    "say_something",
];

/// What the hooks decided about the event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Skip {
    /// The flows do not run.
    pub(super) flows: bool,
    /// The state is stored although the flows do not run.
    pub(super) force_persist: bool,
    /// The bot repeats what the event says.
    pub(super) reply_as_said: bool,
}

/// Before understanding: NLU contexts set by actions replace those of the caller.
pub(super) fn before(event: &mut Value, state: &State) {
    let Some(Value::Array(contexts)) = state.session.get("nluContexts") else {
        return;
    };
    let names: Vec<Value> =
        contexts.iter().filter_map(|entry| entry.get("context")).cloned().collect();
    if let (false, Some(nlu)) = (names.is_empty(), event.get_mut("nlu")) {
        set(nlu, "includedContexts", Value::Array(names));
    }
}

/// After understanding: contexts expire, slots are kept, some events skip the flows.
pub(super) fn after(event: &Value, state: &mut State, now: i64) -> Skip {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
    expire_contexts(event, state);
    let force_persist = keep_slots(event, state, now);
    Skip { flows: SILENT.contains(&kind), force_persist, reply_as_said: kind == "say_something" }
}

fn expire_contexts(event: &Value, state: &mut State) {
    if understood(event, "errored") == Some(&Value::Bool(true)) {
        return;
    }
    let Some(Value::Array(contexts)) = state.session.get_mut("nluContexts") else {
        return;
    };
    contexts.retain_mut(|entry| {
        let left = entry.get("ttl").and_then(Value::as_f64).unwrap_or(f64::NAN) - 1.0;
        set(entry, "ttl", js::number_to_json(left));
        // An entry without a number never expires, as comparisons with NaN are false.
        left.is_nan() || left > 0.0
    });
}

/// Ages the stored slots and adds those that were understood; true when there were any.
fn keep_slots(event: &Value, state: &mut State, now: i64) -> bool {
    let Value::Object(session) = &mut state.session else {
        return false;
    };
    let slots = session.entry("slots").or_insert_with(|| json!({}));
    if !slots.is_object() {
        *slots = json!({});
    }
    let Value::Object(slots) = slots else {
        return false;
    };
    slots.retain(|_, slot| !is_spent(slot));
    let mut found = false;
    let filled = understood(event, "slots").and_then(Value::as_object);
    for (name, slot) in filled.into_iter().flatten() {
        let slot = match slot {
            Value::Array(several) => several.first().unwrap_or(&Value::Null),
            one => one,
        };
        let fixed = slots.get(name).and_then(|stored| stored.get("overwritable"));
        if !slot.get("value").is_some_and(js::truthy) || fixed == Some(&Value::Bool(false)) {
            continue;
        }
        let mut kept = slot.as_object().cloned().unwrap_or_else(Map::new);
        kept.insert("timestamp".to_owned(), Value::from(now));
        kept.insert("turns".to_owned(), Value::from(0));
        kept.insert("overwritable".to_owned(), Value::from(true));
        kept.insert("expiresAfterTurns".to_owned(), Value::from(false));
        slots.insert("notFound".to_owned(), Value::from(0));
        slots.insert(name.clone(), Value::Object(kept));
        found = true;
    }
    found
}

/// A field of `event.nlu`.
fn understood<'e>(event: &'e Value, field: &str) -> Option<&'e Value> {
    event.get("nlu")?.get(field)
}

/// Counts one more turn for a slot; true when its turns are over.
fn is_spent(slot: &mut Value) -> bool {
    let Some(turns) = slot.get("turns").and_then(Value::as_f64) else {
        return false;
    };
    let turns = turns + 1.0;
    set(slot, "turns", js::number_to_json(turns));
    let limit = slot.get("expiresAfterTurns").and_then(Value::as_f64);
    limit.is_some_and(|limit| limit > -1.0 && turns >= limit)
}

fn set(object: &mut Value, field: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(field.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_live_as_many_messages_as_their_ttl() {
        let mut state = State::new();
        state.session["nluContexts"] =
            json!([{"context": "a", "ttl": 2}, {"context": "b", "ttl": 1}]);
        let mut event = json!({"type": "text", "nlu": {"includedContexts": ["global"]}});
        before(&mut event, &state);
        assert_eq!(event["nlu"]["includedContexts"], json!(["a", "b"]));
        after(&event, &mut state, 0);
        assert_eq!(state.session["nluContexts"], json!([{"context": "a", "ttl": 1}]));
    }

    #[test]
    fn understood_slots_are_kept_and_age() {
        let mut state = State::new();
        let event =
            json!({"type": "text", "nlu": {"slots": {"city": {"name": "city", "value": "Rome"}}}});
        assert!(after(&event, &mut state, 7).force_persist);
        assert_eq!(state.session["slots"]["city"]["timestamp"], 7);
        state.session["slots"]["city"]["expiresAfterTurns"] = json!(2);
        let plain = json!({"type": "text", "nlu": {}});
        after(&plain, &mut state, 8);
        assert_eq!(state.session["slots"]["city"]["turns"], 1);
        after(&plain, &mut state, 9);
        assert_eq!(state.session["slots"].get("city"), None);
    }

    #[test]
    fn housekeeping_events_skip_the_flows() {
        let mut state = State::new();
        for (kind, skips) in [("visit", true), ("text", false), ("quick_reply", false)] {
            assert_eq!(after(&json!({"type": kind}), &mut state, 0).flows, skips, "{kind}");
        }
    }
}
