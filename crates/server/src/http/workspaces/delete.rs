//! `POST /api/v2/admin/workspace/workspaces/{workspace}/delete`.

use axum::extract::State;
use axum::response::Response;

use super::super::answer::ok;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::shape::recorded;
use crate::services::Services;
use crate::team::Team;

pub(in super::super) fn delete_doc() -> Doc {
    Doc::new(Tag::Workspaces, "Delete a workspace that has no bots")
        .about("Its memberships end; the accounts stay. The last workspace stays, too.")
        .gives_other(200, "text/plain", "`OK`")
        .refuses(409, "The workspace has bots, or is the last one")
}

/// 200 `OK`.
pub(in super::super) async fn delete(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("workspace")?;
    let change = Team::new(&services).delete_space(&id).await?;
    Ok(recorded(&id, change).with(ok()))
}
