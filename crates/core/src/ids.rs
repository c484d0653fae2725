//! Identifiers: newtypes, so that a bot's id is never taken for a user's.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Id of a bot: the name of its folder (`spec` runtime 1.1).
///
/// At least three characters of `A-Z a-z 0-9 _ -`, neither first nor last being `_` or `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BotId(String);

impl BotId {
    /// Parses an id; `None` where v12's file layer would refuse it.
    pub fn parse(text: &str) -> Option<Self> {
        let alphanumeric = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let valid = text.len() >= 3
            && text.chars().all(allowed)
            && alphanumeric(text.chars().next())
            && alphanumeric(text.chars().next_back());
        valid.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who talks to which bot over which channel: the unit that has one session and one order of turns.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConversationKey {
    /// The bot talked to.
    pub bot: BotId,
    /// The channel, lower case (`api` for the Converse API).
    pub channel: String,
    /// The chat user's id on that channel.
    pub user: String,
    /// The thread, on channels that have threads.
    pub thread: Option<String>,
}

impl ConversationKey {
    /// The key of a Converse API conversation: channel `api`, no thread.
    pub fn api(bot: BotId, user: impl Into<String>) -> Self {
        Self { bot, channel: "api".to_owned(), user: user.into(), thread: None }
    }

    /// v12's session id, `<bot>::<channel>::<user>[::<thread>]` (`spec` runtime 5.1).
    pub fn session_id(&self) -> String {
        let base = format!("{}::{}::{}", self.bot, self.channel, self.user);
        match &self.thread {
            Some(thread) => format!("{base}::{thread}"),
            None => base,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bot_ids_follow_v12() {
        for good in ["abc", "welcome-bot", "a_b", "0-9"] {
            assert!(BotId::parse(good).is_some(), "{good}");
        }
        for bad in ["", "ab", "-ab", "ab-", "a b", "a/b", "é-bot"] {
            assert!(BotId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn session_ids_follow_v12() {
        let bot = BotId::parse("welcome-bot").unwrap();
        let mut key = ConversationKey::api(bot, "u1");
        assert_eq!(key.session_id(), "welcome-bot::api::u1");
        key.thread = Some("7".to_owned());
        assert_eq!(key.session_id(), "welcome-bot::api::u1::7");
    }
}
