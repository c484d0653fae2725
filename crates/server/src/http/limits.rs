//! How often may be asked: by client address over all routes, by bot and by chat user for messages
//! (`spec` http 1.12).
//!
//! Windows of fixed length as in v12: the first request of a key opens one, and within it exactly
//! so many pass. A token bucket would let more through while it refills.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use lru::LruCache;

use crate::clock::instant;
use crate::config::{RateLimit, RateLimits};
use crate::ops::metrics::{Limit, rate_limited};

/// Parts of the table that are locked by themselves.
const SHARDS: usize = 16;
/// Keys remembered in a part; the longest unused one is forgotten first.
const KEYS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4095);

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");

/// One policy and its counters.
pub(super) struct Limiter {
    whose: Limit,
    limit: u32,
    window: Duration,
    policy: HeaderValue,
    shards: [Mutex<LruCache<u64, Window>>; SHARDS],
    hasher: RandomState,
}

#[derive(Clone, Copy)]
struct Window {
    began: Instant,
    count: u32,
}

/// What the limiter says of one request.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    /// Whether the request may pass.
    pub(super) allowed: bool,
    whose: Limit,
    limit: u32,
    remaining: u32,
    reset_secs: u64,
    policy: HeaderValue,
}

impl Limiter {
    /// A limiter of addresses, users or bots.
    pub(super) fn new(whose: Limit, limit: RateLimit) -> Self {
        let RateLimit { limit, window } = limit;
        let policy = format!("\"{}\";q={limit};w={}", name(whose), seconds(window));
        Self {
            whose,
            limit,
            window,
            policy: HeaderValue::try_from(policy)
                .unwrap_or_else(|_| HeaderValue::from_static("\"limit\"")),
            shards: std::array::from_fn(|_| Mutex::new(LruCache::new(KEYS))),
            hasher: RandomState::new(),
        }
    }

    /// Counts a request of this key.
    pub(super) fn check(&self, key: u64) -> Verdict {
        self.check_at(key, instant())
    }

    fn check_at(&self, key: u64, now: Instant) -> Verdict {
        let hash = self.hasher.hash_one(key);
        let (allowed, window) = self.count(hash, now);
        if !allowed {
            rate_limited(self.whose);
        }
        let left = self.window.saturating_sub(now.saturating_duration_since(window.began));
        Verdict {
            allowed,
            whose: self.whose,
            limit: self.limit,
            remaining: self.limit.saturating_sub(window.count),
            reset_secs: seconds(left),
            policy: self.policy.clone(),
        }
    }

    fn count(&self, hash: u64, now: Instant) -> (bool, Window) {
        let fresh = Window { began: now, count: 0 };
        let [first, ..] = &self.shards;
        let shard = usize::try_from(hash % SHARDS as u64).ok().and_then(|at| self.shards.get(at));
        let shard = shard.unwrap_or(first);
        let mut windows = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.get_or_insert_mut(hash, || fresh);
        if now.saturating_duration_since(window.began) >= self.window {
            *window = fresh;
        }
        let allowed = window.count < self.limit;
        window.count += u32::from(allowed);
        (allowed, *window)
    }
}

/// The policy's name in headers.
fn name(whose: Limit) -> &'static str {
    match whose {
        Limit::Ip => "ip",
        Limit::User => "user",
        Limit::Bot => "bot",
    }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

impl Verdict {
    /// Adds the headers: those of the IETF draft, those of v12 unless another policy has set them,
    /// and on a refusal the time to come back.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        self.write_standard(headers);
        headers.entry(LIMIT).or_insert_with(|| HeaderValue::from(self.limit));
        headers.entry(REMAINING).or_insert_with(|| HeaderValue::from(self.remaining));
    }

    fn write_standard(&self, headers: &mut HeaderMap) {
        let state = format!("\"{}\";r={};t={}", name(self.whose), self.remaining, self.reset_secs);
        if let Ok(state) = HeaderValue::try_from(state) {
            headers.append(RATE_LIMIT, state);
        }
        headers.append(RATE_LIMIT_POLICY, self.policy.clone());
        if !self.allowed {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(self.reset_secs.max(1)));
        }
    }
}

/// The limits of messages.
pub(super) struct ConverseLimits {
    user: Option<Limiter>,
    bot: Option<Limiter>,
    hasher: RandomState,
}

/// What they say of one message.
pub(super) struct ConverseVerdict {
    user: Option<Verdict>,
    bot: Option<Verdict>,
}

impl ConverseLimits {
    /// The limits of this configuration.
    pub(super) fn new(limits: &RateLimits) -> Self {
        Self {
            user: limits.user.map(|limit| Limiter::new(Limit::User, limit)),
            bot: limits.bot.map(|limit| Limiter::new(Limit::Bot, limit)),
            hasher: RandomState::new(),
        }
    }

    /// Counts a message. One that the user may not send is not counted against the bot, so that a
    /// noisy user takes nothing from the others.
    pub(super) fn check(&self, bot: &str, user: &str) -> ConverseVerdict {
        let limiter = self.user.as_ref();
        let user = limiter.map(|limiter| limiter.check(self.hasher.hash_one((bot, user))));
        let pass = user.as_ref().is_none_or(|verdict| verdict.allowed);
        let limiter = self.bot.as_ref().filter(|_| pass);
        ConverseVerdict {
            user,
            bot: limiter.map(|limiter| limiter.check(self.hasher.hash_one(bot))),
        }
    }
}

impl ConverseVerdict {
    /// Whether the message may pass.
    pub(super) fn allowed(&self) -> bool {
        self.policies().all(|verdict| verdict.allowed)
    }

    /// Adds the headers. v12's tell of the limit by address, but on a refusal by this one.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        for verdict in self.policies() {
            if verdict.allowed {
                verdict.write_standard(headers);
            } else {
                verdict.write(headers);
            }
        }
    }

    fn policies(&self) -> impl Iterator<Item = &Verdict> {
        self.user.iter().chain(&self.bot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(limit: u32, millis: u64) -> Limiter {
        Limiter::new(Limit::Ip, RateLimit { limit, window: Duration::from_millis(millis) })
    }

    #[test]
    fn exactly_the_limit_passes_in_a_window() {
        for (limit, millis) in [(1, 1000), (10, 1000), (1000, 1000), (600, 30_000)] {
            let limiter = limiter(limit, millis);
            let start = Instant::now();
            let spread = |i: u32| start + Duration::from_millis(u64::from(i) * millis / 10_000);
            let passed = (0..9_999).filter(|i| limiter.check_at(7, spread(*i)).allowed).count();
            assert_eq!(passed, limit as usize);
            let next = start + Duration::from_millis(millis);
            assert!(limiter.check_at(7, next).allowed, "a new window begins");
        }
    }

    #[test]
    fn keys_are_counted_apart() {
        let limiter = limiter(1, 1000);
        assert!(limiter.check(1).allowed);
        assert!(limiter.check(2).allowed);
        assert!(!limiter.check(1).allowed);
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let limiter = limiter(1, 1000);
        for key in 0..200_000 {
            limiter.check(key);
        }
        let kept: usize = limiter.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(kept <= SHARDS * KEYS.get(), "{kept}");
    }

    #[test]
    fn headers_say_what_is_left_and_when_to_come_back() {
        let limiter = limiter(2, 30_000);
        let start = Instant::now();
        let headers = |after: u64| {
            let mut headers = HeaderMap::new();
            limiter.check_at(1, start + Duration::from_millis(after)).write(&mut headers);
            headers
        };
        let first = headers(0);
        assert_eq!(first["ratelimit-policy"], "\"ip\";q=2;w=30");
        assert_eq!(first["ratelimit"], "\"ip\";r=1;t=30");
        assert_eq!(first["x-ratelimit-limit"], "2");
        assert_eq!(first["x-ratelimit-remaining"], "1");
        assert!(!first.contains_key("retry-after"));
        headers(0);
        let refused = headers(10_500);
        assert_eq!(refused["ratelimit"], "\"ip\";r=0;t=20");
        assert_eq!(refused["retry-after"], "20");
    }

    #[test]
    fn a_noisy_user_takes_nothing_from_the_bots_limit() {
        let window = Duration::from_mins(1);
        let limits = ConverseLimits::new(&RateLimits {
            ip: None,
            user: Some(RateLimit { limit: 2, window }),
            bot: Some(RateLimit { limit: 3, window }),
        });
        let passed = (0..100).filter(|_| limits.check("bot", "noisy").allowed()).count();
        assert_eq!(passed, 2);
        assert!(limits.check("bot", "quiet").allowed());
        assert!(!limits.check("bot", "other").allowed(), "the bot's own limit is reached");
        assert!(limits.check("second-bot", "noisy").allowed());
    }
}
