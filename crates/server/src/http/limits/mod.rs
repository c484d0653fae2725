//! How often may be asked: by client address and by account or API key over all routes, by bot and
//! by chat user for messages (`spec` http 1.12).
//!
//! Data flows request → key and [`RateLimit`] → `counters` → `verdict` → headers of the answer, and
//! 429 where it is one. A limit comes along with each request, so that a bot's changed limits hold
//! from the next message on, and nothing has to be built anew or thrown away.

mod converse;
mod counters;
mod token;
mod verdict;

pub(super) use converse::ConverseLimits;
pub(super) use token::TokenLimits;
pub(super) use verdict::Verdict;

use crate::config::RateLimit;
use crate::ops::metrics::Limit;
use counters::Counters;

/// One limit that never changes, and its counters.
pub(super) struct Limiter {
    limit: RateLimit,
    counters: Counters,
}

impl Limiter {
    /// A limiter of this kind of key.
    pub(super) fn new(whose: Limit, limit: RateLimit) -> Self {
        Self { limit, counters: Counters::new(whose) }
    }

    /// Counts a request of this key.
    pub(super) fn check(&self, key: u64) -> Verdict {
        self.counters.check(&key, self.limit)
    }
}
