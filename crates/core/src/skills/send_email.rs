//! `basic-skills/send_email` without a mail transport: fails as in v12 (`spec` runtime 9.5).
//!
//! The failure leaves by the skill's own transition, as `temp.onErrorFlowTo` is `#`.

use serde_json::Value;

use super::{Call, Outcome};

pub(super) fn run(call: &mut Call<'_>) -> Outcome {
    call.set_temp("success", Value::Bool(false));
    call.set_temp("onErrorFlowTo", Value::from("#"));
    Outcome::Failed("no mail transport is available".to_owned())
}
