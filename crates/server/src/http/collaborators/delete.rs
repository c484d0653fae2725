//! `POST /api/v2/admin/workspace/collaborators/{strategy}/{email}/delete`: an account is deleted.

use axum::extract::State;
use axum::response::Response;

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::{Call, Recorded};
use super::account::{Email, of_path};
use crate::services::Services;
use crate::team::Team;

pub(in super::super) fn delete_doc() -> Doc {
    Doc::new(Tag::Workspaces, "Delete an account")
        .about(
            "With its memberships in all workspaces and its API keys. Neither the last super admin nor the \
             last member with the `adminRole` of a workspace can be deleted.",
        )
        .gives_payload::<Email>("Whose")
        .refuses(409, "The account is the caller's, or the last one of its kind, which is needed")
}

/// 200 with the email.
pub(in super::super) async fn delete(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let who = of_path(&call)?;
    Team::new(&services).delete_account(call.caller(), &who).await?;
    let recorded = Recorded::of(format!("account:{who}"));
    Ok(recorded.with(success("User deleted", Email { email: who.email })))
}
