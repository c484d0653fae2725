//! `builtin/setVariable` and `builtin/removeVariable`.

use serde_json::Value;

use super::{Call, Outcome, fields};
use crate::dialog::MemoryOp;

/// Key of a bot's memory in its key-value store.
pub(super) const BOT_MEMORY: &str = "global";

pub(super) fn set(call: &mut Call<'_>) -> Outcome {
    let value = call.args.get("value").cloned();
    let deletes = match &value {
        None => true,
        Some(Value::String(text)) => text.is_empty() || text == "null",
        Some(_) => false,
    };
    change(call, if deletes { None } else { value }, Option::unwrap_or_default)
}

pub(super) fn remove(call: &mut Call<'_>) -> Outcome {
    change(call, None, |_| Value::Null)
}

/// Sets or deletes a variable. In the bot's memory nothing is deleted: `in_bot` tells what is kept.
fn change(
    call: &mut Call<'_>,
    value: Option<Value>,
    in_bot: fn(Option<Value>) -> Value,
) -> Outcome {
    let name = match call.required("name") {
        Ok(name) => name,
        Err(failed) => return failed,
    };
    let scope = match call.text("type").as_deref() {
        Some("user") => &mut call.state.user,
        Some("session") => &mut call.state.session,
        Some("temp") => &mut call.state.temp,
        Some("bot") => {
            let value = in_bot(call.args.get("value").cloned().or(value));
            let key = BOT_MEMORY.to_owned();
            call.memory.push(MemoryOp::SetField { key, field: name, value });
            return Outcome::Done;
        }
        other => {
            let found = other.unwrap_or_default();
            return Outcome::Failed(format!(
                "the argument \"type\" is \"{found}\"; it must be user, session, temp or bot"
            ));
        }
    };
    match value {
        Some(value) => {
            fields(scope).insert(name, value);
        }
        None => {
            fields(scope).shift_remove(&name);
        }
    }
    Outcome::Done
}
