//! From credentials to a [`Caller`] (`spec` http 2.3, 2.6): a login token, or an API key wherever one
//! is accepted.

use super::error::Rejected;
use super::{Auth, AuthError, Unavailable, is_same_secret};
use crate::auth::key::{KEY_PREFIX, KeyText};
use crate::auth::permission::Scopes;
use crate::auth::token::Audience;
use crate::auth::{AccountId, Caller, KeyLimits};

/// Longest scheme that is repeated in an error, in characters.
const MAX_SCHEME: usize = 20;

/// What a request presents.
#[derive(Debug, Clone, Copy)]
pub enum Presented<'p> {
    /// A token or key from the `Authorization` header.
    Bearer(&'p str),
    /// A token from the cookie `jwtToken`. Browsers send cookies by themselves, so the CSRF token
    /// must come along.
    Cookie {
        /// The token.
        token: &'p str,
        /// Header `CSRF-Token`.
        csrf: Option<&'p str>,
    },
}

/// The token in the value of an `Authorization` header.
pub fn bearer(header: Option<&str>) -> Result<&str, AuthError> {
    let header = header.map(str::trim).filter(|header| !header.is_empty());
    let header = header.ok_or(AuthError::NoHeader)?;
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AuthError::Scheme(scheme.chars().take(MAX_SCHEME).collect()));
    }
    let token = token.trim_start();
    if token.is_empty() { Err(AuthError::NoToken) } else { Ok(token) }
}

impl Auth {
    /// Who presents this. Asks the store each time: what was revoked is refused at once.
    pub async fn authenticate(&self, presented: Presented<'_>) -> Result<Caller, AuthError> {
        match presented {
            Presented::Bearer(text) if text.starts_with(KEY_PREFIX) => self.key(text).await,
            Presented::Bearer(token) => self.token(token, |_| true).await,
            Presented::Cookie { token, csrf } => {
                let fits = |expected: Option<&str>| match (expected, csrf) {
                    (Some(expected), Some(given)) => is_same_secret(expected, given),
                    _ => false,
                };
                self.token(token, fits).await
            }
        }
    }

    async fn token(
        &self,
        token: &str,
        csrf_fits: impl Fn(Option<&str>) -> bool,
    ) -> Result<Caller, AuthError> {
        let claims = self.tokens.verify(token, Audience::Collaborators, self.now());
        let claims = claims.map_err(|refusal| AuthError::Invalid(refusal.into()))?;
        if !csrf_fits(claims.csrf.as_deref()) {
            return Err(AuthError::Invalid(Rejected::Csrf));
        }
        let id = AccountId { email: claims.email, strategy: claims.strategy };
        let account = self.account(&id).await?;
        let account = account.ok_or(AuthError::Invalid(Rejected::NoAccount))?;
        if account.token_version != claims.token_version {
            return Err(AuthError::Invalid(Rejected::Revoked));
        }
        // The token's own word on this is for clients only.
        Ok(Caller::Account { super_admin: self.is_super_admin(&account), account: id })
    }

    async fn key(&self, text: &str) -> Result<Caller, AuthError> {
        let invalid = |why| Err(AuthError::Invalid(why));
        let Ok(text) = KeyText::parse(text) else {
            return invalid(Rejected::KeyForm);
        };
        let found = self.store.api_key_by_hash(&text.hash()).await.map_err(Unavailable::from)?;
        let Some(key) = found else {
            return invalid(Rejected::NoKey);
        };
        let now = self.now();
        if key.revoked_on.is_some() {
            return invalid(Rejected::KeyRevoked);
        }
        if key.expires_on.is_some_and(|end| end <= now) {
            return invalid(Rejected::KeyExpired);
        }
        let Ok(scopes) = Scopes::parse(&key.scopes) else {
            return invalid(Rejected::KeyDamaged);
        };
        let id = AccountId { email: key.email.clone(), strategy: key.strategy.clone() };
        let Some(owner) = self.account(&id).await? else {
            return invalid(Rejected::NoAccount);
        };
        if key.is_touch_due(now)
            && let Err(error) = self.store.touch_api_key(&key.id, now).await
        {
            tracing::warn!(key = key.id, %error, "the use of a key could not be noted");
        }
        let limits = KeyLimits {
            scopes,
            bots: key.bots,
            workspace: key.workspace,
            rate_limit: key.rate_limit,
        };
        Ok(Caller::Key {
            id: key.id,
            super_admin: self.is_super_admin(&owner),
            account: id,
            limits,
        })
    }
}
