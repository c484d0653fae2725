//! API keys: an account's own below `/api/v2/admin/user/keys`, everybody's for super admins below
//! `/api/v2/admin/keys`. v12 has none (`spec` http 2.8); these routes are ours.

mod all;
mod create;
mod delete;
mod own;
mod shown;

pub(super) use all::{all, all_doc};
pub(super) use create::{create, create_doc};
pub(super) use delete::{delete, delete_any, delete_any_doc, delete_doc};
pub(super) use own::{own, own_doc};
