//! `POST /api/v2/admin/workspace/workspaces`.

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
use crate::workspaces::NewWorkspace;

/// A new workspace.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NewWorkspace")]
struct New {
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,100}$"))]
    id: String,
    #[schemars(length(max = 100), regex(pattern = r"\S"))]
    name: String,
    #[schemars(length(max = 1000))]
    description: Option<String>,
    /// `external` if nothing is said.
    #[schemars(extend("enum" = ["internal", "external", null]))]
    audience: Option<String>,
    /// What the ids of its bots begin with.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,100}$"))]
    bot_prefix: Option<String>,
    /// There are no pipelines.
    #[schemars(extend("enum" = ["none", null]))]
    pipeline_id: Option<String>,
}

pub(in super::super) fn create_doc() -> Doc {
    Doc::new(Tag::Workspaces, "Make a workspace")
        .about("Without bots and members, with v12's roles.")
        .takes::<New>()
        .gives_other(200, "text/plain", "`OK`")
        .refuses(409, "There is a workspace with this id")
}

/// 200 `OK`.
pub(in super::super) async fn create(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let New { id, name, description, audience, bot_prefix, pipeline_id } = call.json().await?;
    if pipeline_id.is_some_and(|id| id != "none") {
        return Err(HttpError::bad_request(
            "pipelineId: there are no pipelines here, use \"none\"",
        ));
    }
    let new = NewWorkspace {
        id: id.clone(),
        name,
        description,
        audience,
        bot_prefix,
        ..NewWorkspace::default()
    };
    let change = Team::new(&services).create_space(new).await?;
    Ok(recorded(&id, change).with(ok()))
}
