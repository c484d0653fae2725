//! `POST /api/v2/admin/workspace/collaborators/workspace/add`, `…/remove/{strategy}/{email}/delete` and
//! `…/update_role`.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::{ok, success};
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::account::{Email, WithRole, of_path, recorded};
use crate::services::Services;
use crate::team::Team;

/// Nothing to tell.
#[derive(Serialize, JsonSchema)]
struct Nothing {}

pub(in super::super) fn add_doc() -> Doc {
    Doc::new(Tag::Workspaces, "Make an account a collaborator of the workspace")
        .about("The role may grant no more than the caller has.")
        .takes::<WithRole>()
        .gives_other(200, "text/plain", "`OK`")
        .refuses(404, "There is no such account, or no such role")
        .refuses(409, "The account is a collaborator already")
}

/// 200 `OK`.
pub(in super::super) async fn add(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let wanted: WithRole = call.json().await?;
    let (workspace, who) = (call.workspace()?, wanted.account()?);
    let team = Team::new(&services);
    let change = team.add(call.caller(), workspace, &who, &wanted.role).await?;
    Ok(recorded(&who, workspace, &change).with(ok()))
}

pub(in super::super) fn remove_doc() -> Doc {
    Doc::new(Tag::Workspaces, "End an account's membership in the workspace")
        .about("The account stays. The last member with the workspace's `adminRole` cannot leave.")
        .gives_payload::<Email>("Whose")
        .refuses(409, "The account is the caller's, or the last one with a role that is needed")
}

/// 200 with the email.
pub(in super::super) async fn remove(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let (workspace, who) = (call.workspace()?, of_path(&call)?);
    let change = Team::new(&services).remove(call.caller(), workspace, &who).await?;
    let recorded = recorded(&who, workspace, &change);
    Ok(recorded.with(success("User removed", Email { email: who.email })))
}

pub(in super::super) fn change_role_doc() -> Doc {
    Doc::new(Tag::Workspaces, "Give a collaborator another role")
        .about(
            "Neither the old role nor the new one may grant more than the caller has. The last member with \
             the workspace's `adminRole` keeps it.",
        )
        .takes::<WithRole>()
        .gives_payload::<Nothing>("Done")
        .refuses(404, "There is no such member, or no such role")
        .refuses(409, "The account is the last one with this role, which is needed")
}

/// 200.
pub(in super::super) async fn change_role(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let wanted: WithRole = call.json().await?;
    let (workspace, who) = (call.workspace()?, wanted.account()?);
    let team = Team::new(&services);
    let change = team.change_role(call.caller(), workspace, &who, &wanted.role).await?;
    Ok(recorded(&who, workspace, &change).with(success("User updated", Nothing {})))
}
