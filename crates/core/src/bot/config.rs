//! `bot.config.json` (`spec` runtime 1.5): what the server uses of it.

use super::restriction::{AllowedOrigins, RateLimit};
use crate::content::PayloadFormat;

/// The bot's configuration, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct BotConfig {
    /// Display name.
    pub name: String,
    /// Version of v12 that the bot was made with; `None` when the file has none.
    pub version: Option<String>,
    /// A disabled bot answers 404.
    pub disabled: bool,
    /// A private bot needs a collaborator's token.
    pub private: bool,
    /// Language of texts that have no translation.
    pub default_language: String,
    /// Languages of the bot, the default one among them.
    pub languages: Vec<String>,
    /// Expiries that override the server's.
    pub dialog: DialogConfig,
    /// Converse settings that override the server's.
    pub converse: ConverseConfig,
}

impl BotConfig {
    /// Whether the bot was made with a version of v12 before `major.minor`; true without a version.
    pub fn is_before(&self, major: u32, minor: u32) -> bool {
        self.version.as_deref().and_then(major_minor) < Some((major, minor))
    }
}

/// `12.26.3` → `(12, 26)`; `None` where the text does not begin with a number.
pub(crate) fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim().trim_start_matches('v').split(['.', '-']);
    let major = numbers.next()?.parse().ok()?;
    Some((major, numbers.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
}

/// `dialog` of the bot's or the server's configuration. Durations are in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DialogConfig {
    /// After so long without a message the conversation times out.
    pub timeout_interval: Option<u64>,
    /// After so long without a message the session is deleted.
    pub session_timeout_interval: Option<u64>,
}

/// `converse` of the bot's or the server's configuration. Absent and falsy values fall through
/// from bot to server to default (`spec` http 1.7).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConverseConfig {
    /// Time for an answer, in milliseconds.
    pub timeout: Option<u64>,
    /// Longest text, in UTF-16 code units.
    pub max_message_length: Option<usize>,
    /// Whether the public route is open.
    pub enable_unsecured_endpoint: Option<bool>,
    /// Form of the answers; ours.
    pub payload_format: Option<PayloadFormat>,
    /// How many messages each chat user may send (`rateLimit.perUser`); ours.
    pub per_user: Option<RateLimit>,
    /// How many messages the bot takes from all its users (`rateLimit.perBot`); ours.
    pub per_bot: Option<RateLimit>,
    /// Whose pages may talk to the bot; ours.
    pub allowed_origins: Option<AllowedOrigins>,
    /// Whether the public route needs an API key or a collaborator's token; ours.
    pub require_key: Option<bool>,
}
