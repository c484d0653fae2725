//! `DELETE …/conversations/{conversation}`: the conversation starts over with the next message. What was
//! said stays; forgetting is in `chat_users`.

use axum::extract::State;
use axum::response::Response;
use parlance_core::dialog::State as DialogState;
use parlance_core::ids::ConversationKey;
use parlance_store::{CommitError, Json, MemoryPatch};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::super::answer;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::{alone, find, named};
use crate::services::Services;

/// What a reset did.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConversationReset")]
struct Reset {
    /// Whether there was a session; if not, the conversation would have started over anyway.
    reset: bool,
}

/// What the endpoint gives.
pub(in super::super) fn reset_doc() -> Doc {
    Doc::new(Tag::Conversations, "Let a conversation start over")
        .about(
            "Forgets the session, temporary memory and the position in the flows. Messages, and what the \
             bot knows of its user, stay.",
        )
        .gives::<Reset>(200, "The next message is the first of a new session")
}

/// 200; 404 for a conversation that is not there.
pub(in super::super) async fn reset(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let (key, _) = find(&services, named(&call)?).await?;
    let _alone = alone(&services, &key).await?;
    // Only the janitor, who ends sessions, can come between.
    let done = match forget_session(&services, &key).await {
        Err(CommitError::Conflict) => forget_session(&services, &key).await,
        done => done,
    };
    Ok(answer::json(&Reset { reset: done? }))
}

async fn forget_session(services: &Services, key: &ConversationKey) -> Result<bool, CommitError> {
    let now = services.clock.millis();
    let loaded = services.store.load(key, now).await?;
    let has_session = |found: &parlance_store::Conversation| found.expiry.is_some();
    if !loaded.conversation.as_ref().is_some_and(has_session) {
        return Ok(false);
    }
    let patch = MemoryPatch {
        session: Some(Json::from(&DialogState::new().session)),
        context: Some(Json::from(&json!({}))),
        temp: Some(Json::from(&json!({}))),
        ..MemoryPatch::default()
    };
    services.store.patch_memory(key, loaded.revision(), patch, now).await?;
    Ok(true)
}
