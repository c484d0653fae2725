//! `GET /api/v1/bots/{bot}/users/{user}`: what a bot knows of a chat user.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::answer::json;
use super::super::conversations::plain;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::subject::{conversations, described, subject, unknown};
use crate::services::Services;

/// Conversations that are looked at: one on most channels, one for each thread on the others.
const CONVERSATIONS: i64 = 1_000;

/// A chat user of a bot.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ChatUser")]
struct Shown {
    channel: String,
    user: String,
    /// What the bot keeps of the user.
    attributes: Value,
    /// When the user first talked to the bot, in milliseconds since 1970; `null` for never.
    first_seen_on: Option<i64>,
    /// When the bot last answered the user, in milliseconds since 1970; `null` for never.
    last_seen_on: Option<i64>,
}

/// What the endpoint takes and gives.
pub(in super::super) fn get_doc() -> Doc {
    described(Doc::new(Tag::Conversations, "Read what a bot knows of a chat user"))
        .gives::<Shown>(200, "The chat user")
}

/// 200 with the user; 404 for one that the bot does not know.
pub(in super::super) async fn get(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let key = subject(&call)?;
    let loaded = services.store.load(&key, services.clock.millis()).await?;
    let found = conversations(&services, &key, CONVERSATIONS).await?.conversations;
    if found.is_empty() && loaded.user.is_none() {
        return Err(unknown());
    }
    let attributes = loaded.user.as_ref().map_or_else(|| Map::new().into(), plain);
    Ok(json(&Shown {
        channel: key.channel,
        user: key.user,
        attributes,
        first_seen_on: found.iter().map(|talk| talk.created_on).min(),
        last_seen_on: found.iter().map(|talk| talk.last_seen_on).max(),
    }))
}
