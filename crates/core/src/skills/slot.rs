//! The Slot skill's actions (`spec` runtime 9.3).

use serde_json::{Map, Value, json};

use super::nlu_contexts::{self, DEFAULT_TTL};
use super::{Call, Outcome, fields};
use crate::js;

const NOT_FOUND: &str = "notFound";
const TRIES: &str = "tryFillSlotCount";
/// Most tries that a flow may ask for.
const MOST_TRIES: f64 = 10.0;

/// Listens for the intent that fills the slot, and starts counting tries.
pub(super) fn update_contexts(call: &mut Call<'_>) -> Outcome {
    let name = match call.required("intentName") {
        Ok(name) => name,
        Err(failed) => return failed,
    };
    let Some(contexts) = call.bot.intents.get(&name) else {
        return Outcome::Failed(format!("there is no intent \"{name}\""));
    };
    let ttl = js::number_to_json(DEFAULT_TTL);
    let contexts = contexts.iter().map(|context| json!({"context": context, "ttl": ttl})).collect();
    nlu_contexts::store(call, contexts);
    call.set_temp(TRIES, json!(1));
    for flag in ["extracted", "notExtracted", "alreadyExtracted"] {
        call.set_temp(flag, Value::Bool(false));
    }
    fields(&mut call.state.temp).shift_remove("valid");
    Outcome::Done
}

/// Fills the slot with the first fitting entity, or with the whole text where anything fits.
pub(super) fn fill(call: &mut Call<'_>) -> Outcome {
    let name = match call.required("slotName") {
        Ok(name) => name,
        Err(failed) => return failed,
    };
    let wanted = call.text("entities").unwrap_or_default().into_owned();
    let wanted: Vec<&str> = wanted.split(',').map(str::trim).collect();
    let found = call.event.pointer("/nlu/entities").and_then(Value::as_array);
    let found = found.map(Vec::as_slice).unwrap_or_default();
    let (entity, expiry) = if found.is_empty() {
        if !wanted.contains(&"any") {
            return Outcome::Done;
        }
        (whole_text(call), call.args.get("turnExpiry").cloned())
    } else {
        let fits = |entity: &&Value| {
            entity.get("name").and_then(Value::as_str).is_some_and(|name| wanted.contains(&name))
        };
        match found.iter().find(fits) {
            Some(entity) => (entity.clone(), None),
            None => return Outcome::Done,
        }
    };
    let slots = slots(call);
    if slots.get(&name).is_some_and(js::truthy) {
        return Outcome::Done;
    }
    let mut slot = Map::new();
    slot.insert("name".to_owned(), Value::from(name.clone()));
    slot.insert("value".to_owned(), entity.pointer("/data/value").cloned().unwrap_or_default());
    slot.insert("entity".to_owned(), entity);
    slot.insert("timestamp".to_owned(), Value::from(call.now.millis));
    slot.insert("turns".to_owned(), json!(0));
    slot.insert("overwritable".to_owned(), json!(true));
    if let Some(expiry) = expiry {
        slot.insert("expiresAfterTurns".to_owned(), expiry);
    }
    let slots = self::slots(call);
    slots.insert(name, Value::Object(slot));
    slots.insert(NOT_FOUND.to_owned(), json!(0));
    Outcome::Done
}

/// Counts a try that found nothing; after the last one the skill gives up.
pub(super) fn not_found(call: &mut Call<'_>) -> Outcome {
    let slots = slots(call);
    if !slots.get(NOT_FOUND).is_some_and(js::truthy) {
        slots.insert(NOT_FOUND.to_owned(), json!(1));
    }
    let most = call.text("retryAttempts").and_then(|most| most.trim().parse::<f64>().ok());
    let most = most.unwrap_or(f64::NAN).min(MOST_TRIES);
    let tries = call.state.temp.get(TRIES).and_then(Value::as_f64).unwrap_or(f64::NAN);
    if tries < most {
        call.set_temp(TRIES, js::number_to_json(tries + 1.0));
    } else {
        call.set_temp("notExtracted", Value::from("true"));
    }
    Outcome::Done
}

/// Forgets the slot, so that it is asked for again.
pub(super) fn reset(call: &mut Call<'_>) -> Outcome {
    match call.required("slotName") {
        Ok(name) => {
            slots(call).shift_remove(&name);
            Outcome::Done
        }
        Err(failed) => failed,
    }
}

fn slots<'c>(call: &'c mut Call<'_>) -> &'c mut Map<String, Value> {
    let slots = fields(&mut call.state.session).entry("slots").or_insert_with(|| json!({}));
    fields(slots)
}

/// The message as an entity that fits anything.
fn whole_text(call: &Call<'_>) -> Value {
    let text = call.event.pointer("/payload/text").filter(|text| js::truthy(text));
    let text = text.or_else(|| call.event.get("preview"));
    let text = text.cloned().unwrap_or_default();
    let length = text.as_str().map_or(0, |text| js::utf16_len(&crate::untrusted::plain(text)));
    json!({
        "name": "any",
        "type": "any",
        "meta": {"start": 0, "end": length},
        "data": {"extras": {}, "value": text},
    })
}
