//! API keys: made, listed and revoked by their owners, revoked by super admins. A key makes no
//! keys: it could give itself away a wider one.

use parlance_store::{ApiKey, KEYS_LIMIT};

use super::{Auth, Unavailable};
use crate::auth::key::{KeyText, random_text};
use crate::auth::permission::{ScopeError, Scopes};
use crate::auth::{AccountId, Caller};

/// Most keys of an account that are good at the same time.
const MAX_KEYS: usize = 100;
/// Longest name of a key, in characters.
const MAX_NAME: usize = 100;
/// Most bots that a key names, and the longest id, in bytes.
const MAX_BOTS: usize = 1000;
const MAX_ID: usize = 200;
/// Longest id of a key that is looked for.
const MAX_KEY_ID: usize = 64;
/// Most requests per minute that a key can be given.
const MAX_RATE: i64 = 1_000_000;
/// Characters of a key's id.
const ID_LENGTH: usize = 16;

/// A key that somebody wants.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What its owner calls it.
    pub name: String,
    /// What it may, such as `bot.*:r`.
    pub scopes: Vec<String>,
    /// The bots for which it is good; `None`: all of its owner.
    pub bots: Option<Vec<String>>,
    /// The workspace for which it is good; `None`: all of its owner.
    pub workspace: Option<String>,
    /// When it ends, in milliseconds since 1970; `None`: when it is revoked.
    pub expires_on: Option<i64>,
    /// Requests per minute; `None`: no limit of its own.
    pub rate_limit: Option<i64>,
}

/// A key that was made. This is the only time that its text can be seen.
#[derive(Debug, Clone)]
pub struct MadeKey {
    /// The text.
    pub text: KeyText,
    /// What is stored.
    pub key: ApiKey,
}

/// Why a key was not made, listed or revoked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Only a person can.
    #[error("API keys are made and revoked by people who are logged in, not with a key")]
    NotAPerson,
    /// The scopes are none.
    #[error(transparent)]
    Scopes(#[from] ScopeError),
    /// Something else about it is wrong.
    #[error("{field}: {problem}")]
    Field {
        /// What.
        field: &'static str,
        /// What would be right.
        problem: &'static str,
    },
    /// The account has too many.
    #[error("the account has {MAX_KEYS} keys already: revoke one first")]
    TooMany,
    /// There is none with this id that the caller could revoke.
    #[error("no such key")]
    Unknown,
    /// It cannot be done now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Auth {
    /// Makes a key for the account that calls.
    pub async fn create_key(&self, caller: &Caller, new: NewKey) -> Result<MadeKey, KeyError> {
        let owner = person(caller)?;
        let now = self.now();
        Scopes::parse(&new.scopes)?;
        check(&new, now)?;
        let is_good =
            |key: &ApiKey| key.revoked_on.is_none() && key.expires_on.is_none_or(|end| end > now);
        let keys = self.list_keys(owner).await?;
        let is_full = i64::try_from(keys.len()).map_or(true, |count| count >= KEYS_LIMIT);
        if is_full || keys.iter().filter(|key| is_good(key)).count() >= MAX_KEYS {
            return Err(KeyError::TooMany);
        }
        let text = KeyText::generate().map_err(Unavailable::from)?;
        let key = ApiKey {
            id: random_text(ID_LENGTH).map_err(Unavailable::from)?,
            hash: text.hash(),
            prefix: text.shown().to_owned(),
            name: new.name,
            email: owner.email.clone(),
            strategy: owner.strategy.clone(),
            scopes: new.scopes,
            bots: new.bots,
            workspace: new.workspace,
            created_on: now,
            expires_on: new.expires_on,
            last_used_on: None,
            revoked_on: None,
            rate_limit: new.rate_limit,
        };
        if !self.store.create_api_key(key.clone()).await.map_err(Unavailable::from)? {
            // The account was deleted meanwhile.
            return Err(KeyError::NotAPerson);
        }
        Ok(MadeKey { text, key })
    }

    /// The keys of an account, also those that have ended.
    pub async fn list_keys(&self, owner: &AccountId) -> Result<Vec<ApiKey>, Unavailable> {
        Ok(self.store.api_keys_of(&owner.email, &owner.strategy).await?)
    }

    /// Takes a key back, at once: the caller's own, or as super admin anybody's.
    pub async fn revoke_key(&self, caller: &Caller, id: &str) -> Result<(), KeyError> {
        let owner = person(caller)?;
        let is_own = self.list_keys(owner).await?.iter().any(|key| key.id == id);
        if !is_key_id(id) || !(is_own || caller.is_super_admin()) {
            return Err(KeyError::Unknown);
        }
        let revoked = self.store.revoke_api_key(id, self.now()).await.map_err(Unavailable::from)?;
        // One that was taken back before is taken back.
        if revoked || is_own { Ok(()) } else { Err(KeyError::Unknown) }
    }
}

/// Whether a key can have this id.
pub fn is_key_id(id: &str) -> bool {
    (1..=MAX_KEY_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn person(caller: &Caller) -> Result<&AccountId, KeyError> {
    match caller {
        Caller::Account { account, .. } => Ok(account),
        Caller::Key { .. } | Caller::Anonymous => Err(KeyError::NotAPerson),
    }
}

fn check(new: &NewKey, now: i64) -> Result<(), KeyError> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_id = |id: &String| (1..=MAX_ID).contains(&id.len()) && id.bytes().all(is_letter);
    let name = &new.name;
    let is_trimmed = name.trim().len() == name.len();
    let wrong = |field, problem| Err(KeyError::Field { field, problem });
    let is_short = (1..=MAX_NAME).contains(&name.chars().count());
    if !is_short || !is_trimmed || name.chars().any(char::is_control) {
        let problem = "from 1 to 100 characters, no control characters, no blanks around them";
        return wrong("name", problem);
    }
    let is_list =
        |bots: &Vec<String>| (1..=MAX_BOTS).contains(&bots.len()) && bots.iter().all(is_id);
    if !new.bots.as_ref().is_none_or(is_list) {
        return wrong("bots", "from 1 to 1000 ids of bots; leave it out for all");
    }
    if !new.workspace.as_ref().is_none_or(is_id) {
        return wrong("workspace", "the id of a workspace; leave it out for all");
    }
    if new.expires_on.is_some_and(|end| end <= now) {
        return wrong("expiresOn", "a time to come, in milliseconds since 1970");
    }
    if new.rate_limit.is_some_and(|rate| !(1..=MAX_RATE).contains(&rate)) {
        return wrong("rateLimit", "from 1 to 1000000 requests per minute");
    }
    Ok(())
}
