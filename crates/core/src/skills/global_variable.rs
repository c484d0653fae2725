//! `builtin/setGlobalVariable`, `getGlobalVariable` and `resetGlobalVariable`: variables that all
//! users of a bot share, with an expiry.

use serde_json::{Value, json};

use super::{Call, Outcome, Then};
use crate::dialog::{MemoryOp, Moment};
use crate::duration;

const PREFIX: &str = "storage/global/";

pub(super) fn set(call: &mut Call<'_>) -> Outcome {
    let name = match call.required("name") {
        Ok(name) => name,
        Err(failed) => return failed,
    };
    let value = call.args.get("value").cloned().unwrap_or_default();
    let expiry = match call.text("expiry").filter(|expiry| !expiry.is_empty()) {
        None => "never".to_owned(),
        Some(text) => match duration::parse_ms(&text) {
            Some(millis) => {
                let millis = i64::try_from(millis).unwrap_or(i64::MAX);
                Moment::from_millis(call.now.millis.saturating_add(millis)).iso
            }
            None => return Outcome::Failed(format!("the expiry \"{text}\" is not a duration")),
        },
    };
    let boxed = json!({"value": value, "expiry": expiry});
    call.memory.push(MemoryOp::Set { key: format!("{PREFIX}{name}"), value: boxed });
    if let Some(output) = call.text("output").filter(|output| !output.is_empty()) {
        let output = output.into_owned();
        call.set_temp(&output, value);
    }
    Outcome::Done
}

pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    match (call.required("name"), call.required("output")) {
        (Ok(name), Ok(output)) => {
            Outcome::Recall { key: format!("{PREFIX}{name}"), then: Then::ReadGlobal { output } }
        }
        (Err(failed), _) | (_, Err(failed)) => failed,
    }
}

pub(super) fn reset(call: &mut Call<'_>) -> Outcome {
    match call.required("name") {
        Ok(name) => {
            call.memory.push(MemoryOp::DeletePrefix { prefix: format!("{PREFIX}{name}") });
            Outcome::Done
        }
        Err(failed) => failed,
    }
}

/// Puts the recalled variable into `temp`, unless it expired.
pub(super) fn read(output: &str, boxed: Option<Value>, call: &mut Call<'_>) -> Outcome {
    match boxed.and_then(|boxed| unbox(boxed, call.now)) {
        Some(value) => call.set_temp(output, value),
        None => {
            super::fields(&mut call.state.temp).shift_remove(output);
        }
    }
    Outcome::Done
}

/// The value in a box of v12's store with expiry; `None` when it expired.
pub(super) fn unbox(mut boxed: Value, now: &Moment) -> Option<Value> {
    let expiry = boxed.get("expiry").and_then(Value::as_str).unwrap_or("never");
    if expiry != "never" && Moment::parse_iso(expiry).is_none_or(|until| until <= now.millis) {
        return None;
    }
    boxed.get_mut("value").map(Value::take)
}
