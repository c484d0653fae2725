//! Hooks of the bot: which will not run (`spec` runtime 6.5).

use super::super::code::is_builtin_hook;
use super::super::findings::{Findings, Place};
use super::super::quote::quote;
use super::Context;

/// Types of hooks that v12 runs.
const TYPES: [&str; 15] = [
    "after_server_start",
    "after_bot_mount",
    "after_bot_unmount",
    "before_incoming_middleware",
    "after_incoming_middleware",
    "before_suggestions_election",
    "before_outgoing_middleware",
    "after_event_processed",
    "before_session_timeout",
    "before_conversation_end",
    "on_incident_status_changed",
    "on_bot_error",
    "before_bot_import",
    "on_stage_request",
    "after_stage_changed",
];

/// Reports hooks that do not run.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (kind, name) in &context.code.hooks {
        let place = Place::file(&format!("hooks/{kind}/{name}.js"));
        if !TYPES.contains(&kind.as_str()) {
            let problem = format!("{} is no type of hook that v12 knows", quote(kind));
            findings.warn(place, "unknown-hook", problem, "it never runs");
        } else if is_builtin_hook(name) {
            let problem = "is a copy of a hook that comes with v12";
            findings.info(place, "builtin-hook", problem, "what it does is done natively");
        } else {
            findings.warn(
                place,
                "needs-javascript",
                "is a hook in JavaScript, which this version does not run",
                "the bot runs as if the hook were not there",
            );
        }
    }
}
