//! `parlance serve`: its flags.

use std::fmt;
use std::path::PathBuf;

use clap::Args;

use crate::config::{DatabaseUrl, LogFormat};

/// Flags of `parlance serve`; what is not given comes from the environment, then from
/// `botpress.config.json`.
#[derive(Clone, Args)]
pub struct ServeFlags {
    /// Data directory: bots, configuration, database
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// Port to listen on; 0 takes any free one
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// Address to listen on; 0.0.0.0 for all interfaces
    #[arg(long, value_name = "H")]
    pub host: Option<String>,
    /// Database: postgres://…, sqlite:…, or the path of an SQLite file
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Form of log lines
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// What to log: error, warn, info, debug, trace, or directives
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<String>,
}

impl Default for ServeFlags {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            port: None,
            host: None,
            database_url: None,
            log_format: None,
            log_level: None,
        }
    }
}

/// The database's URL is shown without its password.
impl fmt::Debug for ServeFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeFlags")
            .field("data", &self.data)
            .field("port", &self.port)
            .field("host", &self.host)
            .field("database_url", &self.database_url.as_deref().map(DatabaseUrl::parse))
            .field("log_format", &self.log_format)
            .field("log_level", &self.log_level)
            .finish()
    }
}
