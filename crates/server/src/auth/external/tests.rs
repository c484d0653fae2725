//! What an external token must be, key sets that change, and settings that cannot work.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use ring::hmac;
use serde_json::{Value, json};

use super::*;
use crate::auth::jwt::sign_hs256;
use crate::config::{ExternalAuthConfig, Secret};

const RSA: &str = include_str!("../jwt/fixtures/rsa.spki.pem");
const KEYS: &str = include_str!("../jwt/fixtures/keys.json");
const TOKENS: &str = include_str!("../jwt/fixtures/tokens.txt");
const SECRET: &str = "a secret that both sides know";
const NOW: i64 = 1_800_000_000_000;
const USER: &str = "user-1";

/// An owner of keys who can change them, and counts how often he is asked.
#[derive(Default)]
struct Owner {
    document: Mutex<Option<Value>>,
    asked: AtomicUsize,
}

impl Owner {
    fn with(document: Value) -> Arc<Self> {
        Arc::new(Self { document: Mutex::new(Some(document)), ..Self::default() })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn publish(&self, document: Option<Value>) {
        *self.document.lock().unwrap() = document;
    }
}

impl FetchJson for Owner {
    fn fetch_json<'f>(&'f self, _: &'f str) -> BoxFuture<'f, Result<Value, String>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let document = self.document.lock().unwrap().clone();
        async move { document.ok_or_else(|| "no answer".to_owned()) }.boxed()
    }
}

fn config(algorithms: &[&str]) -> ExternalAuthConfig {
    ExternalAuthConfig {
        enabled: true,
        algorithms: algorithms.iter().filter_map(|name| Algorithm::named(name)).collect(),
        ..ExternalAuthConfig::default()
    }
}

fn with_key(key: &str, algorithms: &[&str]) -> ExternalTokens {
    let config = ExternalAuthConfig { public_key: Some(Secret::new(key)), ..config(algorithms) };
    ExternalTokens::new(&config, None, Arc::<Owner>::default()).unwrap().unwrap()
}

fn with_set(owner: &Arc<Owner>, key_id: Option<&str>) -> ExternalTokens {
    let config = ExternalAuthConfig {
        key_set_uri: Some("https://id.example.com/keys".to_owned()),
        key_id: key_id.map(str::to_owned),
        ..config(&["HS256", "RS256", "ES256"])
    };
    ExternalTokens::new(&config, None, owner.clone()).unwrap().unwrap()
}

fn token_of(algorithm: &str) -> &'static str {
    TOKENS.lines().find_map(|line| line.strip_prefix(algorithm)).unwrap().trim()
}

fn key_set() -> Value {
    serde_json::from_str(KEYS).unwrap()
}

fn signed(secret: &str, claims: &Value) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    sign_hs256(&key, br#"{"alg":"HS256"}"#, claims.to_string().as_bytes())
}

async fn outcome(tokens: &ExternalTokens, header: &str, now: i64) -> String {
    match tokens.verify(header, USER, now).await {
        Ok(claims) => Value::Object(claims).to_string(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn refusals_speak_v12s_words() {
    let strict = ExternalTokens {
        audience: vec!["bots".to_owned(), "apps".to_owned()],
        issuer: vec!["https://id.example.com".to_owned()],
        user_claim: Some("sub".to_owned()),
        ..with_key(SECRET, &["HS256"])
    };
    let right = json!({"sub": USER, "aud": "bots", "iss": "https://id.example.com"});
    let with = |field: &str, value: Value| {
        let mut claims = right.clone();
        claims[field] = value;
        format!("Bearer {}", signed(SECRET, &claims))
    };
    let plain = format!("Bearer {}", signed(SECRET, &right));
    let audience = "jwt audience invalid. expected: bots or apps";
    let issuer = "jwt issuer invalid. expected: https://id.example.com";
    let user = "jwt user invalid. expected: user-1";
    for (header, expected) in [
        (plain.clone(), right.to_string()),
        (plain.replace("Bearer", "bEARER  "), right.to_string()),
        (plain.replace("Bearer", "Basic"), "Unknown scheme \"Basic\"".to_owned()),
        (
            signed(SECRET, &right).chars().take(9).collect(),
            "Unknown scheme \"eyJhbGciO\"".to_owned(),
        ),
        (String::new(), "Unknown scheme \"\"".to_owned()),
        ("Bearer".to_owned(), "Authentication token is missing".to_owned()),
        ("Bearer abc".to_owned(), "jwt malformed".to_owned()),
        ("Bearer a.b.c".to_owned(), "invalid token".to_owned()),
        (format!("Bearer {}", signed("another", &right)), "invalid signature".to_owned()),
        (format!("Bearer {}", token_of("RS256")), "invalid algorithm".to_owned()),
        (with("exp", json!(NOW / 1000)), "jwt expired".to_owned()),
        (with("nbf", json!(NOW / 1000 + 100)), "jwt not active".to_owned()),
        (with("aud", json!("others")), audience.to_owned()),
        (with("aud", json!(null)), audience.to_owned()),
        (with("iss", json!("https://id.example.org")), issuer.to_owned()),
        (with("iss", json!(["https://id.example.com"])), issuer.to_owned()),
        (with("sub", json!("user-2")), user.to_owned()),
        (with("sub", json!(null)), user.to_owned()),
    ] {
        assert_eq!(outcome(&strict, &header, NOW).await, expected, "{header}");
    }
    let several = with("aud", json!(["others", "apps"]));
    assert!(strict.verify(&several, USER, NOW).await.is_ok());
}

#[tokio::test]
async fn without_expectations_any_party_will_do() {
    let tokens = with_key(SECRET, &["HS256"]);
    let header = format!("Bearer {}", signed(SECRET, &json!({"aud": 5})));
    assert_eq!(outcome(&tokens, &header, NOW).await, r#"{"aud":5}"#);
}

#[tokio::test]
async fn a_public_key_is_never_a_secret() {
    let tokens = with_key(RSA, &["HS256", "RS256"]);
    assert_eq!(tokens.algorithms, [Algorithm::Rs256]);
    for secret in [RSA, RSA.trim()] {
        let forged = format!("Bearer {}", signed(secret, &json!({"sub": USER})));
        assert_eq!(outcome(&tokens, &forged, NOW).await, "invalid algorithm");
    }
    let right = format!("Bearer {}", token_of("RS256"));
    assert!(tokens.verify(&right, USER, NOW).await.is_ok());
}

#[tokio::test]
async fn keys_of_a_set_are_found_by_their_ids() {
    let owner = Owner::with(key_set());
    let tokens = with_set(&owner, None);
    for algorithm in ["RS256", "ES256", "RS256"] {
        let header = format!("Bearer {}", token_of(algorithm));
        assert!(tokens.verify(&header, USER, NOW).await.is_ok(), "{algorithm}");
    }
    assert_eq!(owner.asked(), 1, "the set is kept");
    let fixed = with_set(&owner, Some("k-rs"));
    let header = format!("Bearer {}", token_of("ES256"));
    assert_eq!(outcome(&fixed, &header, NOW).await, "no signing key matches the token");
    // The set says that this key serves RS256 alone, and no secret is taken from a set.
    let header = format!("Bearer {}", token_of("RS512"));
    assert_eq!(outcome(&tokens, &header, NOW).await, "invalid algorithm");
    let forged = format!("Bearer {}", signed(RSA, &json!({})));
    assert_eq!(outcome(&tokens, &forged, NOW).await, "invalid algorithm");
}

#[tokio::test]
async fn a_new_key_is_fetched_but_made_up_ids_cost_nothing() {
    let mut half = key_set();
    let later = half["keys"].as_array_mut().unwrap().split_off(1);
    let owner = Owner::with(half.clone());
    let tokens = with_set(&owner, None);
    let header = format!("Bearer {}", token_of("ES256"));
    for second in 0..30 {
        let found = outcome(&tokens, &header, NOW + second * 1000).await;
        assert_eq!(found, "no signing key matches the token");
    }
    assert_eq!(owner.asked(), 1);
    half["keys"].as_array_mut().unwrap().extend(later);
    owner.publish(Some(half));
    assert!(tokens.verify(&header, USER, NOW + 30_000).await.is_ok());
    assert_eq!(owner.asked(), 2);
}

#[tokio::test]
async fn a_key_that_was_taken_back_ends_and_a_silent_owner_is_borne_for_a_while() {
    const MINUTE: i64 = 60_000;
    let owner = Owner::with(key_set());
    let tokens = with_set(&owner, None);
    let header = format!("Bearer {}", token_of("RS256"));
    assert!(tokens.verify(&header, USER, NOW).await.is_ok());
    owner.publish(None);
    assert!(tokens.verify(&header, USER, NOW + 59 * MINUTE).await.is_ok());
    let found = outcome(&tokens, &header, NOW + 60 * MINUTE).await;
    assert_eq!(found, "the signing keys cannot be fetched");
    owner.publish(Some(json!({"keys": []})));
    let found = outcome(&tokens, &header, NOW + 61 * MINUTE).await;
    assert_eq!(found, "no signing key matches the token");
}

#[tokio::test]
async fn what_is_no_set_is_refused() {
    for document in [json!([]), json!({"keys": {}}), json!("x")] {
        let tokens = with_set(&Owner::with(document), None);
        let header = format!("Bearer {}", token_of("RS256"));
        assert_eq!(outcome(&tokens, &header, NOW).await, "the signing keys cannot be fetched");
    }
}

#[test]
fn settings_that_cannot_work_are_refused_with_what_to_do() {
    let setup = |config: &ExternalAuthConfig, file: Option<&str>| {
        ExternalTokens::new(config, file, Arc::<Owner>::default())
            .map(|tokens| tokens.map(|tokens| tokens.algorithms))
            .map_err(|error| error.to_string())
    };
    let key = |key: &str, algorithms: &[&str]| ExternalAuthConfig {
        public_key: Some(Secret::new(key)),
        ..config(algorithms)
    };
    let off = ExternalAuthConfig { enabled: false, ..config(&["HS256"]) };
    assert_eq!(setup(&off, None), Ok(None));
    let rs256 = Ok(Some(vec![Algorithm::Rs256]));
    assert_eq!(setup(&key("short", &["RS256"]), Some(RSA)), rs256, "as in v12");
    assert_eq!(setup(&key(RSA, &["RS256"]), Some("other")), rs256);
    for (config, file, part) in [
        (config(&["HS256"]), None, "has no key"),
        (key(RSA, &["HS256"]), None, "algorithms allows nothing that pro.externalAuth.publicKey"),
        (config(&["ES256"]), Some(RSA), "algorithms allows nothing that global/end_users_auth.pub"),
        (config(&["RS256"]), Some("-----BEGIN X"), "no key that can be used"),
        (key("short", &["RS256"]), None, "algorithms allows nothing"),
    ] {
        let found = setup(&config, file).unwrap_err();
        assert!(found.contains(part), "{found}");
    }
}

#[test]
fn the_key_file_is_read_where_v12_looks_for_it() {
    let data = tempfile::tempdir().unwrap();
    assert!(read_key_file(data.path()).unwrap().is_none());
    std::fs::create_dir(data.path().join("global")).unwrap();
    std::fs::write(data.path().join(KEY_FILE), RSA).unwrap();
    assert_eq!(read_key_file(data.path()).unwrap().as_deref(), Some(RSA));
    std::fs::write(data.path().join(KEY_FILE), [0xFF]).unwrap();
    assert!(read_key_file(data.path()).is_err());
}
