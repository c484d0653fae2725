//! `DELETE /api/v1/bots/{bot}/users/{user}` and `DELETE /api/v2/admin/users/{channel}/{user}`: forgets a
//! chat user.
//!
//! It waits for the user's messages that are being answered, so that what was said before is gone and what
//! is said after is a new conversation.

use axum::extract::State;
use axum::response::Response;
use parlance_core::ids::BotId;
use parlance_store::ErasedCounts;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::json;
use super::super::conversations::alone_in_all;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::{Call, Recorded};
use super::subject::{described, lanes, subject};
use crate::services::Services;

/// Conversations that are held up meanwhile, at most.
const HELD_UP: i64 = 1_000;

/// What was forgotten. All zero where nothing was known.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Erased {
    conversations: u64,
    /// Messages with their replies and traces.
    turns: u64,
    idempotency_keys: u64,
    /// Whether there were attributes.
    attributes: bool,
    /// Whether the database's log was cut as well. If not, copies stay there until it is cut next, which
    /// is the case as long as another program reads the file.
    log_cut: bool,
}

impl From<ErasedCounts> for Erased {
    fn from(counts: ErasedCounts) -> Self {
        let ErasedCounts { conversations, turns, idempotency_keys, attributes, log_cut, .. } =
            counts;
        Self { conversations, turns, idempotency_keys, attributes, log_cut }
    }
}

const ABOUT: &str = "Conversations, messages, traces, attributes and idempotency keys go, and are \
                     overwritten in the database. What the user says afterwards begins anew. Bots' own \
                     memory (scope `bot`), files that were sent, and backups are not looked into.";

/// What the endpoint of a bot takes and gives.
pub(in super::super) fn erase_doc() -> Doc {
    described(Doc::new(Tag::Conversations, "Let a bot forget a chat user"))
        .about(ABOUT)
        .gives::<Erased>(200, "Nothing is known of the user any more")
}

/// 200, also for a user that was not known.
pub(in super::super) async fn erase(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let key = subject(&call)?;
    forget(&services, Some(&key.bot), &key.channel, &key.user).await
}

/// What the endpoint for all bots takes and gives.
pub(in super::super) fn erase_everywhere_doc() -> Doc {
    Doc::new(Tag::Conversations, "Let all bots forget a chat user")
        .about(ABOUT)
        .gives::<Erased>(200, "Nothing is known of the user any more")
}

/// 200, also for a user that was not known.
pub(in super::super) async fn erase_everywhere(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let (channel, user) = (call.parameter("channel")?, call.parameter("user")?);
    forget(&services, None, &channel, &user).await
}

async fn forget(
    services: &Services,
    bot: Option<&BotId>,
    channel: &str,
    user: &str,
) -> Result<Response, HttpError> {
    let keys = lanes(services, bot, channel, user, HELD_UP).await?;
    let _alone = alone_in_all(services, &keys).await?;
    let counts = services.store.erase_user(bot, channel, user).await?;
    let note = format!("{} conversations, {} turns", counts.conversations, counts.turns);
    Ok(Recorded::default().note(note).with(json(&Erased::from(counts))))
}
