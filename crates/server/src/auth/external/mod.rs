//! Tokens that chat users bring from elsewhere: header `X-BP-ExternalAuth` (`spec` http 1.8).
//!
//! Data flows header → [`ExternalTokens::verify`] → the claims, which bots see as
//! `event.credentials`. Which algorithms a token may have is the operator's word; what can check a
//! signature and make one too (HS…) never uses a public key.

mod key_set;
mod setup;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use self::key_set::KeySet;
use super::jwt::{Algorithm, Compact, Refusal, VerifyingKey, check_dates};

pub use key_set::FetchJson;
pub use setup::{ExternalSetupError, KEY_FILE, read_key_file};

/// Where the keys come from.
enum Keys {
    One(VerifyingKey),
    Set(KeySet),
}

/// Checks external tokens.
pub struct ExternalTokens {
    keys: Keys,
    /// Not empty; each fits the keys.
    algorithms: Vec<Algorithm>,
    /// One of them must be among the token's; empty takes any.
    audience: Vec<String>,
    /// The token's must be one of them; empty takes any.
    issuer: Vec<String>,
    /// A claim that must be the id of the chat user (ours).
    user_claim: Option<String>,
}

/// Why a request with an external token is refused: 401 in HTTP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExternalError {
    /// The header does not say `Bearer`.
    #[error("Unknown scheme \"{0}\"")]
    Scheme(String),
    /// The header has no token.
    #[error("Authentication token is missing")]
    Missing,
    /// The token is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Longest scheme that is repeated in an error, in characters.
const MAX_SCHEME: usize = 20;

impl ExternalTokens {
    /// The claims of the token in the header's value, at `now` in milliseconds since 1970. `user` is
    /// the chat user for whom the request speaks.
    pub async fn verify(
        &self,
        header: &str,
        user: &str,
        now: i64,
    ) -> Result<Map<String, Value>, ExternalError> {
        let header = header.trim();
        let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(ExternalError::Scheme(scheme.chars().take(MAX_SCHEME).collect()));
        }
        let token = token.trim_start();
        if token.is_empty() {
            return Err(ExternalError::Missing);
        }
        Ok(self.check(token, user, now).await?)
    }

    async fn check(
        &self,
        token: &str,
        user: &str,
        now: i64,
    ) -> Result<Map<String, Value>, Refusal> {
        let compact = Compact::parse(token)?;
        let algorithm = compact.algorithm.filter(|one| self.algorithms.contains(one));
        let algorithm = algorithm.ok_or(Refusal::Algorithm)?;
        let claims = match &self.keys {
            Keys::One(key) => compact.verify(key, &[algorithm])?,
            Keys::Set(set) => {
                let key = set.find(compact.key_id.as_deref(), algorithm, now).await?;
                compact.verify(&key, &[algorithm])?
            }
        };
        check_dates(&claims, now, false)?;
        self.check_parties(&claims)?;
        self.check_user(&claims, user)?;
        Ok(claims)
    }

    fn check_parties(&self, claims: &Map<String, Value>) -> Result<(), Refusal> {
        let is_expected = |list: &[String], found: &Value| {
            found.as_str().is_some_and(|found| list.iter().any(|expected| expected == found))
        };
        let audience_fits = match claims.get("aud") {
            Some(Value::Array(several)) => {
                several.iter().any(|one| is_expected(&self.audience, one))
            }
            Some(one) => is_expected(&self.audience, one),
            None => false,
        };
        if !self.audience.is_empty() && !audience_fits {
            return Err(Refusal::Audience(self.audience.join(" or ")));
        }
        let issuer_fits = claims.get("iss").is_some_and(|one| is_expected(&self.issuer, one));
        if !self.issuer.is_empty() && !issuer_fits {
            return Err(Refusal::Issuer(self.issuer.join(",")));
        }
        Ok(())
    }

    fn check_user(&self, claims: &Map<String, Value>, user: &str) -> Result<(), Refusal> {
        let Some(name) = &self.user_claim else {
            return Ok(());
        };
        let is_user = match claims.get(name) {
            Some(Value::String(text)) => text == user,
            Some(Value::Number(number)) => number.to_string() == user,
            _ => false,
        };
        if is_user { Ok(()) } else { Err(Refusal::User(user.to_owned())) }
    }
}
