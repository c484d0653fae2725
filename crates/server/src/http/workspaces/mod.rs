//! Workspaces (`spec` http 3.3): what super admins do with them.

mod create;
mod delete;
mod list;
mod rollout;
mod shape;
mod update;

use super::routes::Right;

pub(super) use create::{create, create_doc};
pub(super) use delete::{delete, delete_doc};
pub(super) use list::{list, list_doc};
pub(super) use rollout::{rollout, rollout_doc, set_rollout, set_rollout_doc};
pub(super) use update::{update, update_doc};

/// To see all workspaces.
pub(super) const READ: Right = Right::read("admin.workspaces");
/// To make, change and delete them.
pub(super) const WRITE: Right = Right::write("admin.workspaces");
