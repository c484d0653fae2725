//! Login tokens made by hand (RFC 7515, `spec` http 2.3).

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

/// `appSecret` of the servers under test.
pub(super) const SECRET: &str = "only-for-tests-0123456789-abcdefghijklmnop";

/// The header that v12 writes.
pub(super) const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

/// The claims of an account's token that holds.
pub(super) fn claims(email: &str) -> Value {
    json!({
        "email": email, "strategy": "default", "tokenVersion": 1, "isSuperAdmin": false,
        "iat": now() - 10, "exp": now() + 3000, "aud": "collaborators",
    })
}

/// A token with our secret.
pub(super) fn of(claims: &Value) -> String {
    signed(HEADER, &claims.to_string(), SECRET.as_bytes())
}

/// A token of these texts, signed with HMAC-SHA256.
pub(super) fn signed(header: &str, claims: &str, secret: &[u8]) -> String {
    let text = format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    format!("{text}.{}", encode(tag.as_ref()))
}

/// Base64 as tokens have it.
pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
