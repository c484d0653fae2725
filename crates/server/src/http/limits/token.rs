//! The limit of accounts and API keys, over all routes (`httpServer.rateLimit.perToken`).

use super::counters::Counters;
use super::verdict::Verdict;
use crate::config::RateLimit;
use crate::ops::metrics::Limit;

/// The limit of each account and each API key.
pub(in super::super) struct TokenLimits {
    limit: Option<RateLimit>,
    counters: Counters,
}

impl TokenLimits {
    /// This limit, or none.
    pub(in super::super) fn new(limit: Option<RateLimit>) -> Self {
        Self { limit, counters: Counters::new(Limit::Token) }
    }

    /// Counts a request of an account or key, by what names it in the audit log (never by the token
    /// itself: a new login is the same account).
    pub(in super::super) fn check(&self, caller: &str) -> Verdict {
        self.limit.map_or(Verdict::UNLIMITED, |limit| self.counters.check(&caller, limit))
    }

    /// The same for a key with a limit of its own, which wins.
    pub(in super::super) fn check_own(&self, caller: &str, own: RateLimit) -> Verdict {
        self.counters.check(&caller, own)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::HeaderMap;

    use super::*;

    fn limit(limit: u32) -> RateLimit {
        RateLimit { limit, window: Duration::from_mins(1) }
    }

    #[test]
    fn each_caller_has_the_limit_for_itself() {
        let limits = TokenLimits::new(Some(limit(3)));
        let passed = |caller| (0..10).filter(|_| limits.check(caller).allowed).count();
        assert_eq!((passed("account:a@b.c/default"), passed("key:1")), (3, 3));
        let mut headers = HeaderMap::new();
        limits.check("key:1").write(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"token\";q=3;w=60");
        assert_eq!(headers["retry-after"], "60");
    }

    #[test]
    fn without_a_limit_all_passes_but_what_a_keys_own_refuses() {
        let limits = TokenLimits::new(None);
        assert!((0..1000).all(|_| limits.check("key:1").allowed));
        let passed = (0..10).filter(|_| limits.check_own("key:2", limit(2)).allowed).count();
        assert_eq!(passed, 2);
    }
}
