//! The limits of messages: of each chat user of a bot, and of each bot.

use axum::http::HeaderMap;
use parlance_core::bot::{Bot, ConverseConfig};

use super::counters::Counters;
use super::verdict::Verdict;
use crate::config::{RateLimit, RateLimits};
use crate::ops::metrics::Limit;

/// The limits of messages.
pub(in super::super) struct ConverseLimits {
    /// For bots that set none of their own.
    per_user: Option<RateLimit>,
    per_bot: Option<RateLimit>,
    /// Apart, so that however many users come, no bot's counter is forgotten.
    users: Counters,
    bots: Counters,
}

/// What they say of one message.
pub(in super::super) struct ConverseVerdict {
    user: Verdict,
    bot: Verdict,
}

impl ConverseLimits {
    /// Where a bot sets no limits, those of the server's `converse` hold, and then those of
    /// `httpServer`.
    pub(in super::super) fn new(http: &RateLimits, converse: &ConverseConfig) -> Self {
        Self {
            per_user: converse.per_user.or(http.user),
            per_bot: converse.per_bot.or(http.bot),
            users: Counters::new(Limit::User),
            bots: Counters::new(Limit::Bot),
        }
    }

    /// Counts a message that passes against both limits, and one that does not against none: a noisy
    /// user takes nothing more from the others, and a busy bot nothing from its users.
    pub(in super::super) fn check(&self, bot: &Bot, user: &str) -> ConverseVerdict {
        let (id, own) = (bot.id.as_str(), &bot.config.converse);
        let key = (id, user);
        let user = match own.per_user.or(self.per_user) {
            Some(limit) => self.users.check(&key, limit),
            None => Verdict::UNLIMITED,
        };
        let bot = match own.per_bot.or(self.per_bot) {
            Some(limit) if user.allowed => self.bots.check(&id, limit),
            _ => Verdict::UNLIMITED,
        };
        let user = if bot.allowed { user } else { self.users.take_back(&key, user) };
        ConverseVerdict { user, bot }
    }
}

impl ConverseVerdict {
    /// Whether the message may pass.
    pub(in super::super) fn allowed(&self) -> bool {
        self.user.allowed && self.bot.allowed
    }

    /// Adds the headers. v12's tell of the limit by address, but on a refusal by this one.
    pub(in super::super) fn write(&self, headers: &mut HeaderMap) {
        for verdict in [&self.user, &self.bot] {
            if verdict.allowed {
                verdict.write_standard(headers);
            } else {
                verdict.write(headers);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::testing::bot;
    use super::*;

    fn limit(limit: u32) -> RateLimit {
        RateLimit { limit, window: Duration::from_mins(1) }
    }

    fn server(user: Option<RateLimit>, bot: Option<RateLimit>) -> ConverseLimits {
        let http = RateLimits { user, bot, ..RateLimits::default() };
        ConverseLimits::new(&http, &ConverseConfig::default())
    }

    #[test]
    fn a_noisy_user_takes_nothing_from_the_bots_limit() {
        let limits = server(Some(limit(2)), Some(limit(3)));
        let (first, second) = (bot("first", |_| {}), bot("second", |_| {}));
        let passed = (0..100).filter(|_| limits.check(&first, "noisy").allowed()).count();
        assert_eq!(passed, 2);
        assert!(limits.check(&first, "quiet").allowed());
        assert!(!limits.check(&first, "other").allowed(), "the bot's own limit is reached");
        assert!(limits.check(&second, "noisy").allowed());
    }

    #[test]
    fn a_busy_bot_takes_nothing_from_its_users_limits() {
        let limits = server(Some(limit(2)), None);
        let busy = bot("shop", |config| config.converse.per_bot = Some(limit(1)));
        assert!(limits.check(&busy, "bob").allowed());
        assert!((0..100).all(|_| !limits.check(&busy, "ada").allowed()));
        let free = bot("shop", |config| config.converse.per_bot = Some(limit(1000)));
        let passed = (0..100).filter(|_| limits.check(&free, "ada").allowed()).count();
        assert_eq!(passed, 2, "ada has said nothing yet");
    }

    #[test]
    fn a_bots_limits_win_over_the_servers_and_converse_over_http() {
        let count = |limits: &ConverseLimits, bot: &Bot| {
            (0..100).filter(|_| limits.check(bot, "ada").allowed()).count()
        };
        let plain = bot("plain", |_| {});
        let own = bot("own", |config| config.converse.per_user = Some(limit(7)));
        let http = RateLimits { user: Some(limit(2)), ..RateLimits::default() };
        let of_http = ConverseLimits::new(&http, &ConverseConfig::default());
        assert_eq!((count(&of_http, &plain), count(&of_http, &own)), (2, 7));
        let converse = ConverseConfig { per_user: Some(limit(5)), ..ConverseConfig::default() };
        let of_converse = ConverseLimits::new(&http, &converse);
        assert_eq!((count(&of_converse, &plain), count(&of_converse, &own)), (5, 7));
        let none = server(None, None);
        assert_eq!((count(&none, &plain), count(&none, &own)), (100, 7));
    }

    #[test]
    fn a_limit_falls_through_without_the_other() {
        let limits = server(Some(limit(2)), Some(limit(3)));
        let own = bot("own", |config| config.converse.per_bot = Some(limit(1)));
        assert!(limits.check(&own, "ada").allowed());
        assert!(!limits.check(&own, "bob").allowed(), "the bot's");
        let mut headers = HeaderMap::new();
        limits.check(&own, "eve").write(&mut headers);
        let policies: Vec<_> = headers.get_all("ratelimit-policy").iter().collect();
        assert_eq!(policies, ["\"user\";q=2;w=60", "\"bot\";q=1;w=60"]);
        assert_eq!(headers["x-ratelimit-limit"], "1", "that of the refusal");
    }

    #[test]
    fn a_reloaded_bot_brings_its_new_limit_and_keeps_its_count() {
        let limits = server(None, None);
        let with = |most| bot("shop", move |config| config.converse.per_bot = Some(limit(most)));
        let passed = |bot: &Bot| (0..10).filter(|_| limits.check(bot, "ada").allowed()).count();
        assert_eq!(passed(&with(3)), 3);
        assert_eq!(passed(&with(5)), 2);
        assert_eq!(passed(&with(1)), 0);
        assert_eq!(passed(&bot("shop", |_| {})), 10);
    }
}
