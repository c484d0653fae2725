//! `GET` and `PATCH …/conversations/{conversation}/memory`.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use parlance_core::ids::ConversationKey;
use parlance_core::merge_patch::merge;
use parlance_store::{CommitError, Conversation, Json, MemoryPatch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::answer::json;
use super::super::conversations::{alone, find, named, plain};
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::{check_size, patch_of};
use crate::services::Services;

/// What the bot remembers of a conversation. All three are `null` when there is no session.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ConversationMemory")]
struct Memory {
    /// Until the session ends.
    session: Option<Value>,
    /// Until the conversation ends.
    temp: Option<Value>,
    /// Where the conversation stands.
    context: Option<Value>,
}

/// What is to change: objects into which the objects inside are merged; `null` removes a field.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConversationMemoryPatch")]
struct Patch {
    /// Changes of the session's memory.
    #[serde(default)]
    session: Map<String, Value>,
    /// Changes of the temporary memory.
    #[serde(default)]
    temp: Map<String, Value>,
}

/// What reading gives.
pub(in super::super) fn get_doc() -> Doc {
    Doc::new(Tag::Conversations, "Read what a bot remembers of a conversation")
        .about("The header `ETag` names the state that was read.")
        .gives::<Memory>(200, "Session, temporary memory and position")
}

/// 200 with the memory, and `ETag`.
pub(in super::super) async fn get(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let (key, _) = find(&services, named(&call)?).await?;
    shown(&services, &key).await
}

async fn shown(services: &Services, key: &ConversationKey) -> Result<Response, HttpError> {
    let now = services.clock.millis();
    let loaded = services.store.load(key, now).await?;
    let tag = entity_tag(&loaded.revision().tag());
    let kept = loaded.conversation.filter(|found| has_session(found, now));
    let part = |part: fn(&Conversation) -> Option<&Json>| kept.as_ref().and_then(part).map(plain);
    let mut response = json(&Memory {
        session: part(|kept| kept.session.as_ref()),
        temp: part(|kept| kept.temp.as_ref()),
        context: part(|kept| kept.context.as_ref()),
    });
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Whether there is a session: one past its end is as good as forgotten.
fn has_session(found: &Conversation, now: i64) -> bool {
    found.expiry.is_some_and(|expiry| expiry.session > now)
}

fn entity_tag(revision: &str) -> String {
    format!("\"{revision}\"")
}

/// What changing takes and gives.
pub(in super::super) fn patch_doc() -> Doc {
    Doc::new(Tag::Conversations, "Change what a bot remembers of a conversation")
        .about(
            "A JSON Merge Patch (RFC 7396) for session and temporary memory. It comes between two turns. \
             With `If-Match`, it is refused when there was a turn since that state was read.",
        )
        .header::<String>("If-Match", "The `ETag` of the state that the patch is for.")
        .takes::<Patch>()
        .gives::<Memory>(200, "The memory afterwards")
        .refuses(409, "There is no session: the user has to say something first")
        .refuses(412, "The conversation has changed since")
}

/// 200 with the memory afterwards; 409 without a session, 412 when `If-Match` names another state.
pub(in super::super) async fn patch(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let (key, _) = find(&services, named(&call)?).await?;
    // By way of an object: serde would take an array for one, too.
    let patch = patch_of(&mut call).await?;
    let patch: Patch = serde_json::from_value(Value::Object(patch))
        .map_err(|error| HttpError::bad_request(&error.to_string()))?;
    let _alone = alone(&services, &key).await?;
    let headers = &call.parts().headers;
    let done = match apply(&services, &key, &patch, headers).await? {
        // Only the janitor, who ends sessions, can come between: look again.
        Err(CommitError::Conflict) => apply(&services, &key, &patch, headers).await?,
        done => done,
    };
    done?;
    shown(&services, &key).await
}

/// Patches the memory as it is now.
async fn apply(
    services: &Services,
    key: &ConversationKey,
    patch: &Patch,
    headers: &HeaderMap,
) -> Result<Result<(), CommitError>, HttpError> {
    let now = services.clock.millis();
    let loaded = services.store.load(key, now).await?;
    let revision = loaded.revision();
    if !matches(headers, &entity_tag(&revision.tag())) {
        return Err(changed());
    }
    let Some(kept) = loaded.conversation.filter(|found| has_session(found, now)) else {
        let reason = "the conversation has no session; the user has to say something first";
        return Err(HttpError::conflict(reason));
    };
    let set = MemoryPatch {
        session: patched("session", kept.session.as_ref(), &patch.session)?,
        temp: patched("temp", kept.temp.as_ref(), &patch.temp)?,
        ..MemoryPatch::default()
    };
    if set == MemoryPatch::default() {
        return Ok(Ok(()));
    }
    Ok(services.store.patch_memory(key, revision, set, now).await)
}

/// A scope after the patch; `None` for a patch of nothing.
fn patched(
    scope: &str,
    stored: Option<&Json>,
    patch: &Map<String, Value>,
) -> Result<Option<Json>, HttpError> {
    if patch.is_empty() {
        return Ok(None);
    }
    let before = stored.map_or(0, |stored| stored.as_str().len());
    let mut value: Value = stored.and_then(|stored| stored.read().ok()).unwrap_or_default();
    merge(&mut value, Value::Object(patch.clone()));
    let after = Json::from(&value);
    check_size(scope, before, after.as_str().len())?;
    Ok(Some(after))
}

/// Whether `If-Match` allows a change of the state with this tag (RFC 9110, 13.1.1).
fn matches(headers: &HeaderMap, tag: &str) -> bool {
    let mut named = headers.get_all(header::IF_MATCH).iter().peekable();
    if named.peek().is_none() {
        return true;
    }
    let texts = named.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(str::trim).any(|named| named == "*" || named == tag)
}

fn changed() -> HttpError {
    let message = "the conversation has changed since; read its memory again";
    HttpError::envelope(StatusCode::PRECONDITION_FAILED, "PreconditionError", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_needs_the_state_that_it_names() {
        for (named, expected) in [
            (vec![], true),
            (vec!["*"], true),
            (vec!["\"1-a\""], true),
            (vec!["\"0-b\", \"1-a\""], true),
            (vec!["\"0-b\"", "\"1-a\""], true),
            (vec!["\"0-b\""], false),
            (vec!["1-a"], false),
            (vec!["W/\"1-a\""], false),
            (vec![""], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in &named {
                headers.append(header::IF_MATCH, value.parse().unwrap());
            }
            assert_eq!(matches(&headers, "\"1-a\""), expected, "{named:?}");
        }
    }
}
