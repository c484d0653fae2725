//! Keys that their owner publishes as a set (RFC 7517, 5), fetched when needed and kept for a while.
//!
//! A key that the set has no longer is good for [`FRESH`] at most; when the set cannot be fetched, for
//! [`KEPT`]. An unknown id makes it fetched again, but not more often than every [`PAUSE`], so that
//! made-up ids cost its owner nothing.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::auth::jwt::{Algorithm, Refusal, VerifyingKey};

/// Brings a JSON document from outside. The guarded outbound client does.
pub trait FetchJson: Send + Sync {
    /// The document at `url`, or why there is none.
    fn fetch_json<'f>(&'f self, url: &'f str) -> BoxFuture<'f, Result<Value, String>>;
}

/// So long a set is taken as it is, in milliseconds.
const FRESH: i64 = 10 * 60 * 1000;
/// So long it is taken when no newer one can be fetched, in milliseconds.
const KEPT: i64 = 60 * 60 * 1000;
/// Time between two fetches, in milliseconds.
const PAUSE: i64 = 30 * 1000;
/// Longest time of a fetch.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most keys of a set; further ones are not looked at.
const MAX_KEYS: usize = 100;

/// The keys at one address.
pub(super) struct KeySet {
    uri: String,
    /// The one key of the set that counts, whatever a token says (`keyId`).
    key_id: Option<String>,
    fetch: Arc<dyn FetchJson>,
    known: RwLock<Known>,
    /// Held while fetching: when the last one began, in milliseconds since 1970.
    tried_on: Mutex<Option<i64>>,
}

#[derive(Clone, Default)]
struct Known {
    keys: Arc<[Key]>,
    /// In milliseconds since 1970.
    fetched_on: Option<i64>,
}

struct Key {
    id: Option<String>,
    /// The only algorithm that it serves, if it says so.
    algorithm: Option<String>,
    verifying: VerifyingKey,
}

impl Known {
    fn is_younger(&self, than: i64, now: i64) -> bool {
        self.fetched_on.is_some_and(|on| now.saturating_sub(on) < than)
    }

    /// The key with this id; without an id the only one that fits.
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<VerifyingKey> {
        let serves = |key: &&Key| {
            let named = key.algorithm.as_deref().map(Algorithm::named);
            key.verifying.fits(algorithm) && named.is_none_or(|named| named == Some(algorithm))
        };
        let mut fitting = self.keys.iter().filter(serves);
        match id {
            Some(id) => {
                fitting.find(|key| key.id.as_deref() == Some(id)).map(|key| key.verifying.clone())
            }
            None => {
                fitting.next().filter(|_| fitting.next().is_none()).map(|key| key.verifying.clone())
            }
        }
    }
}

impl KeySet {
    pub(super) fn new(uri: String, key_id: Option<String>, fetch: Arc<dyn FetchJson>) -> Self {
        Self { uri, key_id, fetch, known: RwLock::default(), tried_on: Mutex::default() }
    }

    /// The key for a token with this key id, at `now` in milliseconds since 1970.
    pub(super) async fn find(
        &self,
        key_id: Option<&str>,
        algorithm: Algorithm,
        now: i64,
    ) -> Result<VerifyingKey, Refusal> {
        let key_id = self.key_id.as_deref().or(key_id);
        let known = self.known();
        if known.is_younger(FRESH, now)
            && let Some(key) = known.find(key_id, algorithm)
        {
            return Ok(key);
        }
        self.refresh(now).await;
        let known = self.known();
        if !known.is_younger(KEPT, now) {
            return Err(Refusal::NoKeys);
        }
        known.find(key_id, algorithm).ok_or(Refusal::UnknownKey)
    }

    fn known(&self) -> Known {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fetches the set, unless that was just tried. Those who come meanwhile wait for it.
    async fn refresh(&self, now: i64) {
        let mut tried_on = self.tried_on.lock().await;
        if tried_on.is_some_and(|on| now.saturating_sub(on) < PAUSE) {
            return;
        }
        *tried_on = Some(now);
        let fetched = timeout(PATIENCE, self.fetch.fetch_json(&self.uri)).await;
        let fetched = fetched.unwrap_or_else(|_| Err("it took too long".to_owned()));
        match fetched.and_then(|document| read(&document)) {
            Ok(keys) => {
                let known = Known { keys, fetched_on: Some(now) };
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
            }
            Err(error) => tracing::warn!(uri = self.uri, error, "cannot fetch signing keys"),
        }
    }
}

/// The keys of a set that can be used; those of other kinds are left out.
fn read(document: &Value) -> Result<Arc<[Key]>, String> {
    let keys = document.get("keys").and_then(Value::as_array).ok_or("it is no JSON Web Key Set")?;
    let read = |key: &Value| {
        let fields = key.as_object()?;
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let verifying = VerifyingKey::from_jwk(fields).ok()?;
        Some(Key { id: text("kid"), algorithm: text("alg"), verifying })
    };
    Ok(keys.iter().take(MAX_KEYS).filter_map(read).collect())
}
