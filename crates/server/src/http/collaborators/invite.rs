//! `POST /api/v2/admin/workspace/collaborators`: a new account with a role in the workspace.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::account::recorded;
use crate::auth::{AccountId, DEFAULT_STRATEGY};
use crate::services::Services;
use crate::team::{RoleChange, Team};

/// Longest email in ASCII (RFC 5321), and longest in other letters: what fits into the same room.
const ASCII: usize = 254;
const OTHERS: usize = 80;

/// A new collaborator.
#[derive(Debug, Deserialize, JsonSchema)]
struct Invitation {
    /// Without spaces: at most 254 characters of ASCII, or 80 of any kind.
    #[schemars(regex(pattern = r"^(?:[!-~]{1,254}|[^\s\x00-\x1f\x7f-\x9f]{1,80})$"))]
    email: String,
    /// How the account logs in; there is only one way.
    #[schemars(extend("enum" = ["default", null]))]
    strategy: Option<String>,
    /// The id of one of the workspace's roles.
    #[schemars(length(min = 1))]
    role: String,
}

/// The new account.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Invited {
    email: String,
    /// Good for one login, which has to bring a new one. It is not shown again.
    temp_password: String,
}

pub(in super::super) fn invite_doc() -> Doc {
    Doc::new(Tag::Workspaces, "Make an account that is a collaborator of the workspace")
        .about("The role may grant no more than the caller has.")
        .takes::<Invitation>()
        .gives_payload::<Invited>("The account and its password for one login")
        .refuses(404, "There is no such role")
        .refuses(409, "There is an account with this email")
}

/// 200 with the temporary password.
pub(in super::super) async fn invite(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let Invitation { email, strategy, role } = call.json().await?;
    if !is_email(&email) {
        return Err(HttpError::bad_request(
            "email: at most 254 characters of ASCII, or 80 of any kind, without spaces are expected",
        ));
    }
    let who = AccountId {
        strategy: strategy.unwrap_or_else(|| DEFAULT_STRATEGY.to_owned()),
        ..AccountId::of_email(&email)
    };
    let workspace = call.workspace()?;
    let team = Team::new(&services);
    let temp_password = team.invite(call.caller(), workspace, &who, &role).await?;
    let change = RoleChange { before: None, after: Some(role) };
    let recorded = recorded(&who, workspace, &change);
    let invited = Invited { email: who.email, temp_password };
    Ok(recorded.with(success("User created successfully", invited)))
}

fn is_email(text: &str) -> bool {
    let is_ascii = text.bytes().all(|byte| byte.is_ascii_graphic());
    let is_visible = |c: char| !c.is_control() && !c.is_whitespace();
    !text.is_empty()
        && (is_ascii && text.len() <= ASCII
            || text.chars().all(is_visible) && text.chars().count() <= OTHERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_have_no_spaces_and_fit() {
        for (email, expected) in [
            ("a@b.c", true),
            ("müller@bücher.example", true),
            ("", false),
            (" a@b.c", false),
            ("a@b.c\n", false),
            ("a\0b", false),
            (&"a".repeat(254), true),
            (&"a".repeat(255), false),
            (&"ü".repeat(80), true),
            (&"ü".repeat(81), false),
        ] {
            assert_eq!(is_email(email), expected, "{email:?}");
        }
    }
}
