//! `GET /api/v2/admin/workspace/roles`.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use crate::services::Services;
use crate::team::Team;
use crate::workspaces::Role;

/// The roles.
#[derive(Serialize, JsonSchema)]
struct Roles {
    /// That of chat users is the last one, and the same everywhere.
    roles: Vec<Role>,
}

pub(in super::super) fn list_doc() -> Doc {
    Doc::new(Tag::Workspaces, "The roles of the workspace").gives_payload::<Roles>("The roles")
}

/// 200 with all roles.
pub(in super::super) async fn list(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let roles = Team::new(&services).roles(call.workspace()?).await?;
    Ok(success("Roles retrieved", Roles { roles }))
}
