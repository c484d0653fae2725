//! `PUT` and `DELETE /api/v2/admin/workspace/roles/{role}`.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::{Call, Recorded};
use crate::services::Services;
use crate::team::{Changed, Team};
use crate::workspaces::{Role, Rule};

/// The id of a role.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape for the documentation; `workspaces` checks it")]
struct RoleId(#[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,100}$"))] String);

/// What a role is and what its members may.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewRole")]
struct RoleBody {
    /// What people call it; its id if nothing is said.
    #[schemars(length(max = 100))]
    name: Option<String>,
    /// What it is for.
    #[schemars(length(max = 1000))]
    #[serde(default)]
    description: String,
    /// The last one that fits decides; where none fits, nothing is allowed.
    #[schemars(length(max = 500))]
    rules: Vec<RuleBody>,
}

/// What may be done with some resources.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewRule")]
struct RuleBody {
    /// A pattern such as `bot.*`.
    #[schemars(regex(pattern = "^[A-Za-z0-9*._/-]{1,100}$"))]
    res: String,
    /// What is granted and taken, such as `+r-w`.
    #[schemars(length(max = 16), regex(pattern = "^([+-][rw]+)+$"))]
    op: String,
}

/// Which role an answer is about.
#[derive(Serialize, JsonSchema)]
struct RoleAnswer {
    role: Option<Role>,
}

pub(in super::super) fn put_doc() -> Doc {
    Doc::new(Tag::Workspaces, "Make a role, or change it")
        .about(
            "Neither what it granted nor what it is to grant may be more than the caller has. The workspace's \
             `adminRole` is changed by super admins only.",
        )
        .path::<RoleId>("role", "The role's id.")
        .takes::<RoleBody>()
        .gives_payload::<RoleAnswer>("The role")
        .refuses(409, "The role is needed as it is")
}

/// 200 with the role.
pub(in super::super) async fn put(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let RoleBody { name, description, rules } = call.json().await?;
    let id = call.parameter("role")?.into_owned();
    let rules = rules.into_iter().map(|RuleBody { res, op }| Rule { res, op }).collect();
    let role = Role { name: name.unwrap_or_else(|| id.clone()), id, description, rules };
    let workspace = call.workspace()?;
    let changed = Team::new(&services).set_role(call.caller(), workspace, role).await?;
    let recorded = recorded(&call, &changed)?;
    Ok(recorded.with(success("Role saved", RoleAnswer { role: changed.after })))
}

pub(in super::super) fn remove_doc() -> Doc {
    Doc::new(Tag::Workspaces, "Remove a role")
        .about("One that no member has, and that is neither `adminRole` nor `defaultRole`.")
        .path::<RoleId>("role", "The role's id.")
        .gives_payload::<RoleAnswer>("The role as it was")
        .refuses(409, "The role is needed")
}

/// 200 with the role as it was.
pub(in super::super) async fn remove(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let (workspace, role) = (call.workspace()?, call.parameter("role")?);
    let changed = Team::new(&services).remove_role(call.caller(), workspace, &role).await?;
    let recorded = recorded(&call, &changed)?;
    Ok(recorded.with(success("Role removed", RoleAnswer { role: changed.before })))
}

fn recorded(call: &Call, changed: &Changed<Role>) -> Result<Recorded, HttpError> {
    let target = format!("role={} workspace={}", call.parameter("role")?, call.workspace()?);
    Ok(Recorded::of(target).changed(changed.before.as_ref(), changed.after.as_ref()))
}
