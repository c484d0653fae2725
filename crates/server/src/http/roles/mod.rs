//! The roles of a workspace (`spec` http 2.7, 3.3): v12's list, and `PUT` and `DELETE` of our own.

mod change;
mod list;

use super::routes::Right;

pub(super) use change::{put, put_doc, remove, remove_doc};
pub(super) use list::{list, list_doc};

/// To see the roles of a workspace.
pub(super) const READ: Right = Right::read("admin.roles");
/// To change them.
pub(super) const WRITE: Right = Right::write("admin.roles");
