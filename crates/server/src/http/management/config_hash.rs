//! `GET /api/v2/admin/management/configHash`: whether the configuration has been edited since the start.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::json;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use crate::services::Services;

/// Two that differ: the file was edited, and a restart would change something.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ConfigHash {
    /// SHA-256 of `botpress.config.json` as the server was started with it.
    initial_hash: String,
    /// SHA-256 of the file now.
    current_hash: String,
}

pub(in super::super) fn config_hash_doc() -> Doc {
    Doc::new(Tag::Operation, "Whether the configuration file was edited since the start")
        .gives::<ConfigHash>(200, "Two hashes, which differ when it was")
}

/// 200 with both hashes, without an envelope as in v12.
pub(in super::super) async fn config_hash(
    State(services): State<Services>,
    _: Call,
) -> Result<Response, HttpError> {
    let current = services.blocking(|services| services.config_file.current_hash()).await;
    let current_hash = current.ok_or_else(HttpError::internal)?.map_err(|error| {
        tracing::error!(%error, "botpress.config.json cannot be read");
        HttpError::internal()
    })?;
    let initial_hash = services.config_file.initial_hash().to_owned();
    Ok(json(&ConfigHash { initial_hash, current_hash }))
}
