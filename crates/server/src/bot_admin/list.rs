//! Which bots there are, served or not.

use serde::Serialize;
use serde_json::Value;

use super::{BotAdmin, BotAdminError};
use crate::bots::Source;

/// A bot with a folder in the data directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BotSummary {
    /// Its id.
    pub id: String,
    /// Display name; the id where its configuration has none.
    pub name: String,
    /// Workspaces that name it; none means that it is not served.
    pub workspaces: Vec<String>,
    /// Whether its configuration says so.
    pub disabled: bool,
    /// Whether its configuration says so.
    pub private: bool,
    /// Whether its configuration says so.
    pub locked: bool,
    /// Why its configuration cannot be read.
    pub problem: Option<String>,
}

impl BotAdmin {
    /// All bots, by id.
    pub fn list(&self) -> Result<Vec<BotSummary>, BotAdminError> {
        let source = Source::BotsFolder(self.data_dir.join("bots"));
        let listing = source.bots().map_err(|error| {
            BotAdminError::io("list", &self.data_dir)(std::io::Error::other(error.to_string()))
        })?;
        let workspaces = self.workspaces().list()?;
        let mut all = Vec::new();
        for found in listing.bots {
            let id = found.id.to_string();
            let names_it = workspaces.iter().filter(|one| one.bots.contains(&id));
            let (config, problem) = match self.config(&id) {
                Ok(config) => (config, None),
                Err(error) => (serde_json::Map::new(), Some(error.to_string())),
            };
            let says = |key: &str| config.get(key).is_some_and(parlance_core::js::truthy);
            let name = config.get("name").and_then(Value::as_str).filter(|name| !name.is_empty());
            all.push(BotSummary {
                name: name.unwrap_or(&id).to_owned(),
                workspaces: names_it.map(|workspace| workspace.id.clone()).collect(),
                disabled: says("disabled"),
                private: says("private"),
                locked: says("locked"),
                problem,
                id,
            });
        }
        Ok(all)
    }
}
