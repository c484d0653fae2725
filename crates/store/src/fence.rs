//! Keeps turns that began before a chat user was forgotten from bringing the user back.
//!
//! A turn works on what it has loaded and stores it later. So each load takes the number of erasures
//! so far ([`Fences::height`]), and the writer turns down what was loaded before the user's own last
//! erasure. In memory only: no turn outlives the process, and no other process writes.

use std::hash::{BuildHasher as _, RandomState};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

/// Users whose erasure is remembered; of earlier ones it is only known that there were some.
const USERS: NonZeroUsize = match NonZeroUsize::new(1024) {
    Some(users) => users,
    None => NonZeroUsize::MIN,
};

/// The erasures since the store was opened.
#[derive(Debug)]
pub(crate) struct Fences {
    height: AtomicU64,
    inner: Mutex<Inner>,
    hasher: RandomState,
}

#[derive(Debug)]
struct Inner {
    /// When each user was forgotten. Hashes: the user's name has no place here any more. Two users
    /// with one hash cost one of them a turn that runs twice.
    users: LruCache<u64, u64>,
    /// What was loaded before that is turned down for every user.
    floor: u64,
}

impl Default for Fences {
    fn default() -> Self {
        let inner = Inner { users: LruCache::new(USERS), floor: 0 };
        Self { height: AtomicU64::new(0), inner: Mutex::new(inner), hasher: RandomState::new() }
    }
}

impl Fences {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing that holds the lock can leave it half done by panicking.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many erasures there were. Take it before anything is loaded.
    pub(crate) fn height(&self) -> u64 {
        self.height.load(Ordering::Acquire)
    }

    /// The user was forgotten, and no cache knows the user any more.
    pub(crate) fn raise(&self, channel: &str, user: &str) {
        let mut inner = self.inner();
        let height = self.height.fetch_add(1, Ordering::AcqRel) + 1;
        let user = self.hasher.hash_one((channel, user));
        if let Some((left, forgotten)) = inner.users.push(user, height)
            && left != user
        {
            inner.floor = inner.floor.max(forgotten);
        }
    }

    /// Whether something of this user that was loaded at that height may be stored.
    pub(crate) fn passes(&self, channel: &str, user: &str, loaded: u64) -> bool {
        if loaded == self.height() {
            return true;
        }
        let inner = self.inner();
        let user = self.hasher.hash_one((channel, user));
        let forgotten = inner.users.peek(&user).copied().unwrap_or(0);
        loaded >= forgotten.max(inner.floor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_loaded_before_the_users_erasure_does_not_pass() {
        let fences = Fences::default();
        let before = fences.height();
        assert!(fences.passes("api", "u1", before));
        fences.raise("api", "u1");
        assert!(!fences.passes("api", "u1", before));
        assert!(fences.passes("api", "u2", before), "another user");
        assert!(fences.passes("web", "u1", before), "another channel");
        assert!(fences.passes("api", "u1", fences.height()));
    }

    #[test]
    fn more_erasures_than_are_remembered_let_nothing_through() {
        let fences = Fences::default();
        let before = fences.height();
        fences.raise("api", "first");
        for n in 0..USERS.get() {
            fences.raise("api", &n.to_string());
        }
        assert!(!fences.passes("api", "first", before));
        // Nobody knows any more whose erasure it was.
        assert!(!fences.passes("api", "somebody", before));
        assert!(fences.passes("api", "first", fences.height()));
    }
}
