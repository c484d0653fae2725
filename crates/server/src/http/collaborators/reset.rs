//! `GET /api/v2/admin/workspace/collaborators/reset/{strategy}/{email}` (and `POST`): a new password.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::{Call, Recorded};
use super::account::of_path;
use crate::services::Services;
use crate::team::Team;

/// The new password.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Reset {
    /// Good for one login, which has to bring a new one. It is not shown again.
    temp_password: String,
}

pub(in super::super) fn reset_doc() -> Doc {
    Doc::new(Tag::Workspaces, "Give a collaborator a new password")
        .about(
            "Ends all sessions of the account and lifts a lockout. Super admins may do it for every account; \
             others for members of this workspace alone, whose role grants no more than they have.",
        )
        .gives_payload::<Reset>("A password for one login")
}

/// 200 with the temporary password.
pub(in super::super) async fn reset(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let who = of_path(&call)?;
    let team = Team::new(&services);
    let temp_password = team.reset(call.caller(), call.workspace()?, &who).await?;
    let recorded = Recorded::of(format!("account:{who}"));
    Ok(recorded.with(success("Password reset", Reset { temp_password })))
}
