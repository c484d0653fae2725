//! What an account sees and changes of itself, below `/api/v2/admin/user` (`spec` http 2.1), and v11's
//! forms of it below `/api/v1/auth/me` (2.9).

mod permissions;
mod profile;
mod workspaces;

pub(super) use permissions::{permissions, permissions_doc};
pub(super) use profile::{profile, profile_doc, set_profile, set_profile_doc};
pub(super) use workspaces::{workspaces, workspaces_doc};
