//! `GET /api/v1/auth/me/permissions`: the rules of who asks, as v11 gives them (`spec` http 2.9).

use axum::extract::State;
use axum::response::Response;

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use crate::auth::Caller;
use crate::auth::permission::WorkspaceRoles;
use crate::auth::service::Unavailable;
use crate::services::Services;
use crate::workspaces::{DEFAULT_WORKSPACE, Rule};

/// What the endpoint gives.
pub(in super::super) fn permissions_doc() -> Doc {
    Doc::new(Tag::Login, "Read what one may")
        .header::<String>("X-BP-Workspace", "The workspace; `default` if there is none.")
        .gives_payload::<Vec<Rule>>("The rules; the last one that fits decides")
}

/// 200.
pub(in super::super) async fn permissions(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let rules = rules(&services, call.caller(), call.named_workspace()).await?;
    Ok(success("Retrieved user's permissions successfully", rules))
}

/// What the caller's role may in this workspace, or in the default one: of the super admin everything, of
/// who is no member nothing.
pub(super) async fn rules(
    services: &Services,
    caller: &Caller,
    workspace: Option<&str>,
) -> Result<Vec<Rule>, HttpError> {
    if caller.is_super_admin() {
        return Ok(vec![Rule::new("*", "+r+w")]);
    }
    let nothing = || vec![Rule::new("*", "-r-w")];
    let Some(account) = caller.account() else {
        return Ok(nothing());
    };
    let named = workspace.unwrap_or(DEFAULT_WORKSPACE);
    let of_account = services.store.memberships_of(&account.email, &account.strategy);
    let memberships = of_account.await.map_err(Unavailable::from)?;
    let Some(membership) = memberships.into_iter().find(|one| one.workspace == named) else {
        return Ok(nothing());
    };
    let listed = services.blocking(|services| services.workspaces.list()).await;
    let workspaces = listed.ok_or_else(HttpError::internal)??;
    let workspace = workspaces.iter().find(|workspace| workspace.id == named);
    let roles = workspace.map(WorkspaceRoles::of);
    let role = roles.as_ref().and_then(|roles| roles.role(&membership.role));
    Ok(role.map_or_else(nothing, |role| role.written.clone()))
}
