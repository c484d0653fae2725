//! A workspace as v12 shows it, and what the audit log says of one.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::super::routes::Recorded;
use crate::team::SpaceChange;
use crate::workspaces::{Role, Workspace};

/// A workspace.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Workspace")]
pub(super) struct Shape {
    id: String,
    name: String,
    description: Option<String>,
    /// `internal` or `external`.
    audience: Option<String>,
    /// What the ids of its bots begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    bot_prefix: Option<String>,
    /// The ids of its bots.
    bots: Vec<String>,
    /// None stands for v12's.
    roles: Vec<Role>,
    /// The role of new members.
    default_role: Option<String>,
    /// The role of who may do everything in it.
    admin_role: Option<String>,
    /// Stages, as the file has them.
    pipeline: Vec<Value>,
    /// Who may chat, as hooks of bots may ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    rollout_strategy: Option<String>,
    auth_strategies: Vec<String>,
}

impl From<Workspace> for Shape {
    fn from(workspace: Workspace) -> Self {
        Self {
            id: workspace.id,
            name: workspace.name,
            description: workspace.description,
            audience: workspace.audience,
            bot_prefix: workspace.bot_prefix,
            bots: workspace.bots,
            roles: workspace.roles,
            default_role: workspace.default_role,
            admin_role: workspace.admin_role,
            pipeline: workspace.pipeline,
            rollout_strategy: workspace.rollout_strategy,
            auth_strategies: workspace.auth_strategies,
        }
    }
}

/// What the audit log says of a change.
pub(super) fn recorded(id: &str, change: SpaceChange) -> Recorded {
    let (before, after) = (change.before.map(Shape::from), change.after.map(Shape::from));
    Recorded::of(format!("workspace={id}")).changed(before.as_ref(), after.as_ref())
}
