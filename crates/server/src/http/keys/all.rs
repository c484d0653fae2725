//! `GET /api/v2/admin/keys`: everybody's keys, for super admins.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::shown::ShownKey;
use crate::auth::service::{Unavailable, is_key_id};
use crate::services::Services;

/// Keys of a page where the request does not say how many, and at most.
const PAGE: u16 = 100;
const LARGEST_PAGE: u16 = 1000;

/// A page of keys.
#[derive(Serialize, JsonSchema)]
struct AllKeys {
    keys: Vec<OwnedKey>,
    /// The `after` of the next page; `null` on the last one.
    next: Option<String>,
}

/// A key and whose it is.
#[derive(Serialize, JsonSchema)]
struct OwnedKey {
    /// The owner's email.
    email: String,
    /// How the owner logs in.
    strategy: String,
    #[serde(flatten)]
    key: ShownKey,
}

/// Which page.
#[derive(Deserialize)]
struct Page {
    after: Option<String>,
    limit: Option<u16>,
}

/// A number of keys.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape for the documentation; `Page` reads the query")]
struct Limit(#[schemars(range(min = 1, max = 1000))] u16);

/// A key's id.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape for the documentation; `Page` reads the query")]
struct After(#[schemars(regex(pattern = "^[A-Za-z0-9]{1,64}$"))] String);

/// What the endpoint takes and gives.
pub(in super::super) fn all_doc() -> Doc {
    Doc::new(Tag::Keys, "List everybody's API keys")
        .query::<After>("after", "The last key of the page before.")
        .query::<Limit>("limit", "How many keys, 100 if it is left out.")
        .gives_payload::<AllKeys>("A page of keys by id, also those that have ended")
}

/// 200 with a page.
pub(in super::super) async fn all(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let page: Page = call.query()?;
    let limit = page.limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(HttpError::bad_request("limit: from 1 to 1000"));
    }
    if !page.after.as_deref().is_none_or(is_key_id) {
        return Err(HttpError::bad_request("after: the id of a key"));
    }
    let keys = services.store.api_keys(page.after.as_deref(), i64::from(limit)).await;
    let keys = keys.map_err(Unavailable::from)?;
    let is_full = keys.len() == usize::from(limit);
    let next = keys.last().filter(|_| is_full).map(|key| key.id.clone());
    let owned = |key: parlance_store::ApiKey| OwnedKey {
        email: key.email.clone(),
        strategy: key.strategy.clone(),
        key: key.into(),
    };
    let keys = keys.into_iter().map(owned).collect();
    Ok(success("Retrieved API keys successfully", AllKeys { keys, next }))
}
