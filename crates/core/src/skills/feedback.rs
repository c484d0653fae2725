//! `builtin/sendFeedback`: the user's thumb up or down for an earlier event.

use serde_json::json;

use super::{Call, Outcome};
use crate::dialog::MemoryOp;
use crate::js;

pub(super) fn run(call: &mut Call<'_>) -> Outcome {
    let feedback = match call.text("value").as_deref() {
        Some("1") => 1,
        Some("-1") => -1,
        _ => return Outcome::Failed("the argument \"value\" must be 1 or -1".to_owned()),
    };
    let Some(event) = call.state.temp.get("eventId").filter(|id| js::truthy(id)) else {
        return Outcome::Failed("temp.eventId, the event to judge, is not set".to_owned());
    };
    let key = format!("feedback/workflow/{}", js::to_text(event));
    let value = json!({"user": call.event_text("/target"), "feedback": feedback});
    call.memory.push(MemoryOp::Set { key, value });
    Outcome::Done
}
