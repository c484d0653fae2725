//! Conversations for people and programs: lists, messages, traces, and starting over.
//!
//! What chat users are known by is in `chat_users`, what bots remember in `memory`. Everything that leaves
//! is as its author wrote it: the marks of `core/untrusted` stay inside.

mod alone;
mod find;
mod list;
mod messages;
mod page;
mod reset;
mod shown;
mod turns;

pub(super) use alone::{alone, alone_in_all};
pub(super) use find::{bot, find, named};
pub(super) use list::{get, get_doc, list, list_doc};
pub(super) use messages::{messages, messages_doc};
pub(super) use reset::{reset, reset_doc};
pub(super) use shown::{ShownConversation, plain};
pub(super) use turns::{turns, turns_doc};
