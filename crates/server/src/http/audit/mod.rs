//! The audit log: its rows, and whether it is whole.
//!
//! Rows are written by `routes`; how they hang together is the store's.

mod list;
mod verify;

use super::routes::Right;

pub(super) use list::{list, list_doc};
pub(super) use verify::{verify, verify_doc};

/// To look at the log.
pub(super) const READ: Right = Right::read("admin.audit");
