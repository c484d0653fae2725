//! What an operator does with bots, over HTTP or the command line (`spec` http 3.2, 3.6; runtime 1.5,
//! 1.10): import, export, make, delete, configure, revisions.
//!
//! Data flows: call → checks → a staging folder or a draft beside the file → one rename → workspaces →
//! registry. A crash leaves the old or the new; [`sweep()`] clears up at the next start. Everything here
//! blocks: async callers use `spawn_blocking`. Who may do what does not live here.

mod bot_config;
mod create;
mod delete;
mod error;
mod export;
mod import;
mod list;
mod place;
mod revisions;
mod sweep;
mod templates;
mod transfer;

pub use bot_config::LONGEST_NAME;
pub use create::NewBot;
pub use error::{BotAdminError, Failure};
pub use export::Exported;
pub use import::{ImportOptions, Inspection};
pub use list::BotSummary;
pub use revisions::Revision;
pub use sweep::sweep;
pub use templates::{Template, templates};
pub use transfer::Intake;

pub(crate) use templates::own_files;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use parlance_core::ids::BotId;

use self::place::Place;
use crate::bots::{BotHealth, Registry, Surroundings};
use crate::clock::Clock;
use crate::workspaces::WorkspacesFile;

/// Longest id of a new bot, in characters (`spec` http 3.2).
const LONGEST_ID: usize = 50;

/// Works on the bots of one data directory. Several may do so at once, in several processes.
pub struct BotAdmin {
    data_dir: PathBuf,
    given: Surroundings,
    registry: Option<Registry>,
    clock: Clock,
}

impl fmt::Debug for BotAdmin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotAdmin").field("data_dir", &self.data_dir).finish_non_exhaustive()
    }
}

impl BotAdmin {
    /// Works on `data_dir`. With a registry, changed bots are served before a call returns;
    /// without, the server that runs there sees the change by itself.
    pub fn new(data_dir: &Path, given: Surroundings, registry: Option<Registry>) -> Self {
        Self { data_dir: data_dir.to_owned(), given, registry, clock: Clock::default() }
    }

    /// The data directory's workspaces.
    pub fn workspaces(&self) -> WorkspacesFile {
        WorkspacesFile::new(&self.data_dir)
    }

    /// Whether the id is taken (`GET …/bots/:id/exists`).
    pub fn exists(&self, id: &str) -> bool {
        BotId::parse(id).is_some_and(|id| self.place().is_taken(&id))
    }

    /// Reads a bot's files again now; only with a registry.
    pub fn reload(&self, id: &str) -> Result<(), BotAdminError> {
        self.found(id)?;
        self.reload_now(id);
        Ok(())
    }

    /// How each bot that is served does; none without a registry.
    pub fn health(&self) -> BTreeMap<String, BotHealth> {
        self.registry.as_ref().map(Registry::health).unwrap_or_default()
    }

    fn place(&self) -> Place {
        Place::new(&self.data_dir)
    }

    /// The id of a bot that has a folder.
    fn found(&self, id: &str) -> Result<BotId, BotAdminError> {
        let found = BotId::parse(id).filter(|id| self.place().of(id).is_dir());
        found.ok_or_else(|| BotAdminError::NoBot(id.to_owned()))
    }

    fn reload_now(&self, id: &str) {
        if let Some(registry) = &self.registry {
            registry.reload(id);
        }
    }
}

/// The id of a new bot (`spec` http 3.2).
fn new_id(id: &str) -> Result<BotId, BotAdminError> {
    BotId::parse(id).filter(|id| id.as_str().len() <= LONGEST_ID).ok_or_else(|| {
        BotAdminError::invalid(
            "the bot id",
            format!(
                "\"{}\" is none: 3 to {LONGEST_ID} of A-Z a-z 0-9 _ - are allowed, the first and \
                 the last a letter or digit",
                parlance_core::bot::plain_excerpt(id)
            ),
        )
    })
}

#[cfg(test)]
mod tests;
