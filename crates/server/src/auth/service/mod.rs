//! The service: passwords, tokens, keys and rules tied to the store (`spec` http 2).
//!
//! One file for each thing that is done: `login`, `register`, `authenticate` (credentials → [`Caller`](super::Caller)),
//! `access` (may a caller do this), `keys`, `profile`, `accounts`. Nothing is cached of accounts and keys:
//! what is revoked in the store is revoked with the next call.

mod access;
mod accounts;
mod authenticate;
mod chat;
mod error;
mod keys;
mod login;
mod profile;
mod register;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex as SyncMutex};

use parlance_store::{Account, Store};
use ring::hmac;
use tokio::sync::Mutex;

use self::register::CodeState;
use super::AccountId;
use super::jwt::encode;
use super::key::random_text;
use super::lockout::Lockout;
use super::password::Hasher;
use super::token::{Audience, LoginTokens, Subject};
use crate::clock::{NoChance, secret_bytes};
use crate::config::AuthConfig;

pub use access::Wanted;
pub use accounts::{AccountError, V12Account};
pub use authenticate::{Presented, bearer};
pub use error::{AuthError, Denied, LoginError, Rejected, Unavailable};
pub use keys::{KeyError, MadeKey, NewKey, is_key_id};
pub use login::{Login, Session};
pub use profile::{Profile, ProfileChange, ProfileError, Refreshed};
pub use register::{FirstAccount, RegisterError};

/// Under this name the secret is kept when the configuration has none.
const SECRET_SETTING: &str = "app_secret";

/// Characters of a CSRF token.
const CSRF_LENGTH: usize = 32;

/// Milliseconds since 1970, now.
pub type Now = Box<dyn Fn() -> i64 + Send + Sync>;

/// Accounts, logins, keys and permissions.
pub struct Auth {
    store: Arc<Store>,
    config: AuthConfig,
    tokens: LoginTokens,
    hasher: Hasher,
    lockout: Lockout,
    /// The code for the first account.
    code: SyncMutex<CodeState>,
    /// Held while a stored password is replaced, so that none is written over that was set
    /// meanwhile. One server has the database for itself.
    replacing: Mutex<()>,
    now: Now,
}

impl Auth {
    /// Finds the secret of tokens, or makes one that stays.
    pub async fn open(
        store: Arc<Store>,
        config: AuthConfig,
        now: Now,
    ) -> Result<Self, Unavailable> {
        let secret = if let Some(secret) = &config.app_secret {
            secret.expose().to_owned()
        } else {
            let fresh = encode(&secret_bytes::<32>()?);
            store.set_setting_if_absent(SECRET_SETTING, &fresh).await?
        };
        let tokens = LoginTokens::new(secret.as_bytes(), config.token_duration);
        Ok(Self {
            store,
            config,
            tokens,
            hasher: Hasher::default(),
            lockout: Lockout::default(),
            code: SyncMutex::default(),
            replacing: Mutex::default(),
            now,
        })
    }

    /// Whether logins put their token into a cookie.
    pub fn uses_cookies(&self) -> bool {
        self.config.use_cookies
    }

    fn now(&self) -> i64 {
        (self.now)()
    }

    /// The stored account; `None` also for a name that none can have.
    async fn account(&self, id: &AccountId) -> Result<Option<Account>, Unavailable> {
        if !id.is_possible() {
            return Ok(None);
        }
        Ok(self.store.account(&id.email, &id.strategy).await?)
    }

    /// Whether an account may do everything: by the database, or by `superAdmins`.
    fn is_super_admin(&self, account: &Account) -> bool {
        let listed = |(email, strategy): &(String, String)| {
            *email == account.email && *strategy == account.strategy
        };
        account.super_admin || self.config.super_admins.iter().any(listed)
    }

    /// A token for an account whose token version is `token_version`.
    fn session(&self, account: &Account, token_version: i64) -> Result<Session, NoChance> {
        let csrf = if self.config.use_cookies { Some(random_text(CSRF_LENGTH)?) } else { None };
        let subject = Subject {
            email: &account.email,
            strategy: &account.strategy,
            token_version,
            super_admin: self.is_super_admin(account),
            csrf: csrf.as_deref(),
        };
        Ok(Session {
            token: self.tokens.issue(&subject, Audience::Collaborators, self.now()),
            csrf,
            valid_for: self.tokens.validity(),
            account: AccountId { email: account.email.clone(), strategy: account.strategy.clone() },
        })
    }
}

/// Compares in a time that tells nothing about where two texts differ.
fn is_same_secret(expected: &str, given: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, expected.as_bytes());
    let tag = hmac::sign(&key, expected.as_bytes());
    let other = hmac::Key::new(hmac::HMAC_SHA256, given.as_bytes());
    hmac::verify(&other, given.as_bytes(), tag.as_ref()).is_ok()
}
