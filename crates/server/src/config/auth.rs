//! Who may log in and how: `appSecret`, `jwtToken`, `superAdmins`, `authStrategies`,
//! `pro.externalAuth`, `parlance.auth` (`spec` http 1.8, 2.4, 2.5).

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::{Map, Value};

use super::reader::Reader;
use crate::auth::Algorithm;
use crate::auth::password::{Password, PasswordPolicy, V12_MIN_LENGTH};

/// How long a login lasts.
const DURATION: Duration = Duration::from_hours(1);
const DURATIONS: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_hours(10 * 365 * 24);
/// How long an account is locked, and how long a password lasts.
const SPANS: RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_hours(100 * 365 * 24);
const ATTEMPTS: RangeInclusive<u64> = 0..=1_000_000;
const LENGTHS: RangeInclusive<u64> = 0..=200;
/// Longest list that is taken.
const MAX_LIST: usize = 1_000;
/// A secret with fewer characters can be found by trying.
const STRONG_SECRET: usize = 32;
/// v12's strategy of email and password.
const DEFAULT_STRATEGY: &str = "default";

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Who may log in and how.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthConfig {
    /// `appSecret` or `APP_SECRET`: signs tokens. Without it the server makes one and keeps it.
    pub app_secret: Option<Secret>,
    /// `jwtToken.duration`: how long a login lasts.
    pub token_duration: Duration,
    /// `jwtToken.allowRefresh`: whether a token can be had for a token.
    pub allow_refresh: bool,
    /// `jwtToken.useCookieStorage`: tokens live in a cookie, with a CSRF token besides.
    pub use_cookies: bool,
    /// `jwtToken.cookieOptions`: laid over those of the cookie.
    pub cookie_options: Map<String, Value>,
    /// `superAdmins`: who may do everything, as email in lower case and strategy.
    pub super_admins: Vec<(String, String)>,
    /// `maxLoginAttempt`: an account with more failures is locked. `None`: v12's lock is off.
    pub max_login_attempt: Option<u32>,
    /// `lockoutDuration`: for how long; `None` for ever.
    pub lockout_duration: Option<Duration>,
    /// What passwords must be.
    pub passwords: PasswordPolicy,
    /// `pro.externalAuth`.
    pub external: ExternalAuthConfig,
    /// Whether the first account needs no code (`parlance.auth.openRegistration`; ours).
    pub open_registration: bool,
    /// The account to make at a start without any (`BP_ADMIN_EMAIL`, `BP_ADMIN_PASSWORD`).
    pub first_account: Option<(String, Password)>,
}

/// `pro.externalAuth`: tokens that chat users bring from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExternalAuthConfig {
    /// Whether they are looked at.
    pub enabled: bool,
    /// One of them must be the token's; empty takes any.
    pub audience: Vec<String>,
    /// One of them must be the token's; empty takes any.
    pub issuer: Vec<String>,
    /// Allowed algorithms.
    pub algorithms: Vec<Algorithm>,
    /// A public key as PEM, or a secret.
    pub public_key: Option<Secret>,
    /// `jwksClient.jwksUri`: where a key set is published.
    pub key_set_uri: Option<String>,
    /// `jwksClient.keyId`: the one key of it that counts.
    pub key_id: Option<String>,
    /// A claim that must be the id of the chat user (`userClaim`; ours).
    pub user_claim: Option<String>,
}

/// Reads all of it.
pub(super) fn read(reader: &mut Reader<'_>) -> AuthConfig {
    const OPTIONS: &str = "authStrategies.default.options";
    let option = |name: &str| format!("{OPTIONS}.{name}");
    let max_login_attempt = whole(reader, &option("maxLoginAttempt"), ATTEMPTS);
    let lockout_duration = span(reader, &option("lockoutDuration"), SPANS);
    let min_length = whole(reader, &option("passwordMinLength"), LENGTHS);
    let passwords = PasswordPolicy {
        min_length: min_length.and_then(|length| usize::try_from(length).ok()),
        complex: reader.switch(&option("requireComplexPassword")).unwrap_or(false),
        expires_after: span(reader, &option("passwordExpiryDelay"), SPANS),
    };
    AuthConfig {
        app_secret: app_secret(reader),
        token_duration: span(reader, "jwtToken.duration", DURATIONS).unwrap_or(DURATION),
        allow_refresh: reader.switch("jwtToken.allowRefresh").unwrap_or(true),
        use_cookies: reader.switch("jwtToken.useCookieStorage").unwrap_or(false),
        cookie_options: object(reader, "jwtToken.cookieOptions"),
        super_admins: super_admins(reader),
        max_login_attempt: max_login_attempt.and_then(|count| u32::try_from(count).ok()),
        lockout_duration,
        passwords,
        external: external(reader),
        open_registration: reader.switch("parlance.auth.openRegistration").unwrap_or(false),
        first_account: first_account(reader),
    }
}

/// A number; zero counts as absent.
fn whole(reader: &mut Reader<'_>, key: &str, range: RangeInclusive<u64>) -> Option<u64> {
    if reader.is_falsy(key) { None } else { reader.whole(key, range).filter(|count| *count > 0) }
}

/// A duration; falsy values count as absent.
fn span(reader: &mut Reader<'_>, key: &str, range: RangeInclusive<Duration>) -> Option<Duration> {
    if reader.is_falsy(key) { None } else { reader.duration(key, range) }
}

fn app_secret(reader: &mut Reader<'_>) -> Option<Secret> {
    const KEY: &str = "appSecret";
    let secret = secret(reader, KEY)?;
    if secret.expose().chars().count() < STRONG_SECRET {
        let advice = format!(
            "appSecret has fewer than {STRONG_SECRET} characters: who sees one token can find it by \
             trying, and then make tokens for everybody"
        );
        reader.warn(reader.origin(KEY), advice);
    }
    Some(secret)
}

/// A text that is not shown, whatever is wrong with it; an empty one counts as absent.
fn secret(reader: &mut Reader<'_>, key: &str) -> Option<Secret> {
    match reader.value(key)? {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(Secret::new(text.as_str())),
        _ => {
            reader.refuse(key, "a text");
            None
        }
    }
}

fn object(reader: &mut Reader<'_>, key: &str) -> Map<String, Value> {
    match reader.value(key) {
        None => Map::new(),
        Some(Value::Object(fields)) => fields.clone(),
        Some(_) => {
            reader.refuse(key, "an object");
            Map::new()
        }
    }
}

/// v12 lists `{email, strategy}`, v11 emails.
fn super_admins(reader: &mut Reader<'_>) -> Vec<(String, String)> {
    const KEY: &str = "superAdmins";
    let name = |entry: &Value| {
        let (email, strategy) = match entry {
            Value::String(email) => (email.as_str(), DEFAULT_STRATEGY),
            Value::Object(fields) => {
                let strategy = match fields.get("strategy") {
                    None => DEFAULT_STRATEGY,
                    Some(strategy) => strategy.as_str()?,
                };
                (fields.get("email")?.as_str()?, strategy)
            }
            _ => return None,
        };
        Some((email.trim().to_lowercase(), strategy.to_owned()))
    };
    let allowed = format!(
        "a list of at most {MAX_LIST} accounts, such as [{{\"email\": \"a@example.com\", \
         \"strategy\": \"default\"}}]"
    );
    list(reader, KEY, &allowed, name)
}

/// A list whose items `parse` understands, all of them.
fn list<T>(
    reader: &mut Reader<'_>,
    key: &str,
    allowed: &str,
    parse: impl Fn(&Value) -> Option<T>,
) -> Vec<T> {
    let Some(value) = reader.value(key) else {
        return Vec::new();
    };
    let items = value.as_array().filter(|items| items.len() <= MAX_LIST);
    let parsed = items.and_then(|items| items.iter().map(parse).collect::<Option<Vec<T>>>());
    parsed.unwrap_or_else(|| {
        reader.refuse(key, allowed);
        Vec::new()
    })
}

fn external(reader: &mut Reader<'_>) -> ExternalAuthConfig {
    const ALGORITHMS: &str = "pro.externalAuth.algorithms";
    const URI: &str = "pro.externalAuth.jwksClient.jwksUri";
    let names: Vec<&str> = Algorithm::names().collect();
    let allowed = format!("a list of {}", names.join(", "));
    let mut algorithms =
        list(reader, ALGORITHMS, &allowed, |name| name.as_str().and_then(Algorithm::named));
    if algorithms.is_empty() {
        algorithms.push(Algorithm::Hs256);
    }
    let address = |text: &str| {
        let is_address = text.starts_with("https://") || text.starts_with("http://");
        is_address.then(|| text.to_owned())
    };
    ExternalAuthConfig {
        enabled: reader.switch("pro.externalAuth.enabled").unwrap_or(false),
        audience: texts(reader, "pro.externalAuth.audience"),
        issuer: texts(reader, "pro.externalAuth.issuer"),
        algorithms,
        public_key: secret(reader, "pro.externalAuth.publicKey"),
        key_set_uri: filled(reader, URI, "an https or http address", address),
        key_id: name(reader, "pro.externalAuth.jwksClient.keyId"),
        user_claim: name(reader, "pro.externalAuth.userClaim"),
    }
}

fn name(reader: &mut Reader<'_>, key: &str) -> Option<String> {
    filled(reader, key, "a text", |text| Some(text.to_owned()))
}

/// A text that `parse` understands; an empty one counts as absent.
fn filled<T>(
    reader: &mut Reader<'_>,
    key: &str,
    allowed: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    if reader.is_falsy(key) { None } else { reader.text(key, allowed, parse) }
}

/// A text, or a list of texts.
fn texts(reader: &mut Reader<'_>, key: &str) -> Vec<String> {
    match reader.value(key) {
        Some(Value::String(text)) if text.is_empty() => Vec::new(),
        Some(Value::String(text)) => vec![text.clone()],
        _ => {
            list(reader, key, "a text or a list of texts", |item| item.as_str().map(str::to_owned))
        }
    }
}

/// v12's own rule for the first account, and no stricter one: deployments have such variables.
fn first_account(reader: &mut Reader<'_>) -> Option<(String, Password)> {
    const EMAIL: &str = "BP_ADMIN_EMAIL";
    const PASSWORD: &str = "BP_ADMIN_PASSWORD";
    let is_long = |text: &str| text.chars().count() >= V12_MIN_LENGTH;
    let allowed = format!("a text of at least {V12_MIN_LENGTH} characters");
    let email = reader.variable(EMAIL, &allowed, |text| {
        let email = text.trim().to_lowercase();
        is_long(&email).then_some(email)
    });
    let hidden = |reader: &mut Reader<'_>| {
        reader.refuse_variable(PASSWORD, "a shorter one (not shown)".to_owned(), &allowed);
    };
    let (email, password) = match (email, reader.private_variable(PASSWORD)) {
        (Some(email), Some(password)) => (email, password),
        (Some(_), None) => {
            reader.warn_variable(EMAIL, "without BP_ADMIN_PASSWORD it makes no account");
            return None;
        }
        (None, _) => return None,
    };
    if !is_long(password) {
        hidden(reader);
        return None;
    }
    Some((email, Password::new(password)))
}
