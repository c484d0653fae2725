//! Counters of requests by key, for one kind of key.
//!
//! Windows of fixed length as in v12: the first request of a key opens one, and within it exactly
//! so many pass. A token bucket would let more through while it refills.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hash};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use lru::LruCache;

use super::verdict::Verdict;
use crate::clock::instant;
use crate::config::RateLimit;
use crate::ops::metrics::{Limit, rate_limited};

/// Parts of the table that are locked by themselves.
const SHARDS: usize = 16;
/// Keys remembered in a part; the longest unused one is forgotten first. Who is refused and keeps
/// asking is among the last.
const KEYS: usize = 4096;

/// The counters. They take memory only as keys come.
pub(super) struct Counters {
    whose: Limit,
    shards: [Mutex<LruCache<u64, Window>>; SHARDS],
    hasher: RandomState,
}

#[derive(Clone, Copy)]
struct Window {
    began: Instant,
    count: u32,
}

impl Counters {
    /// No requests so far.
    pub(super) fn new(whose: Limit) -> Self {
        let shards = std::array::from_fn(|_| Mutex::new(LruCache::unbounded()));
        Self { whose, shards, hasher: RandomState::new() }
    }

    /// Counts a request of this key, if it is within the limit.
    pub(super) fn check(&self, key: &impl Hash, limit: RateLimit) -> Verdict {
        self.check_at(key, limit, instant())
    }

    fn check_at(&self, key: &impl Hash, limit: RateLimit, now: Instant) -> Verdict {
        let (allowed, window) = self.count(self.hasher.hash_one(key), limit, now);
        if !allowed {
            rate_limited(self.whose);
        }
        let remaining = limit.limit.saturating_sub(window.count);
        Verdict::counted(self.whose, limit, (allowed, remaining), (window.began, now))
    }

    /// Takes back a request that was counted and did not pass for another reason.
    pub(super) fn take_back(&self, key: &impl Hash, verdict: Verdict) -> Verdict {
        let Some(began) = verdict.window() else {
            return verdict;
        };
        let hash = self.hasher.hash_one(key);
        if let Some(window) = self.shard(hash).peek_mut(&hash)
            && window.began == began
        {
            window.count = window.count.saturating_sub(1);
        }
        verdict.taken_back()
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, LruCache<u64, Window>> {
        let [first, ..] = &self.shards;
        let shard = usize::try_from(hash % SHARDS as u64).ok().and_then(|at| self.shards.get(at));
        shard.unwrap_or(first).lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, hash: u64, limit: RateLimit, now: Instant) -> (bool, Window) {
        let fresh = Window { began: now, count: 0 };
        let mut windows = self.shard(hash);
        let window = windows.get_or_insert_mut(hash, || fresh);
        if now.saturating_duration_since(window.began) >= limit.window {
            *window = fresh;
        }
        let allowed = window.count < limit.limit;
        window.count += u32::from(allowed);
        let counted = *window;
        if windows.len() > KEYS {
            windows.pop_lru();
        }
        (allowed, counted)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn limit(limit: u32, millis: u64) -> RateLimit {
        RateLimit { limit, window: Duration::from_millis(millis) }
    }

    #[test]
    fn exactly_the_limit_passes_in_a_window() {
        for (most, millis) in [(1, 1000), (10, 1000), (1000, 1000), (600, 30_000)] {
            let (counters, limit) = (Counters::new(Limit::Ip), limit(most, millis));
            let start = Instant::now();
            let spread = |i: u32| start + Duration::from_millis(u64::from(i) * millis / 10_000);
            let passes = |i: &u32| counters.check_at(&7, limit, spread(*i)).allowed;
            assert_eq!((0..9_999).filter(passes).count(), most as usize);
            let next = start + Duration::from_millis(millis);
            assert!(counters.check_at(&7, limit, next).allowed, "a new window begins");
        }
    }

    #[test]
    fn requests_at_the_same_time_are_counted_each() {
        let (counters, limit) = (Counters::new(Limit::Bot), limit(1000, 3_600_000));
        let total = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let allowed = (0..500).filter(|_| counters.check(&"bot", limit).allowed);
                    total.fetch_add(allowed.count(), Ordering::Relaxed);
                });
            }
        });
        assert_eq!(total.into_inner(), 1000);
    }

    #[test]
    fn keys_are_counted_apart() {
        let (counters, limit) = (Counters::new(Limit::User), limit(1, 1000));
        assert!(counters.check(&("bot", "a"), limit).allowed);
        assert!(counters.check(&("bot", "b"), limit).allowed);
        assert!(!counters.check(&("bot", "a"), limit).allowed);
    }

    #[test]
    fn a_changed_limit_holds_from_the_next_request_on() {
        let counters = Counters::new(Limit::Bot);
        let start = Instant::now();
        let ask = |limit| counters.check_at(&"bot", limit, start + Duration::from_secs(2)).allowed;
        assert!(counters.check_at(&"bot", limit(2, 10_000), start).allowed);
        assert!(ask(limit(2, 10_000)));
        assert!(!ask(limit(2, 10_000)));
        assert!(!ask(limit(1, 10_000)), "a lower limit");
        assert!(ask(limit(3, 10_000)), "a higher one lets one more through");
        assert!(!ask(limit(3, 10_000)));
        assert!(ask(limit(1, 2_000)), "of a shorter window the time is over");
        assert!(!ask(limit(1, 2_000)));
    }

    #[test]
    fn what_is_taken_back_may_pass_again_in_its_own_window_only() {
        let (counters, limit) = (Counters::new(Limit::User), limit(1, 1000));
        let (start, later) = (Instant::now(), Instant::now() + Duration::from_secs(5));
        let first = counters.check_at(&1, limit, start);
        let refused = counters.check_at(&1, limit, start);
        counters.take_back(&1, refused);
        assert!(!counters.check_at(&1, limit, start).allowed, "a refusal was never counted");
        counters.take_back(&1, first);
        let again = counters.check_at(&1, limit, start);
        assert!(again.allowed);
        assert!(counters.check_at(&1, limit, later).allowed);
        counters.take_back(&1, again);
        assert!(!counters.check_at(&1, limit, later).allowed, "the window of it is over");
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let (counters, limit) = (Counters::new(Limit::User), limit(1, 1_000));
        for key in 0..200_000 {
            counters.check(&key, limit);
        }
        let kept: usize = counters.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(kept <= SHARDS * KEYS, "{kept}");
    }

    #[test]
    fn who_keeps_asking_is_not_forgotten_in_a_flood_of_others() {
        let (counters, limit) = (Counters::new(Limit::User), limit(1, 3_600_000));
        assert!(counters.check(&u64::MAX, limit).allowed);
        for key in 0..200_000_u64 {
            counters.check(&key, limit);
            if key % 1000 == 0 {
                assert!(!counters.check(&u64::MAX, limit).allowed, "after {key} others");
            }
        }
    }

    proptest! {
        /// Windows are fixed, so any span of their length touches two of them at most.
        #[test]
        fn no_window_lets_more_through_than_its_limit(
            steps in proptest::collection::vec((0_u64..60, 1_u32..6), 1..200),
        ) {
            let counters = Counters::new(Limit::User);
            let mut now = Instant::now();
            let mut passed = Vec::new();
            for (step, most) in steps {
                now += Duration::from_millis(step);
                if counters.check_at(&1, limit(most, 1000), now).allowed {
                    passed.push(now);
                }
            }
            for from in &passed {
                let until = *from + Duration::from_secs(1);
                let within = passed.iter().filter(|at| (*from..until).contains(*at)).count();
                prop_assert!(within <= 2 * 5, "{within}");
            }
        }
    }
}
