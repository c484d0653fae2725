//! Files that people and programs edit as well: changed whole or not at all, by one writer at a time,
//! and in nothing but what was meant.
//!
//! Does not live here: what the files mean (`workspaces`, `bot_admin`). Everything here blocks.

mod json_text;
mod lock;
mod replace;

pub(crate) use json_text::{JsonText, Step};
pub(crate) use lock::{FileLock, LockError};
pub(crate) use replace::{
    Replaced, draft_in, read_limited, replace_if_same, sync_folder, sync_tree,
};

/// How the names of unfinished files begin; loading ignores all that begins with a dot.
pub(crate) const DRAFT_PREFIX: &str = ".parlance-";
