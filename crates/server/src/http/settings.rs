//! What the HTTP surface takes from the server's configuration.

use std::path::PathBuf;
use std::time::Duration;

use parlance_core::bot::{AllowedOrigins, BotConfig, ConverseConfig};

use super::login::CookieRules;
use crate::config::{Config, CorsConfig, RateLimits, defaults};

/// Settings of the endpoints and of what surrounds them.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Path that every route lives below, without a slash at its end.
    pub root_path: String,
    /// URL under which the outside reaches the server, the root path in it.
    pub external_url: String,
    /// The data directory, whose media are served.
    pub data_dir: PathBuf,
    /// Largest request body, in bytes, also after it is unpacked.
    pub body_limit: usize,
    /// Allowed origins; `None` switches CORS off.
    pub cors: Option<CorsConfig>,
    /// Headers of every answer.
    pub headers: Vec<(String, String)>,
    /// How often may be asked.
    pub rate_limits: RateLimits,
    /// Proxies in front of the server that are believed (`X-Forwarded-For`).
    pub trusted_hops: usize,
    /// Whether answers are compressed.
    pub gzip: bool,
    /// The cookie of those who log in by cookie.
    pub cookies: CookieRules,
    /// Converse settings that bots may override.
    pub converse: ConverseConfig,
    /// Longest wait that `?timeout=` may ask for.
    pub max_timeout: Duration,
}

impl TryFrom<&Config> for Settings {
    type Error = SettingsError;

    fn try_from(config: &Config) -> Result<Self, SettingsError> {
        let cookies = CookieRules::new(&config.auth.cookie_options, &config.http.external_url);
        Ok(Self {
            root_path: config.http.root_path.clone(),
            external_url: config.http.external_url.clone(),
            data_dir: config.data_dir.clone(),
            body_limit: config.http.body_limit,
            cors: config.http.cors.clone(),
            headers: config.http.headers.clone(),
            rate_limits: config.http.rate_limits,
            trusted_hops: config.http.trusted_hops,
            gzip: config.http.gzip,
            cookies: cookies.map_err(SettingsError::Cookie)?,
            converse: config.converse.clone(),
            max_timeout: config.converse_max_timeout,
        })
    }
}

impl Settings {
    /// Time for an answer: bot, then server, then 5 s; 0 counts as absent (`spec` http 1.7).
    pub(super) fn timeout(&self, bot: &BotConfig) -> Duration {
        [bot.converse.timeout, self.converse.timeout]
            .into_iter()
            .flatten()
            .find(|millis| *millis != 0)
            .map_or(defaults::TIMEOUT, Duration::from_millis)
    }

    /// Longest text in UTF-16 code units: bot, then server, then 360; 0 counts as absent.
    pub(super) fn max_message_length(&self, bot: &BotConfig) -> usize {
        [bot.converse.max_message_length, self.converse.max_message_length]
            .into_iter()
            .flatten()
            .find(|length| *length != 0)
            .unwrap_or(defaults::MAX_MESSAGE_LENGTH)
    }

    /// Whose pages may talk to the bot: bot, then server, then everybody's.
    pub(super) fn allowed_origins<'a>(&'a self, bot: &'a BotConfig) -> Option<&'a AllowedOrigins> {
        bot.converse.allowed_origins.as_ref().or(self.converse.allowed_origins.as_ref())
    }

    /// Whether the public route needs a key: bot, then server, then not.
    pub(super) fn requires_key(&self, bot: &BotConfig) -> bool {
        bot.converse.require_key.or(self.converse.require_key).unwrap_or(false)
    }
}

/// Why the surface cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A configured header cannot be sent.
    #[error("httpServer.headers: \"{0}\" is not a valid header, or its value is not")]
    Header(String),
    /// A configured origin cannot be sent.
    #[error("httpServer.cors.origin: \"{0}\" is not an origin")]
    Origin(String),
    /// An option of the cookie cannot be used.
    #[error("jwtToken.cookieOptions.{0}")]
    Cookie(String),
    /// The root path cannot be a path.
    #[error(
        "httpServer.externalUrl: its path \"{0}\" must begin with a slash and not end with one"
    )]
    RootPath(String),
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    #[test]
    fn falsy_values_fall_through_from_bot_to_server_to_default() {
        for (bot, server, expected) in [
            (None, None, 5000),
            (Some(0), None, 5000),
            (Some(0), Some(0), 5000),
            (None, Some(700), 700),
            (Some(0), Some(700), 700),
            (Some(300), Some(700), 300),
        ] {
            let mut config = testing::bot_config();
            config.converse.timeout = bot;
            config.converse.max_message_length = bot.map(|length| usize::try_from(length).unwrap());
            let mut settings = testing::settings();
            settings.converse.timeout = server;
            settings.converse.max_message_length =
                server.map(|length| usize::try_from(length).unwrap());
            assert_eq!(settings.timeout(&config).as_millis(), u128::from(expected));
            let length = if expected == 5000 { 360 } else { expected };
            assert_eq!(settings.max_message_length(&config) as u64, length);
        }
    }
}
