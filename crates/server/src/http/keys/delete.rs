//! `DELETE /api/v2/admin/user/keys/{id}` and `/api/v2/admin/keys/{id}`: revokes a key. What it opened is
//! closed with the next request.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;

use super::super::answer::done;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::{Call, Recorded};
use crate::auth::Caller;
use crate::auth::service::KeyError;
use crate::services::Services;

/// An empty object.
#[derive(JsonSchema)]
struct Nothing {}

/// What the endpoint for one's own takes and gives.
pub(in super::super) fn delete_doc() -> Doc {
    Doc::new(Tag::Keys, "Revoke one's API key")
        .about("It stays in the lists, with the time of this.")
        .gives_payload::<Nothing>("It is revoked, perhaps since before")
}

/// 200; 404 for a key of somebody else.
pub(in super::super) async fn delete(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("id")?.into_owned();
    let account = call.caller().account().ok_or_else(HttpError::internal)?;
    let own = services.auth.list_keys(account).await?;
    if !own.iter().any(|key| key.id == id) {
        return Err(KeyError::Unknown.into());
    }
    revoke(&services, call.caller(), &id).await
}

/// What the endpoint for all takes and gives.
pub(in super::super) fn delete_any_doc() -> Doc {
    Doc::new(Tag::Keys, "Revoke anybody's API key")
        .about("It stays in the lists, with the time of this.")
        .gives_payload::<Nothing>("It is revoked")
}

/// 200; 404 for one that is not there, or that was revoked before.
pub(in super::super) async fn delete_any(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("id")?.into_owned();
    revoke(&services, call.caller(), &id).await
}

async fn revoke(services: &Services, caller: &Caller, id: &str) -> Result<Response, HttpError> {
    services.auth.revoke_key(caller, id).await?;
    Ok(Recorded::of(format!("key={id}")).with(done("Revoked API key")))
}
