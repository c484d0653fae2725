//! The newest log entries: of a workspace, and of a bot (`spec` http 3.4).
//!
//! They are those that the process still has in memory (`ops::logs`).

mod archive;
mod entry;
mod list;
mod of_bot;

use super::routes::Right;

pub(super) use archive::{archive, archive_doc};
pub(super) use list::{list, list_doc};
pub(super) use of_bot::{of_bot, of_bot_doc};

/// To read the log of a workspace's bots.
pub(super) const OF_WORKSPACE: Right = Right::read("admin.logs");
/// To read the log of a bot.
pub(super) const OF_BOT: Right = Right::read("bot.logs");

/// Most entries of an answer (`spec` http 3.4).
const MAX_ENTRIES: usize = 2000;
