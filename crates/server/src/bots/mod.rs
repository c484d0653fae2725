//! The bots of the data directory: found, loaded, kept ready, reloaded when their files change.
//!
//! Data flows: [`Source`] (which bots there are) → files → `core::bot::load` → [`Registry`], and
//! again whenever the files change.
//!
//! A turn takes an [`Arc<Bot>`] once and keeps it, so it sees the old bot or the new one, never a
//! mixture.

pub(crate) mod archive;
mod folder;
mod registry;
mod source;
mod watch;

pub use archive::{Amount, ArchiveError, NameProblem};
pub use registry::{BotHealth, BotReport, BotStatus, Census, Registry};
pub use source::{Found, Listing, Source, SourceError, Surroundings};

use std::sync::Arc;

use parlance_core::bot::Bot;

/// What the registry knows about a bot id.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// Loaded and enabled.
    Ready(Arc<Bot>),
    /// Its configuration says `disabled`.
    Disabled,
    /// No such bot, or its configuration cannot be read.
    Unknown,
}
