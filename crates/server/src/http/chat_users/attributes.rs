//! `PATCH /api/v1/bots/{bot}/users/{user}/attributes`.

use axum::extract::State;
use axum::response::Response;
use parlance_core::ids::ConversationKey;
use parlance_core::merge_patch::merge;
use parlance_store::{CommitError, Json, MemoryPatch};
use serde_json::{Map, Value};

use super::super::answer::json;
use super::super::conversations::{alone, plain};
use super::super::error::HttpError;
use super::super::memory::{check_size, patch_of};
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::subject::{described, subject};
use crate::services::Services;

/// Field by field.
type Fields = Map<String, Value>;

/// What the endpoint takes and gives.
pub(in super::super) fn patch_doc() -> Doc {
    described(Doc::new(Tag::Conversations, "Change what a bot knows of a chat user"))
        .about(
            "A JSON Merge Patch (RFC 7396) for the attributes. A user who has not talked to the bot yet \
             may get some, too. What `dataRetention` says of an attribute holds for these.",
        )
        .takes::<Fields>()
        .gives::<Fields>(200, "The attributes afterwards")
}

/// 200 with the attributes afterwards.
pub(in super::super) async fn patch(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let key = subject(&call)?;
    let patch = Value::Object(patch_of(&mut call).await?);
    let _alone = alone(&services, &key).await?;
    let after = match apply(&services, &key, &patch).await? {
        // Only the janitor can come between: look again.
        Err(CommitError::Conflict) => apply(&services, &key, &patch).await?,
        done => done,
    };
    Ok(json(&plain(&after?)))
}

/// Patches the attributes as they are now.
async fn apply(
    services: &Services,
    key: &ConversationKey,
    patch: &Value,
) -> Result<Result<Json, CommitError>, HttpError> {
    let now = services.clock.millis();
    let loaded = services.store.load(key, now).await?;
    let before = loaded.user.as_ref();
    let before: Value = before.and_then(|stored| stored.read().ok()).unwrap_or_default();
    let mut after = before.clone();
    merge(&mut after, patch.clone());
    let stored = Json::from(&after);
    check_size("the attributes", before.to_string().len(), stored.as_str().len())?;
    let set = MemoryPatch {
        user: Some(stored.clone()),
        retention: services.retention.dates(&before, &after, now),
        ..MemoryPatch::default()
    };
    let done = services.store.patch_memory(key, loaded.revision(), set, now).await;
    Ok(done.map(|()| stored))
}
