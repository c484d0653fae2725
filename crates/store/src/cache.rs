//! Recently used rows, as text, bounded by bytes.
//!
//! The cache is never older than the database. Two ways lead in:
//! the writer puts what it has committed, in the order of its commits, before anybody is answered;
//! readers put what they have read, but only if the writer has not touched the key since the read
//! began. For that, each key has a stamp (shared by the keys of the same hash) that the writer moves
//! whenever it publishes. A cache starts empty with the process, so a crash leaves nothing stale.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use parlance_core::ids::ConversationKey;

use crate::record::{Expiry, Revision};

/// Names a cached row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// A conversation, by its id.
    Conversation(Arc<str>),
    /// A bot's chat user, by bot, channel and id.
    User(Arc<str>, Arc<str>, Arc<str>),
    /// A bot's memory, by bot and key.
    Memory(Arc<str>, Arc<str>),
}

impl Key {
    /// That of the chat user of a conversation.
    pub(crate) fn user(key: &ConversationKey) -> Self {
        Self::User(key.bot.as_str().into(), key.channel.as_str().into(), key.user.as_str().into())
    }
}

/// State of a conversation as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConversationRow {
    pub(crate) revision: Revision,
    pub(crate) expiry: Option<Expiry>,
    pub(crate) session: Option<Arc<str>>,
    pub(crate) context: Option<Arc<str>>,
    pub(crate) temp: Option<Arc<str>>,
}

/// A value of a bot's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MemoryRow {
    pub(crate) value: Arc<str>,
    pub(crate) expires_on: Option<i64>,
}

/// A cached row; `None` inside says that there is no such row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    Conversation(Option<ConversationRow>),
    User(Option<Arc<str>>),
    Memory(Option<MemoryRow>),
}

/// What a reader must show to be allowed to put what it read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

#[derive(Debug)]
struct Inner {
    rows: LruCache<Key, Entry>,
    stamps: Box<[u64]>,
    bytes: usize,
}

/// The cache; shared by writer and readers.
#[derive(Debug)]
pub(crate) struct Cache {
    inner: Mutex<Inner>,
    hasher: RandomState,
    limit: usize,
}

/// Number of stamps; two keys that share one only spoil a put now and then.
const STAMPS: usize = 4096;

/// Memory that an entry takes besides its texts.
const ENTRY_BYTES: usize = 256;

impl Cache {
    pub(crate) fn new(limit: usize) -> Self {
        let inner = Inner {
            rows: LruCache::unbounded(),
            stamps: vec![0; STAMPS].into_boxed_slice(),
            bytes: 0,
        };
        Self { inner: Mutex::new(inner), hasher: RandomState::new(), limit }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // No code that holds the lock can leave the parts inconsistent by panicking.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self, key: &Key) -> usize {
        usize::try_from(self.hasher.hash_one(key) % STAMPS as u64).unwrap_or(0)
    }

    /// The rows of `keys`, in their order.
    pub(crate) fn get<const N: usize>(&self, keys: [&Key; N]) -> [Option<Entry>; N] {
        let mut inner = self.inner();
        keys.map(|key| inner.rows.get(key).cloned())
    }

    /// Taken before the database is read.
    pub(crate) fn stamp(&self, key: &Key) -> Stamp {
        let slot = self.slot(key);
        Stamp(self.inner().stamps.get(slot).copied().unwrap_or(0))
    }

    /// Puts a row that was read after `stamp` was taken, unless it may be outdated.
    pub(crate) fn put_read(&self, key: Key, row: Entry, stamp: Stamp) {
        let slot = self.slot(&key);
        let mut inner = self.inner();
        if inner.stamps.get(slot) == Some(&stamp.0) && !inner.rows.contains(&key) {
            inner.put(key, row, self.limit);
        }
    }

    /// Puts, or with `None` takes out, what the writer has just committed.
    pub(crate) fn publish(&self, changes: impl IntoIterator<Item = (Key, Option<Entry>)>) {
        let mut inner = self.inner();
        for (key, row) in changes {
            if let Some(stamp) = inner.stamps.get_mut(self.slot(&key)) {
                *stamp = stamp.wrapping_add(1);
            }
            inner.remove(&key);
            if let Some(row) = row {
                inner.put(key, row, self.limit);
            }
        }
    }

    /// Forgets everything: another server may have written, or a commit's fate is unknown.
    pub(crate) fn clear(&self) {
        let mut inner = self.inner();
        inner.rows.clear();
        inner.bytes = 0;
        for stamp in &mut inner.stamps {
            *stamp = stamp.wrapping_add(1);
        }
    }

    /// Bytes in use.
    pub(crate) fn bytes(&self) -> usize {
        self.inner().bytes
    }
}

impl Inner {
    fn put(&mut self, key: Key, row: Entry, limit: usize) {
        let bytes = cost(&key, &row);
        if bytes > limit / 4 {
            return;
        }
        self.bytes += bytes;
        self.rows.put(key, row);
        while self.bytes > limit {
            let Some((key, row)) = self.rows.pop_lru() else {
                break;
            };
            self.bytes = self.bytes.saturating_sub(cost(&key, &row));
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(row) = self.rows.pop(key) {
            self.bytes = self.bytes.saturating_sub(cost(key, &row));
        }
    }
}

fn cost(key: &Key, row: &Entry) -> usize {
    let key = match key {
        Key::Conversation(id) => id.len(),
        Key::User(a, b, c) => a.len() + b.len() + c.len(),
        Key::Memory(a, b) => a.len() + b.len(),
    };
    let row = match row {
        Entry::Conversation(Some(row)) => [&row.session, &row.context, &row.temp]
            .into_iter()
            .flatten()
            .map(|text| text.len())
            .sum(),
        Entry::User(Some(text)) => text.len(),
        Entry::Memory(Some(row)) => row.value.len(),
        Entry::Conversation(None) | Entry::User(None) | Entry::Memory(None) => 0,
    };
    ENTRY_BYTES + key + row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> Key {
        Key::User("shop".into(), "api".into(), id.into())
    }

    fn attributes(text: &str) -> Entry {
        Entry::User(Some(text.into()))
    }

    fn get(cache: &Cache, key: &Key) -> Option<Entry> {
        let [row] = cache.get([key]);
        row
    }

    #[test]
    fn a_read_that_a_commit_has_overtaken_is_not_kept() {
        let cache = Cache::new(1 << 20);
        let key = user("u1");
        let stamp = cache.stamp(&key);
        cache.publish([(key.clone(), Some(attributes("new")))]);
        cache.publish([(key.clone(), None)]);
        cache.put_read(key.clone(), attributes("old"), stamp);
        assert_eq!(get(&cache, &key), None);
        cache.put_read(key.clone(), attributes("new"), cache.stamp(&key));
        assert_eq!(get(&cache, &key), Some(attributes("new")));
    }

    #[test]
    fn a_read_never_replaces_what_is_there() {
        let cache = Cache::new(1 << 20);
        let key = user("u1");
        cache.publish([(key.clone(), Some(attributes("new")))]);
        cache.put_read(key.clone(), attributes("old"), cache.stamp(&key));
        assert_eq!(get(&cache, &key), Some(attributes("new")));
    }

    #[test]
    fn clearing_also_stops_reads_under_way() {
        let cache = Cache::new(1 << 20);
        let key = user("u1");
        let stamp = cache.stamp(&key);
        cache.clear();
        cache.put_read(key.clone(), attributes("old"), stamp);
        assert_eq!(get(&cache, &key), None);
    }

    #[test]
    fn the_least_recently_used_rows_make_room() {
        let limit = 40 * ENTRY_BYTES;
        let cache = Cache::new(limit);
        for n in 0..100 {
            cache.publish([(user(&n.to_string()), Some(attributes("x")))]);
            assert!(get(&cache, &user("0")).is_some(), "the row in use stays");
            assert!(cache.bytes() <= limit);
        }
        assert_eq!(get(&cache, &user("1")), None);
        cache.publish([(user("big"), Some(attributes(&"x".repeat(limit))))]);
        assert_eq!(get(&cache, &user("big")), None, "one row may not push out all others");
        assert!(get(&cache, &user("99")).is_some());
        for n in 0..100 {
            cache.publish([(user(&n.to_string()), None)]);
        }
        assert_eq!(cache.bytes(), 0);
    }
}
