//! A data directory that is removed at the end of the test.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::BotFiles;

/// A data directory, and beside it the server's log.
pub(crate) struct DataDir {
    folder: tempfile::TempDir,
}

impl DataDir {
    /// One that does not exist yet: the server's first start fills it.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// One with these bots, all in one workspace.
    pub(crate) fn with_bots(bots: &[BotFiles]) -> Self {
        let data = Self::new();
        for bot in bots {
            bot.write(&data.path().join("bots"));
        }
        let ids: Vec<&str> = bots.iter().map(|bot| bot.id.as_str()).collect();
        let global = data.path().join("global");
        std::fs::create_dir_all(&global).unwrap();
        let workspaces = json!([{ "id": "default", "name": "Default", "bots": ids }]);
        std::fs::write(global.join("workspaces.json"), workspaces.to_string()).unwrap();
        data
    }

    /// Writes its `botpress.config.json`.
    pub(crate) fn configure(&self, config: &Value) {
        let global = self.path().join("global");
        std::fs::create_dir_all(&global).unwrap();
        std::fs::write(global.join("botpress.config.json"), config.to_string()).unwrap();
    }

    /// The data directory.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What the servers on this directory wrote to their standard error.
    pub(crate) fn log_file(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}
