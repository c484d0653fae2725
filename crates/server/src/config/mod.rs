//! The server's configuration: `botpress.config.json`, environment and flags, parsed once
//! (`spec` runtime 1.3, 1.4; http 3.10).
//!
//! Data flows file → [`substitute`] → `document` (environment and flags laid over it) → `reader`
//! (types and bounds) → `http`, `limits`, `talk`, `retention`, `auth` → [`Config`]. `reference` names all
//! settings. Nothing but
//! `environment` reads the environment, in the whole server.

mod auth;
mod database;
pub(crate) mod defaults;
mod document;
mod dotenv;
mod environment;
mod fingerprint;
mod http;
mod limits;
mod load;
mod names;
mod outbound;
mod position;
mod problem;
mod reader;
mod reference;
mod retention;
mod size;
mod substitution;
mod talk;
#[cfg(test)]
mod tests;
mod uploads;

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use parlance_core::bot::{ConverseConfig, DialogConfig};

pub use auth::{AuthConfig, ExternalAuthConfig, Secret};
pub use database::{DatabaseKind, DatabaseUrl};
pub use environment::Environment;
pub use fingerprint::ConfigFile;
pub use parlance_core::bot::RateLimit;
pub use problem::{ConfigError, Origin, Problem, Warning};
pub use reference::{Setting, page, reference};
pub use substitution::substitute;

use crate::media::UploadRules;

/// Everything that can be set, with defaults filled in.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data directory.
    pub data_dir: PathBuf,
    /// The database.
    pub database_url: DatabaseUrl,
    /// The HTTP listener.
    pub http: HttpConfig,
    /// Converse settings that bots may override. Every field is set but the limits and the origins,
    /// without which there are none.
    pub converse: ConverseConfig,
    /// Upper bound of the time for an answer that a caller may ask for (`converse.maxTimeout`;
    /// ours).
    pub converse_max_timeout: Duration,
    /// Expiries that bots may override; both are set.
    pub dialog: DialogConfig,
    /// How often expiries are looked at (`dialog.janitorInterval`).
    pub janitor_interval: Duration,
    /// What is forgotten of chat users, and when (`dataRetention`).
    pub retention: RetentionConfig,
    /// How suggestions are decided between.
    pub decision: DecisionConfig,
    /// How much may happen at the same time (`parlance.turns`; ours).
    pub turns: TurnLimits,
    /// What may be called (`parlance.outbound`; ours).
    pub outbound: OutboundConfig,
    /// Which files may be uploaded and kept (`fileUpload`).
    pub uploads: UploadRules,
    /// What is logged, and how.
    pub logs: LogConfig,
    /// Who may log in and how.
    pub auth: AuthConfig,
}

/// `httpServer`.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Host to listen on: an address or a name, without brackets.
    pub host: String,
    /// Port to listen on; 0 takes any free one.
    pub port: u16,
    /// Largest request body, in bytes.
    pub body_limit: usize,
    /// Allowed origins; `None` switches CORS off.
    pub cors: Option<CorsConfig>,
    /// URL under which the outside reaches the server, without a slash at its end.
    pub external_url: String,
    /// Path part of `external_url`, without a slash at its end: every route lives below it. It
    /// holds only letters, digits and `. _ ~ - /`.
    pub root_path: String,
    /// Headers added to every answer: valid names in lower case, valid values.
    pub headers: Vec<(String, String)>,
    /// `httpServer.rateLimit`.
    pub rate_limits: RateLimits,
    /// Whether `X-Forwarded-For` is believed (`REVERSE_PROXY`), and how many hops of it.
    pub trusted_hops: usize,
    /// Whether answers are compressed (`BP_HTTP_DISABLE_GZIP` unset).
    pub gzip: bool,
}

/// `httpServer.cors`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorsConfig {
    /// Allowed origins as browsers send them; empty allows any.
    pub origins: Vec<String>,
    /// Whether credentials are allowed.
    pub credentials: bool,
}

/// Limits on how often may be asked; `None` is unlimited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// Each client address, over all routes (`httpServer.rateLimit`).
    pub ip: Option<RateLimit>,
    /// Each account and each API key, over all routes (`httpServer.rateLimit.perToken`; ours).
    pub token: Option<RateLimit>,
    /// Each chat user of each bot (`httpServer.rateLimit.perUser`; ours), unless `converse` says
    /// otherwise.
    pub user: Option<RateLimit>,
    /// Each bot (`httpServer.rateLimit.perBot`; ours), unless `converse` says otherwise.
    pub bot: Option<RateLimit>,
}

/// `dataRetention` (`spec` runtime 5.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionConfig {
    /// How often attributes whose time has come are looked for.
    pub janitor_interval: Duration,
    /// Dotted paths inside chat users' attributes, and how long what is there is kept after a
    /// change; at most 100. Without any, nothing is forgotten.
    pub policies: Vec<(String, Duration)>,
}

/// How suggestions are decided between (`spec` runtime 7.1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecisionConfig {
    /// Suggestions below this confidence are dropped; from 0 to 1.
    pub min_confidence: f64,
    /// Whether a suggestion that was just sent is dropped (`noRepeatPolicy`).
    pub no_repeat_policy: bool,
    /// How long "just" is.
    pub no_repeat_window: Duration,
}

/// `parlance.turns`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnLimits {
    /// Turns at the same time; at least one.
    pub max_in_flight: usize,
    /// Messages of one conversation that wait for their turn; at least one.
    pub max_waiting_per_conversation: usize,
}

/// `parlance.outbound`: what may be called besides the public internet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboundConfig {
    /// Hosts that may have any address, in the form of `outbound::normal_host`.
    pub allow_hosts: Vec<String>,
    /// Networks that may be called under any name.
    pub allow_networks: Vec<IpNet>,
    /// Ports besides the usual ones.
    pub allow_ports: Vec<u16>,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// Form of the lines.
    pub format: LogFormat,
    /// A level, or directives such as `info,sqlx=debug`; checked.
    pub filter: String,
}

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}
