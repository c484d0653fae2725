//! `GET /api/v2/admin/workspace/collaborators` and `…/listAvailableUsers`.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use crate::services::Services;
use crate::team::{Member, Team};

#[derive(Debug, Deserialize)]
struct Wanted {
    roles: Option<String>,
}

/// A member of the workspace.
#[derive(Serialize, JsonSchema)]
struct Collaborator {
    email: String,
    strategy: String,
    workspace: String,
    role: String,
    attributes: Attributes,
}

/// What is known of an account.
#[derive(Serialize, JsonSchema)]
struct Attributes {
    /// The last login.
    last_logon: Option<String>,
    firstname: Option<String>,
    lastname: Option<String>,
    picture_url: Option<String>,
    created_at: String,
}

/// Somebody who could become a member.
#[derive(Serialize, JsonSchema)]
struct Available {
    email: String,
    strategy: String,
}

pub(in super::super) fn list_doc() -> Doc {
    Doc::new(Tag::Workspaces, "The collaborators of the workspace")
        .query::<String>("roles", "Only those with these roles, with commas between.")
        .gives_payload::<Vec<Collaborator>>("The collaborators, by email")
}

/// 200 with all members.
pub(in super::super) async fn list(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let Wanted { roles } = call.query()?;
    let workspace = call.workspace()?;
    let members = Team::new(&services).members(workspace).await?;
    let is_wanted = |member: &Member| {
        roles.as_ref().is_none_or(|roles| roles.split(',').any(|role| role == member.role))
    };
    let shown = |member: Member| Collaborator {
        email: member.account.email,
        strategy: member.account.strategy,
        workspace: workspace.to_owned(),
        role: member.role,
        attributes: Attributes {
            last_logon: member.last_logon,
            firstname: member.firstname,
            lastname: member.lastname,
            picture_url: member.picture_url,
            created_at: member.created_at,
        },
    };
    let users: Vec<_> = members.into_iter().filter(is_wanted).map(shown).collect();
    Ok(success("Retrieved users", users))
}

pub(in super::super) fn available_doc() -> Doc {
    Doc::new(Tag::Workspaces, "The accounts that are no collaborators of the workspace")
        .gives_payload::<Vec<Available>>("The accounts, by email")
}

/// 200 with all accounts that could be added.
pub(in super::super) async fn available(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let accounts = Team::new(&services).outsiders(call.workspace()?).await?;
    let shown = accounts.into_iter().map(|id| Available { email: id.email, strategy: id.strategy });
    Ok(success("Retrieved available users", shown.collect::<Vec<_>>()))
}
