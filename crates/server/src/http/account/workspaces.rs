//! `GET /api/v2/admin/user/workspaces`: where one works (`spec` http 2.1).

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::json;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::profile::account;
use crate::auth::permission::WorkspaceRoles;
use crate::auth::service::Unavailable;
use crate::services::Services;

/// A workspace in which one has a role.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UserWorkspace {
    email: String,
    strategy: String,
    /// The workspace's id.
    workspace: String,
    /// The role's id.
    role: String,
    workspace_name: String,
}

/// What the endpoint gives.
pub(in super::super) fn workspaces_doc() -> Doc {
    Doc::new(Tag::Login, "List one's workspaces")
        .about("Super admins see all of them.")
        .gives::<Vec<UserWorkspace>>(200, "The workspaces, as a plain list")
}

/// 200 with a list.
pub(in super::super) async fn workspaces(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let account = account(&call)?;
    let of_account = services.store.memberships_of(&account.email, &account.strategy);
    let memberships = of_account.await.map_err(Unavailable::from)?;
    let listed = services.blocking(|services| services.workspaces.list()).await;
    let mut found = Vec::new();
    for workspace in listed.ok_or_else(HttpError::internal)?? {
        let role = if call.caller().is_super_admin() {
            WorkspaceRoles::of(&workspace).admin_role
        } else {
            match memberships.iter().find(|one| one.workspace == workspace.id) {
                Some(membership) => membership.role.clone(),
                None => continue,
            }
        };
        found.push(UserWorkspace {
            email: account.email.clone(),
            strategy: account.strategy.clone(),
            workspace: workspace.id,
            role,
            workspace_name: workspace.name,
        });
    }
    Ok(json(&found))
}
