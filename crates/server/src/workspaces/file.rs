//! The file as a thing that is read and changed: one writer at a time, over all processes.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::read::{Workspace, parse};
use super::{DEFAULT_WORKSPACE, FILE, MAX_BYTES};
use crate::bots::Source;
use crate::files::{FileLock, JsonText, LockError, Replaced, read_limited, replace_if_same};

/// The lock beside the file.
const LOCK: &str = "global/.workspaces.lock";

/// So often a change is made anew because somebody has edited the file meanwhile.
const ATTEMPTS: usize = 5;

/// Why workspaces cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum WorkspacesError {
    /// The file cannot be read or written.
    #[error("cannot use {FILE} in the data directory: {0}")]
    Io(#[from] io::Error),
    /// The file says nothing certain; changing it could lose what it should have said.
    #[error("{FILE} in the data directory cannot be used: {0}; mend it first")]
    Broken(String),
    /// Somebody else changes it all the time, or has locked it for too long.
    #[error("{FILE} in the data directory cannot be changed now: {0}; try again")]
    Busy(String),
    /// No such workspace.
    #[error("there is no workspace \"{0}\"")]
    NoWorkspace(String),
    /// No such role.
    #[error("the workspace \"{workspace}\" has no role \"{role}\"")]
    NoRole {
        /// The workspace's id.
        workspace: String,
        /// The role's id.
        role: String,
    },
    /// There is a workspace of this id.
    #[error("there is a workspace \"{0}\" already")]
    Exists(String),
    /// It cannot be removed as long as something needs it.
    #[error("{what} cannot be removed: {why}")]
    InUse {
        /// What.
        what: String,
        /// Who needs it, and what to do.
        why: String,
    },
    /// A value that is not allowed.
    #[error("{field} cannot be used: {problem}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong with it, and what is allowed.
        problem: String,
    },
}

/// `workspaces.json` of a data directory. Every call reads it anew; all of them block.
#[derive(Debug, Clone)]
pub struct WorkspacesFile {
    data_dir: PathBuf,
}

impl WorkspacesFile {
    /// The file of this data directory; it need not be there.
    pub fn new(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.to_owned() }
    }

    /// All workspaces. Where there is no file, there is one workspace, `default`, with all bots.
    pub fn list(&self) -> Result<Vec<Workspace>, WorkspacesError> {
        let (_, document) = self.read()?;
        parse(document.as_bytes()).map_err(WorkspacesError::Broken)
    }

    /// The workspace called `id`.
    pub fn get(&self, id: &str) -> Result<Workspace, WorkspacesError> {
        let found = self.list()?.into_iter().find(|workspace| workspace.id == id);
        found.ok_or_else(|| WorkspacesError::NoWorkspace(id.to_owned()))
    }

    /// Ids of the workspaces that name the bot.
    pub fn of_bot(&self, bot: &str) -> Result<Vec<String>, WorkspacesError> {
        let named = |workspace: &Workspace| workspace.bots.iter().any(|own| own == bot);
        Ok(self.list()?.into_iter().filter(named).map(|workspace| workspace.id).collect())
    }

    /// Changes the file: `change` gets its text and what it says, and may be called again when
    /// somebody edits it meanwhile. A text that is not changed is not written.
    pub(super) fn change<T>(
        &self,
        mut change: impl FnMut(&mut JsonText, &[Workspace]) -> Result<T, WorkspacesError>,
    ) -> Result<T, WorkspacesError> {
        let _lock =
            FileLock::exclusive(&self.data_dir.join(LOCK)).map_err(|error| match error {
                LockError::Busy => WorkspacesError::Busy(error.to_string()),
                LockError::Io(error) => WorkspacesError::Io(error),
            })?;
        for _ in 0..ATTEMPTS {
            let (bytes, mut document) = self.read()?;
            let before = document.clone();
            let workspaces = parse(document.as_bytes()).map_err(WorkspacesError::Broken)?;
            let result = change(&mut document, &workspaces)?;
            if document == before {
                return Ok(result);
            }
            parse(document.as_bytes()).map_err(WorkspacesError::Broken)?;
            let path = self.data_dir.join(FILE);
            match replace_if_same(&path, bytes.as_deref(), document.as_bytes())? {
                Replaced::Done => return Ok(result),
                Replaced::ChangedMeanwhile => {}
            }
        }
        Err(WorkspacesError::Busy("somebody else keeps changing it".to_owned()))
    }

    /// The bytes of the file, and its text or what stands for it where there is none.
    fn read(&self) -> Result<(Option<Vec<u8>>, JsonText), WorkspacesError> {
        let bytes = read_limited(&self.data_dir.join(FILE), MAX_BYTES)?;
        let document = match &bytes {
            Some(bytes) => JsonText::parse(bytes),
            None => JsonText::parse(format!("{:#}\n", self.implied()?).as_bytes()),
        };
        Ok((bytes, document.map_err(WorkspacesError::Broken)?))
    }

    fn implied(&self) -> Result<Value, WorkspacesError> {
        let source = Source::BotsFolder(self.data_dir.join("bots"));
        let listing = source.bots().map_err(|error| io::Error::other(error.to_string()))?;
        let bots: Vec<&str> = listing.bots.iter().map(|found| found.id.as_str()).collect();
        Ok(json!([{
            "id": DEFAULT_WORKSPACE, "name": "Default", "audience": "external", "bots": bots,
        }]))
    }
}
