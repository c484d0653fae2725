//! `GET` and `PATCH /api/v1/bots/{bot}/memory`: what a bot remembers of all its conversations (`spec`
//! runtime 5.1: scope `bot`).

use axum::extract::State;
use axum::response::Response;
use parlance_core::ids::BotId;
use parlance_store::{BOT_SCOPE, MemoryOp};
use serde_json::{Map, Value};

use super::super::answer::json;
use super::super::conversations::{bot, plain};
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::{check_size, patch_of};
use crate::services::Services;

/// Field by field.
type Fields = Map<String, Value>;

/// What reading gives.
pub(in super::super) fn get_bot_doc() -> Doc {
    Doc::new(Tag::Conversations, "Read what a bot remembers of all its conversations")
        .gives::<Fields>(200, "The memory of the scope `bot`")
}

/// 200 with the memory.
pub(in super::super) async fn get_bot(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let bot = bot(&call)?;
    Ok(json(&memory(&services, &bot).await?))
}

async fn memory(services: &Services, bot: &BotId) -> Result<Fields, HttpError> {
    let stored = services.store.memory_get(bot, BOT_SCOPE, services.clock.millis()).await?;
    match stored.as_ref().map(plain) {
        Some(Value::Object(fields)) => Ok(fields),
        _ => Ok(Fields::new()),
    }
}

/// What changing takes and gives.
pub(in super::super) fn patch_bot_doc() -> Doc {
    Doc::new(Tag::Conversations, "Change what a bot remembers of all its conversations")
        .about("A JSON Merge Patch (RFC 7396); turns that run meanwhile lose nothing of theirs.")
        .takes::<Fields>()
        .gives::<Fields>(200, "The memory afterwards")
}

/// 200 with the memory afterwards.
pub(in super::super) async fn patch_bot(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let bot = bot(&call)?;
    let patch = patch_of(&mut call).await?;
    let size = |fields: &Fields| Value::Object(fields.clone()).to_string().len();
    let before = memory(&services, &bot).await?;
    let mut after = before.clone();
    parlance_core::merge_patch::merge_fields(&mut after, patch.clone());
    check_size("the memory", size(&before), size(&after))?;
    let op = MemoryOp::Merge { bot: bot.clone(), key: BOT_SCOPE.to_owned(), patch };
    services.store.memory_apply(vec![op], services.clock.millis()).await?;
    Ok(json(&memory(&services, &bot).await?))
}
