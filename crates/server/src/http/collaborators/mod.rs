//! The collaborators of a workspace (`spec` http 3.3): who is one, who becomes one, and with which role.
//!
//! What is allowed is decided in `team`; here requests become calls of it and answers v12's shapes.

mod account;
mod delete;
mod invite;
mod list;
mod membership;
mod reset;

use super::routes::Right;

pub(super) use delete::{delete, delete_doc};
pub(super) use invite::{invite, invite_doc};
pub(super) use list::{available, available_doc, list, list_doc};
pub(super) use membership::{add, add_doc, change_role, change_role_doc, remove, remove_doc};
pub(super) use reset::{reset, reset_doc};

/// The collaborators of a workspace.
const RESOURCE: &str = "admin.collaborators";
/// To see them.
pub(super) const READ: Right = Right::read(RESOURCE);
/// To change who they are and what they may.
pub(super) const WRITE: Right = Right::write(RESOURCE);
