//! The server's configuration: `botpress.config.json`, environment and flags, parsed once
//! (`spec` runtime 1.3, 1.4; http 3.10).
//!
//! Data flows files → substitution → environment overrides → flags → [`Config`]. Nothing else in
//! the server reads the environment.

use std::path::PathBuf;
use std::time::Duration;

use parlance_core::bot::{ConverseConfig, DialogConfig};

/// Everything that can be set, with defaults filled in.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data directory.
    pub data_dir: PathBuf,
    /// `sqlite:` or `postgres:` URL.
    pub database_url: String,
    /// The HTTP listener.
    pub http: HttpConfig,
    /// Converse settings that bots may override.
    pub converse: ConverseConfig,
    /// Expiries that bots may override, and how often they are looked at.
    pub dialog: DialogConfig,
    /// How often expiries are looked at (`dialog.janitorInterval`).
    pub janitor_interval: Duration,
}

/// `httpServer`.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Host to listen on.
    pub host: String,
    /// Port to listen on; 0 takes any free one.
    pub port: u16,
    /// Largest request body, in bytes.
    pub body_limit: usize,
    /// Allowed origins; `None` switches CORS off.
    pub cors: Option<CorsConfig>,
    /// URL under which the outside reaches the server, without a slash at its end.
    pub external_url: String,
    /// Path part of `external_url`, without a slash at its end: every route lives below it.
    pub root_path: String,
    /// Headers added to every answer.
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
    /// Allowed origins; empty allows any.
    pub origins: Vec<String>,
    /// Whether credentials are allowed.
    pub credentials: bool,
}

/// Limits on how often may be asked; `None` is unlimited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// Each client address, over all routes (`httpServer.rateLimit`).
    pub ip: Option<RateLimit>,
    /// Each chat user of each bot (`httpServer.rateLimit.perUser`; ours).
    pub user: Option<RateLimit>,
    /// Each bot (`httpServer.rateLimit.perBot`; ours).
    pub bot: Option<RateLimit>,
}

/// So many requests in so long a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests in a window.
    pub limit: u32,
    /// Length of the window.
    pub window: Duration,
}
