//! `GET|POST /api/v2/admin/user/profile`: who one is (`spec` http 2.1).

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::{done, success};
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::{Call, Recorded};
use super::permissions::rules;
use crate::auth::AccountId;
use crate::auth::service::ProfileChange;
use crate::services::Services;
use crate::workspaces::Rule;

/// Who one is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UserProfile {
    #[serde(skip_serializing_if = "Option::is_none")]
    firstname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lastname: Option<String>,
    email: String,
    #[serde(rename = "picture_url", skip_serializing_if = "Option::is_none")]
    picture_url: Option<String>,
    strategy_type: &'static str,
    strategy: String,
    is_super_admin: bool,
    /// Both names, as far as there are any.
    full_name: String,
    /// What one may in the workspace; the last rule that fits decides.
    permissions: Vec<Rule>,
}

/// What changes; what is left out stays.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ProfileChange")]
struct Body {
    /// At most 35 characters, none of them a control character.
    #[schemars(length(max = 35), regex(pattern = r"^[^\x00-\x1F\x7F-\x9F]*$"))]
    firstname: Option<String>,
    /// At most 35 characters, none of them a control character.
    #[schemars(length(max = 35), regex(pattern = r"^[^\x00-\x1F\x7F-\x9F]*$"))]
    lastname: Option<String>,
    /// An address of http or https, or a path on this server; empty for none.
    #[schemars(length(max = 2048), regex(pattern = r"^((https?://|/)[^\x00-\x1F\x7F-\x9F]*)?$"))]
    picture_url: Option<String>,
}

/// What the endpoint gives.
pub(in super::super) fn profile_doc() -> Doc {
    Doc::new(Tag::Login, "Read one's profile")
        .header::<String>(
            "X-BP-Workspace",
            "The workspace of the rules; `default` if there is none.",
        )
        .gives_payload::<UserProfile>("Who one is")
        .refuses(404, "The account was removed meanwhile")
}

/// 200.
pub(in super::super) async fn profile(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let account = account(&call)?;
    let profile = services.auth.profile(account).await?;
    let profile = profile.ok_or_else(|| HttpError::not_found("no such account"))?;
    let permissions = rules(&services, call.caller(), call.named_workspace()).await?;
    let payload = UserProfile {
        firstname: profile.firstname,
        lastname: profile.lastname,
        email: profile.account.email,
        picture_url: profile.picture_url,
        strategy_type: "basic",
        strategy: profile.account.strategy,
        is_super_admin: profile.super_admin,
        full_name: profile.full_name,
        permissions,
    };
    Ok(success("Retrieved profile successfully", payload))
}

/// What the endpoint takes and gives.
pub(in super::super) fn set_profile_doc() -> Doc {
    Doc::new(Tag::Login, "Change one's profile")
        .may_take::<Body>()
        .gives_payload::<Nothing>("It is changed")
        .refuses(404, "The account was removed meanwhile")
}

/// An empty object.
#[derive(JsonSchema)]
struct Nothing {}

/// 200.
pub(in super::super) async fn set_profile(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let body: Body = call.json().await?;
    let account = account(&call)?;
    let change = ProfileChange {
        firstname: body.firstname,
        lastname: body.lastname,
        picture_url: body.picture_url,
    };
    services.auth.change_profile(account, change).await?;
    Ok(Recorded::of(format!("account={account}")).with(done("Updated profile successfully")))
}

/// The account that asks, or whose key does.
pub(super) fn account(call: &Call) -> Result<&AccountId, HttpError> {
    call.caller().account().ok_or_else(HttpError::internal)
}
