//! `builtin/appendContext`, `removeContext` and `resetContext`: which intents are listened for.

use serde_json::{Value, json};

use super::{Call, Outcome, fields};
use crate::js;

const FIELD: &str = "nluContexts";
/// Messages that a context lasts when nothing else is said.
pub(super) const DEFAULT_TTL: f64 = 1000.0;

pub(super) fn append(call: &mut Call<'_>) -> Outcome {
    let ttl = call.text("ttl").and_then(|ttl| ttl.trim().parse::<f64>().ok());
    let ttl = ttl.filter(|ttl| ttl.is_finite()).unwrap_or(DEFAULT_TTL);
    let mut contexts = current(call);
    for name in names(call) {
        let entry = json!({"context": name, "ttl": js::number_to_json(ttl)});
        let known = contexts.iter_mut().find(|entry| context(entry) == Some(&name));
        match known {
            Some(known) if known.get("ttl").and_then(Value::as_f64).unwrap_or(0.0) < ttl => {
                *known = entry;
            }
            Some(_) => {}
            None => contexts.push(entry),
        }
    }
    store(call, contexts)
}

pub(super) fn remove(call: &mut Call<'_>) -> Outcome {
    let names = names(call);
    let mut contexts = current(call);
    contexts.retain(|entry| !context(entry).is_some_and(|name| names.iter().any(|n| n == name)));
    store(call, contexts)
}

pub(super) fn reset(call: &mut Call<'_>) -> Outcome {
    store(call, Vec::new())
}

pub(super) fn store(call: &mut Call<'_>, contexts: Vec<Value>) -> Outcome {
    fields(&mut call.state.session).insert(FIELD.to_owned(), Value::Array(contexts));
    Outcome::Done
}

/// The contexts named by the arguments. v12 trims the list, not its items.
fn names(call: &Call<'_>) -> Vec<String> {
    let text = call.text("contexts").unwrap_or_default();
    text.trim().split(',').map(str::to_owned).collect()
}

fn current(call: &Call<'_>) -> Vec<Value> {
    call.state.session.get(FIELD).and_then(Value::as_array).cloned().unwrap_or_default()
}

fn context(entry: &Value) -> Option<&str> {
    entry.get("context").and_then(Value::as_str)
}
