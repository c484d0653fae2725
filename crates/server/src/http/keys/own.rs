//! `GET /api/v2/admin/user/keys`: the keys of who asks.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::shown::ShownKey;
use crate::services::Services;

/// Keys.
#[derive(Serialize, JsonSchema)]
struct OwnKeys {
    keys: Vec<ShownKey>,
}

/// What the endpoint gives.
pub(in super::super) fn own_doc() -> Doc {
    Doc::new(Tag::Keys, "List one's API keys")
        .gives_payload::<OwnKeys>("The keys, also those that have ended")
}

/// 200.
pub(in super::super) async fn own(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let account = call.caller().account().ok_or_else(HttpError::internal)?;
    let keys = services.auth.list_keys(account).await?;
    let keys = keys.into_iter().map(ShownKey::from).collect();
    Ok(success("Retrieved API keys successfully", OwnKeys { keys }))
}
