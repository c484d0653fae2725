//! `builtin/incrementNumberOfConversations` and `getNumberOfConversations`: how often a user
//! talked to the bot. The first value is 0.

use serde_json::{Value, json};

use super::global_variable::unbox;
use super::{Call, Outcome, Then};
use crate::dialog::MemoryOp;
use crate::js;

pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    recall(call, false)
}

pub(super) fn increment(call: &mut Call<'_>) -> Outcome {
    recall(call, true)
}

fn recall(call: &mut Call<'_>, add: bool) -> Outcome {
    let output = match call.required("output") {
        Ok(output) => output,
        Err(failed) => return failed,
    };
    let key = format!("storage/users/{}/numberOfConversations", call.event_text("/target"));
    Outcome::Recall { key: key.clone(), then: Then::CountConversation { output, key, add } }
}

/// Counts, and puts the number into `temp`.
pub(super) fn read(
    output: &str,
    key: &str,
    add: bool,
    stored: Option<&Value>,
    call: &mut Call<'_>,
) -> Outcome {
    let stored = stored.cloned().and_then(|boxed| unbox(boxed, call.now));
    let count = match stored.as_ref().and_then(Value::as_f64) {
        Some(count) if add => count + 1.0,
        Some(count) => count,
        None => 0.0,
    };
    let count = js::number_to_json(count);
    if add {
        let boxed = json!({"value": count, "expiry": "never"});
        call.memory.push(MemoryOp::Set { key: key.to_owned(), value: boxed });
    }
    call.set_temp(output, count);
    Outcome::Done
}
