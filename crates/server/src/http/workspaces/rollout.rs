//! `GET /api/v2/admin/workspace/workspaces/{workspace}/rollout` and `POST …/rollout/{strategy}`.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::{json, ok};
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::shape::recorded;
use crate::services::Services;
use crate::team::Team;

/// Who may chat.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Rollout {
    rollout_strategy: String,
}

/// A strategy of v12.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape for the documentation; `team` checks it")]
struct Strategy(
    #[schemars(extend("enum" = [
        "anonymous", "anonymous-invite", "authenticated", "authenticated-invite", "authorized"
    ]))]
    String,
);

pub(in super::super) fn rollout_doc() -> Doc {
    Doc::new(Tag::Workspaces, "Who may chat with the bots of a workspace")
        .about("What hooks of bots are told when they ask; the server itself lets everybody chat.")
        .gives::<Rollout>(200, "The strategy")
}

/// 200 with the strategy, without an envelope as in v12.
pub(in super::super) async fn rollout(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("workspace")?;
    let rollout_strategy = Team::new(&services).rollout(&id).await?;
    Ok(json(&Rollout { rollout_strategy }))
}

pub(in super::super) fn set_rollout_doc() -> Doc {
    Doc::new(Tag::Workspaces, "Say who may chat with the bots of a workspace")
        .about("What hooks of bots are told when they ask; the server itself lets everybody chat.")
        .path::<Strategy>("strategy", "Who may.")
        .gives_other(200, "text/plain", "`OK`")
}

/// 200 `OK`.
pub(in super::super) async fn set_rollout(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("workspace")?;
    let change = Team::new(&services).set_rollout(&id, &call.parameter("strategy")?).await?;
    Ok(recorded(&id, change).with(ok()))
}
