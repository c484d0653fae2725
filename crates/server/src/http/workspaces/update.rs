//! `POST /api/v2/admin/workspace/workspaces/{workspace}`.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::answer::ok;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::shape::recorded;
use crate::services::Services;
use crate::team::Team;
use crate::workspaces::WorkspaceChange;

/// What the workspace shall be called. A description that is not named stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "WorkspaceChange")]
struct Change {
    #[schemars(length(max = 100), regex(pattern = r"\S"))]
    name: String,
    #[schemars(length(max = 1000))]
    description: Option<String>,
}

pub(in super::super) fn update_doc() -> Doc {
    Doc::new(Tag::Workspaces, "Change the name or the description of a workspace")
        .takes::<Change>()
        .gives_other(200, "text/plain", "`OK`")
}

/// 200 `OK`.
pub(in super::super) async fn update(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let Change { name, description } = call.json().await?;
    let id = call.parameter("workspace")?;
    let change = WorkspaceChange { name: Some(name), description, ..WorkspaceChange::default() };
    let change = Team::new(&services).update_space(&id, change).await?;
    Ok(recorded(&id, change).with(ok()))
}
