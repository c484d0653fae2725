//! What bots remember: of a conversation (session, temporary memory, position) and of all of them (scope
//! `bot`).
//!
//! Patches are JSON Merge Patches (RFC 7396). What they bring is text from outside: no template is ever
//! made of it.

mod bot;
mod conversation;

pub(super) use bot::{get_bot, get_bot_doc, patch_bot, patch_bot_doc};
pub(super) use conversation::{get, get_doc, patch, patch_doc};

use super::error::HttpError;

/// Largest memory of one scope that a patch may make, in bytes as JSON.
pub(super) const LARGEST_SCOPE: usize = 256 * 1024;

/// 400 for a patch after which a scope is too large, unless it was larger before.
pub(super) fn check_size(scope: &str, before: usize, after: usize) -> Result<(), HttpError> {
    if after <= LARGEST_SCOPE || after <= before {
        return Ok(());
    }
    let message =
        format!("{scope} would have {after} bytes, more than the allowed {LARGEST_SCOPE}");
    Err(HttpError::bad_request(&message))
}
