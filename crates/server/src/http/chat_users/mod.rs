//! Chat users: what a bot knows of them, all that is kept of them, and forgetting them.

mod attributes;
mod erase;
mod export;
mod get;
mod subject;

pub(super) use attributes::{patch, patch_doc};
pub(super) use erase::{erase, erase_doc, erase_everywhere, erase_everywhere_doc};
pub(super) use export::{export, export_doc};
pub(super) use get::{get, get_doc};
