//! `builtin/wait`: sleeps. The turn bounds how long.

use super::{Call, Outcome};
use crate::js;

/// Milliseconds where nothing is said.
const DEFAULT: f64 = 1000.0;

pub(super) fn run(call: &mut Call<'_>) -> Outcome {
    let delay = call.args.get("delay").filter(|delay| js::truthy(delay));
    let delay = delay.map_or(DEFAULT, |delay| js::to_text(delay).trim().parse().unwrap_or(0.0));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast is meant to saturate"
    )]
    Outcome::Wait(delay.max(0.0) as u64)
}
