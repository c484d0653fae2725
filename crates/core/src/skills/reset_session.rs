//! `builtin/resetSession`: forgets `temp`, and of the session all but the engine's own fields.

use serde_json::Map;

use super::{Call, Outcome, fields};

const KEPT: [&str; 3] = ["lastMessages", "nluContexts", "workflows"];

pub(super) fn run(call: &mut Call<'_>) -> Outcome {
    *fields(&mut call.state.temp) = Map::new();
    fields(&mut call.state.session).retain(|name, _| KEPT.contains(&name.as_str()));
    Outcome::Done
}
