//! `builtin/wait`: sleeps.

use super::{Call, Outcome};
use crate::js;

/// Longest wait: a turn holds its conversation while it waits.
const LONGEST: f64 = 10.0 * 60.0 * 1000.0;
const DEFAULT: f64 = 1000.0;

pub(super) fn run(call: &mut Call<'_>) -> Outcome {
    let delay = call.args.get("delay").filter(|delay| js::truthy(delay));
    let delay = delay.map_or(DEFAULT, |delay| js::to_text(delay).trim().parse().unwrap_or(0.0));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a small positive number"
    )]
    Outcome::Wait(delay.clamp(0.0, LONGEST) as u64)
}
