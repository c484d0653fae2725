//! What goes wrong in an operator's work: what, where, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use parlance_core::bot::{Report, Severity};

use crate::bots::ArchiveError;
use crate::files::LockError;
use crate::workspaces::WorkspacesError;

/// Why an operation was not done. Nothing was changed, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum BotAdminError {
    /// No such bot.
    #[error("there is no bot \"{0}\"")]
    NoBot(String),
    /// No such revision of a bot.
    #[error("the bot \"{bot}\" has no revision \"{revision}\"")]
    NoRevision {
        /// The bot's id.
        bot: String,
        /// What was asked for.
        revision: String,
    },
    /// No such template.
    #[error("there is no template \"{name}\"; there are {known}")]
    NoTemplate {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The id is taken.
    #[error("there is a bot \"{id}\" already{hint}")]
    Exists {
        /// The id.
        id: String,
        /// What to do, beginning with a space or punctuation; may be empty.
        hint: &'static str,
    },
    /// A value that is not allowed.
    #[error("{field} cannot be used: {problem}")]
    Invalid {
        /// The field.
        field: String,
        /// What is wrong with it, and what is allowed.
        problem: String,
    },
    /// `bot.config.json` says that the bot may not be changed.
    #[error(
        "the bot \"{0}\" is locked: `locked` in its bot.config.json must be false before it can be \
         changed"
    )]
    Locked(String),
    /// The archive is refused.
    #[error("the archive cannot be used: {0}")]
    Archive(#[from] ArchiveError),
    /// The archive's bot could not run.
    #[error("the archive's bot cannot run: {}", first_error(.0))]
    CannotRun(Box<Report>),
    /// A bot has something that no archive may hold.
    #[error("the bot \"{bot}\" cannot be exported: {problem}")]
    NotExportable {
        /// The bot's id.
        bot: String,
        /// What, and what to do.
        problem: String,
    },
    /// A file of the data directory is not what it should be.
    #[error("{} cannot be changed: it {problem}; mend it first", file.display())]
    Broken {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Somebody else is at work there.
    #[error("the bots cannot be changed now: {0}; try again")]
    Busy(String),
    /// The workspaces cannot be read or changed.
    #[error(transparent)]
    Workspaces(#[from] WorkspacesError),
    /// The bot's files are in place, but it could not be named in its workspace, so that it is not
    /// served.
    #[error("the bot \"{bot}\" is in its place, but not served: {error}")]
    NotNamed {
        /// The bot's id.
        bot: String,
        /// Why.
        error: WorkspacesError,
    },
    /// More bytes than allowed.
    #[error("the file is larger than {limit} bytes; `fileUpload.maxFileSize` sets the limit")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The system refuses.
    #[error("cannot {action} {}: {error}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// What kind of failure it is, for statuses and exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// What was named is not there.
    NotFound,
    /// It is there already.
    Exists,
    /// What was given cannot be used.
    Invalid,
    /// It is too large.
    TooLarge,
    /// It may not be changed.
    Locked,
    /// Trying again may help.
    Busy,
    /// The server's own files or its system.
    Internal,
}

impl BotAdminError {
    /// What kind of failure it is.
    pub fn failure(&self) -> Failure {
        match self {
            Self::NoBot(_) | Self::NoRevision { .. } => Failure::NotFound,
            Self::Exists { .. } => Failure::Exists,
            Self::NoTemplate { .. }
            | Self::Invalid { .. }
            | Self::Archive(_)
            | Self::CannotRun(_) => Failure::Invalid,
            Self::Locked(_) => Failure::Locked,
            Self::TooLarge { .. } => Failure::TooLarge,
            Self::Busy(_) => Failure::Busy,
            Self::NotExportable { .. } | Self::Broken { .. } | Self::Io { .. } => Failure::Internal,
            Self::Workspaces(error) | Self::NotNamed { error, .. } => of_workspaces(error),
        }
    }

    /// What the system refused to do with `path`, as a closure for `map_err`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { action, path, error }
    }

    pub(super) fn invalid(field: &str, problem: impl Into<String>) -> Self {
        Self::Invalid { field: field.to_owned(), problem: problem.into() }
    }

    pub(super) fn lock(path: &Path) -> impl FnOnce(LockError) -> Self {
        let path = path.to_owned();
        move |error| match error {
            LockError::Busy => Self::Busy(error.to_string()),
            LockError::Io(error) => Self::Io { action: "lock", path, error },
        }
    }
}

fn of_workspaces(error: &WorkspacesError) -> Failure {
    match error {
        WorkspacesError::NoWorkspace(_) | WorkspacesError::NoRole { .. } => Failure::NotFound,
        WorkspacesError::Exists(_) => Failure::Exists,
        WorkspacesError::InUse { .. } | WorkspacesError::Invalid { .. } => Failure::Invalid,
        WorkspacesError::Busy(_) => Failure::Busy,
        WorkspacesError::Io(_) | WorkspacesError::Broken(_) => Failure::Internal,
    }
}

fn first_error(report: &Report) -> String {
    let first = report.findings.iter().find(|finding| finding.severity == Severity::Error);
    first.map_or_else(String::new, |finding| format!("{}: {}", finding.file, finding.problem))
}
