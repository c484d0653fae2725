//! From settings to [`ExternalTokens`]: which key counts, and which algorithms go with it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use super::key_set::{FetchJson, KeySet};
use super::{ExternalTokens, Keys};
use crate::auth::jwt::{Algorithm, KeyError, VerifyingKey};
use crate::config::{ExternalAuthConfig, Secret};

/// Where the key lies in the data directory when it is not in the settings.
pub const KEY_FILE: &str = "global/end_users_auth.pub";

/// Largest key file, in bytes.
const MAX_FILE: u64 = 64 << 10;

/// v12 takes a `publicKey` with fewer characters for none.
const MIN_PUBLIC_KEY: usize = 128;

/// Why external tokens cannot be checked with these settings.
#[derive(Debug, thiserror::Error)]
pub enum ExternalSetupError {
    /// No key is there.
    #[error(
        "pro.externalAuth is enabled and has no key: set pro.externalAuth.publicKey or \
         pro.externalAuth.jwksClient.jwksUri, or write the key to {KEY_FILE} in the data directory"
    )]
    NoKey,
    /// The key file cannot be read.
    #[error("{KEY_FILE}: cannot be read: {0}")]
    Unreadable(io::Error),
    /// The key is none.
    #[error("{place}: no key that can be used: {error}")]
    Key {
        /// The setting or file it comes from.
        place: &'static str,
        /// What is wrong with it.
        error: KeyError,
    },
    /// No allowed algorithm works with the key.
    #[error(
        "pro.externalAuth.algorithms allows nothing that {place} can check: a public key takes \
         RS256, RS384, RS512, PS256, PS384, PS512, ES256 (P-256) or ES384 (P-384), by its kind; HS256, \
         HS384 and HS512 take a secret"
    )]
    Algorithms {
        /// The setting or file that holds the key.
        place: &'static str,
    },
}

/// The text of the key file; `None` when there is none.
pub fn read_key_file(data_dir: &Path) -> Result<Option<String>, ExternalSetupError> {
    let mut text = String::new();
    let read = File::open(data_dir.join(KEY_FILE))
        .and_then(|file| file.take(MAX_FILE).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ExternalSetupError::Unreadable(error)),
    }
}

impl ExternalTokens {
    /// Checks tokens by these settings; `None` when they are switched off. `key_file` is the text of
    /// [`KEY_FILE`], `fetch` brings key sets.
    pub fn new(
        config: &ExternalAuthConfig,
        key_file: Option<&str>,
        fetch: Arc<dyn FetchJson>,
    ) -> Result<Option<Self>, ExternalSetupError> {
        if !config.enabled {
            return Ok(None);
        }
        let (keys, place) = keys(config, key_file, fetch)?;
        let fits = |algorithm: &Algorithm| match &keys {
            Keys::One(key) => key.fits(*algorithm),
            // A set is public, so it holds no secrets.
            Keys::Set(_) => !algorithm.is_symmetric(),
        };
        let algorithms: Vec<Algorithm> = config.algorithms.iter().copied().filter(fits).collect();
        if algorithms.is_empty() {
            return Err(ExternalSetupError::Algorithms { place });
        }
        Ok(Some(Self {
            keys,
            algorithms,
            audience: config.audience.clone(),
            issuer: config.issuer.clone(),
            user_claim: config.user_claim.clone(),
        }))
    }
}

/// A key set comes before a key, a key in the settings before the file, and a short one, which v12
/// would not look at, last.
fn keys(
    config: &ExternalAuthConfig,
    key_file: Option<&str>,
    fetch: Arc<dyn FetchJson>,
) -> Result<(Keys, &'static str), ExternalSetupError> {
    const SET: &str = "pro.externalAuth.jwksClient";
    const SETTING: &str = "pro.externalAuth.publicKey";
    if let Some(uri) = &config.key_set_uri {
        return Ok((Keys::Set(KeySet::new(uri.clone(), config.key_id.clone(), fetch)), SET));
    }
    let setting = config.public_key.as_ref().map(Secret::expose);
    let is_long = |key: &&str| key.chars().count() >= MIN_PUBLIC_KEY;
    let (text, place) = match (setting.filter(is_long), key_file, setting) {
        (Some(key), _, _) | (None, None, Some(key)) => (key, SETTING),
        (None, Some(key), _) => (key, KEY_FILE),
        (None, None, None) => return Err(ExternalSetupError::NoKey),
    };
    let key = VerifyingKey::from_text(text);
    Ok((Keys::One(key.map_err(|error| ExternalSetupError::Key { place, error })?), place))
}
