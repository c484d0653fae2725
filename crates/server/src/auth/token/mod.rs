//! Login tokens: what a collaborator gets for email and password, and shows with every call (`spec`
//! http 2.3).
//!
//! The claims are v12's, so that its clients can read them, with our `iss` besides. Tokens that v12 made
//! with the same `appSecret` pass until they expire. What a token says about rights is never
//! believed: it names an account, and the store says what that may.

use std::time::Duration;

use ring::{digest, hmac};
use serde_json::{Map, Value, json};

use super::jwt::{Algorithm, Compact, Refusal, VerifyingKey, check_dates, encode, sign_hs256};

/// Who makes our tokens.
const ISSUER: &str = "parlance";

/// Longest email in a token, in bytes (RFC 5321, 4.5.3.1).
const MAX_EMAIL: usize = 320;

/// What a token may be used for. A token of one kind is never taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// People who run bots.
    Collaborators,
    /// People who talk to bots.
    ChatUsers,
    /// Modules and actions.
    ApiUser,
}

impl Audience {
    /// Its name in a token.
    pub fn name(self) -> &'static str {
        match self {
            Self::Collaborators => "collaborators",
            Self::ChatUsers => "chat_users",
            Self::ApiUser => "api_user",
        }
    }
}

/// Whom a token is made for.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'s> {
    /// The account's email.
    pub email: &'s str,
    /// The account's strategy.
    pub strategy: &'s str,
    /// The account's token version; when it grows, all its tokens end.
    pub token_version: i64,
    /// Told to clients, who show other things to super admins.
    pub super_admin: bool,
    /// In cookie mode, the value that every request must carry besides.
    pub csrf: Option<&'s str>,
}

/// What a token that holds says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The account's email.
    pub email: String,
    /// The account's strategy.
    pub strategy: String,
    /// The token version when it was made.
    pub token_version: i64,
    /// `csrfToken`.
    pub csrf: Option<String>,
}

/// Makes and checks login tokens with one secret.
pub struct LoginTokens {
    signing: hmac::Key,
    verifying: VerifyingKey,
    key_id: String,
    validity: Duration,
}

impl LoginTokens {
    /// `secret` is `appSecret`; `validity` is `jwtToken.duration`.
    pub fn new(secret: &[u8], validity: Duration) -> Self {
        let signing = hmac::Key::new(hmac::HMAC_SHA256, secret);
        // A digest of the secret itself would help who guesses at it; this tells no more than any
        // token does.
        let tag = hmac::sign(&signing, b"key id");
        let fingerprint = digest::digest(&digest::SHA256, tag.as_ref());
        let key_id = encode(fingerprint.as_ref().get(..9).unwrap_or_default());
        Self { signing, verifying: VerifyingKey::Secret(secret.to_vec()), key_id, validity }
    }

    /// How long a token holds.
    pub fn validity(&self) -> Duration {
        self.validity
    }

    /// Whether `tag` is the HMAC-SHA256 of a message with the same secret.
    pub fn has_signed(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.signing, message, tag).is_ok()
    }

    /// A token for `subject`, made at `now` in milliseconds since 1970.
    pub fn issue(&self, subject: &Subject<'_>, audience: Audience, now: i64) -> String {
        let header = json!({"alg": "HS256", "typ": "JWT", "kid": self.key_id});
        let issued = now.div_euclid(1000);
        let validity = i64::try_from(self.validity.as_millis().div_ceil(1000)).unwrap_or(i64::MAX);
        let mut claims = Map::new();
        claims.insert("email".to_owned(), subject.email.into());
        claims.insert("strategy".to_owned(), subject.strategy.into());
        claims.insert("tokenVersion".to_owned(), subject.token_version.into());
        claims.insert("isSuperAdmin".to_owned(), subject.super_admin.into());
        if let Some(csrf) = subject.csrf {
            claims.insert("csrfToken".to_owned(), csrf.into());
        }
        claims.insert("iat".to_owned(), issued.into());
        claims.insert("exp".to_owned(), issued.saturating_add(validity).into());
        claims.insert("aud".to_owned(), audience.name().into());
        claims.insert("iss".to_owned(), ISSUER.into());
        let claims = Value::Object(claims).to_string();
        sign_hs256(&self.signing, header.to_string().as_bytes(), claims.as_bytes())
    }

    /// What a token says, if it is one of ours (or v12's) for `audience` and holds at `now`, in
    /// milliseconds since 1970. Whether its account is still there and has that token version is
    /// for the caller to look up.
    pub fn verify(&self, token: &str, audience: Audience, now: i64) -> Result<Claims, Refusal> {
        let compact = Compact::parse(token)?;
        if compact.kind.as_deref() != Some("JWT") {
            return Err(Refusal::Invalid);
        }
        // v12's tokens name no key.
        if compact.key_id.as_ref().is_some_and(|id| *id != self.key_id) {
            return Err(Refusal::UnknownKey);
        }
        let claims = compact.verify(&self.verifying, &[Algorithm::Hs256])?;
        check_dates(&claims, now, true)?;
        if claims.get("aud").and_then(Value::as_str) != Some(audience.name()) {
            return Err(Refusal::Audience(audience.name().to_owned()));
        }
        if claims.get("iss").is_some_and(|issuer| issuer != ISSUER) {
            return Err(Refusal::Issuer(ISSUER.to_owned()));
        }
        read(&claims).ok_or(Refusal::Invalid)
    }
}

fn read(claims: &Map<String, Value>) -> Option<Claims> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let email = text("email").filter(|email| is_email(email))?;
    let csrf = match claims.get("csrfToken") {
        None => None,
        Some(value) => Some(value.as_str()?.to_owned()),
    };
    Some(Claims {
        email: email.to_owned(),
        strategy: text("strategy").filter(|strategy| !strategy.is_empty())?.to_owned(),
        token_version: claims.get("tokenVersion").and_then(Value::as_i64)?,
        csrf,
    })
}

/// Whether an account can have this email: they are kept in lower case.
fn is_email(email: &str) -> bool {
    (1..=MAX_EMAIL).contains(&email.len())
        && email.to_lowercase() == email
        && !email.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod forged;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    pub(super) fn tokens() -> LoginTokens {
        LoginTokens::new(b"0123456789012345678901234567890123456789", Duration::from_hours(1))
    }

    pub(super) fn subject() -> Subject<'static> {
        Subject {
            email: "admin@example.com",
            strategy: "default",
            token_version: 3,
            super_admin: true,
            csrf: None,
        }
    }

    #[test]
    fn a_token_names_its_account_until_it_expires() {
        let token = tokens().issue(&subject(), Audience::Collaborators, NOW);
        let claims = tokens().verify(&token, Audience::Collaborators, NOW + 3_599_999).unwrap();
        let expected = Claims {
            email: "admin@example.com".to_owned(),
            strategy: "default".to_owned(),
            token_version: 3,
            csrf: None,
        };
        assert_eq!(claims, expected);
        let late = tokens().verify(&token, Audience::Collaborators, NOW + 3_600_000);
        assert_eq!(late, Err(Refusal::Expired));
    }

    #[test]
    fn the_claims_are_v12s_in_its_order() {
        let with_csrf = Subject { csrf: Some("abc"), ..subject() };
        let token = tokens().issue(&with_csrf, Audience::Collaborators, NOW);
        let claims = super::super::jwt::Compact::parse(&token).unwrap();
        let claims = claims.verify(&tokens().verifying, &[Algorithm::Hs256]).unwrap();
        let expected = "{\"email\":\"admin@example.com\",\"strategy\":\"default\",\"tokenVersion\":3,\
                        \"isSuperAdmin\":true,\"csrfToken\":\"abc\",\"iat\":1700000000,\
                        \"exp\":1700003600,\"aud\":\"collaborators\",\"iss\":\"parlance\"}";
        assert_eq!(Value::Object(claims).to_string(), expected);
        let read = tokens().verify(&token, Audience::Collaborators, NOW).unwrap();
        assert_eq!(read.csrf.as_deref(), Some("abc"));
    }

    #[test]
    fn a_token_of_v12_with_the_same_secret_passes() {
        let header = json!({"alg": "HS256", "typ": "JWT"}).to_string();
        let claims = json!({
            "email": "admin@example.com", "strategy": "default", "tokenVersion": 1,
            "isSuperAdmin": true, "iat": 1_699_999_000, "exp": 1_700_002_600, "aud": "collaborators"
        });
        let token = sign_hs256(&tokens().signing, header.as_bytes(), claims.to_string().as_bytes());
        let read = tokens().verify(&token, Audience::Collaborators, NOW).unwrap();
        assert_eq!((read.email.as_str(), read.token_version), ("admin@example.com", 1));
    }

    #[test]
    fn kinds_of_tokens_are_kept_apart() {
        let kinds = [Audience::Collaborators, Audience::ChatUsers, Audience::ApiUser];
        for made in kinds {
            let token = tokens().issue(&subject(), made, NOW);
            for wanted in kinds {
                let found = tokens().verify(&token, wanted, NOW);
                assert_eq!(found.is_ok(), made == wanted, "{made:?} {wanted:?}");
            }
        }
    }
}
