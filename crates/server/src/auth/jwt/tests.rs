//! Tokens and keys that another library made. The private keys are gone: they were made for this.

use serde_json::{Value, json};

use super::*;

const TOKENS: &str = include_str!("fixtures/tokens.txt");
const KEYS: &str = include_str!("fixtures/keys.json");
const RSA: &str = include_str!("fixtures/rsa.spki.pem");
const P256: &str = include_str!("fixtures/p256.spki.pem");
const P384: &str = include_str!("fixtures/p384.spki.pem");

fn key(text: &str) -> VerifyingKey {
    VerifyingKey::from_text(text).unwrap()
}

fn all_algorithms() -> Vec<Algorithm> {
    Algorithm::names().filter_map(Algorithm::named).collect()
}

fn tokens() -> impl Iterator<Item = (Algorithm, &'static str)> {
    TOKENS.lines().map(|line| {
        let (algorithm, token) = line.split_once(' ').unwrap();
        (Algorithm::named(algorithm).unwrap(), token)
    })
}

fn key_for(algorithm: Algorithm) -> VerifyingKey {
    match algorithm {
        Algorithm::Es256 => key(P256),
        Algorithm::Es384 => key(P384),
        _ => key(RSA),
    }
}

#[test]
fn what_another_library_signed_is_right_under_its_own_algorithm_alone() {
    assert_eq!(tokens().count(), 8);
    for (algorithm, token) in tokens() {
        let compact = Compact::parse(token).unwrap();
        let claims = compact.verify(&key_for(algorithm), &[algorithm]).unwrap();
        assert_eq!(claims["sub"], "user-1");
        for other in all_algorithms().into_iter().filter(|other| *other != algorithm) {
            let found = compact.verify(&key_for(algorithm), &[other]);
            assert_eq!(found, Err(Refusal::Algorithm), "{algorithm:?} {other:?}");
        }
    }
}

#[test]
fn a_changed_byte_is_noticed() {
    for (algorithm, token) in tokens() {
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let flipped: String = signature
            .char_indices()
            .map(|(index, c)| if index == 9 { if c == 'A' { 'B' } else { 'A' } } else { c })
            .collect();
        let changed = format!("{signed}.{flipped}");
        let found = Compact::parse(&changed).unwrap().verify(&key_for(algorithm), &[algorithm]);
        assert_eq!(found, Err(Refusal::Signature), "{algorithm:?}");
    }
}

#[test]
fn a_key_serves_its_own_kind_alone() {
    let keys = [VerifyingKey::Secret(RSA.as_bytes().to_vec()), key(RSA), key(P256), key(P384)];
    let fitting: Vec<usize> = keys
        .iter()
        .map(|key| all_algorithms().iter().filter(|algorithm| key.fits(**algorithm)).count())
        .collect();
    assert_eq!(fitting, [3, 6, 1, 1]);
    for (algorithm, token) in tokens() {
        for key in keys.iter().filter(|key| !key.fits(algorithm)) {
            let found = Compact::parse(token).unwrap().verify(key, &all_algorithms());
            assert_eq!(found, Err(Refusal::Algorithm), "{algorithm:?} {key:?}");
        }
    }
}

#[test]
fn every_form_of_a_key_is_the_same_key() {
    let in_one_line = RSA.trim().replace('\n', "\\n");
    for text in [
        include_str!("fixtures/rsa.pkcs1.pem"),
        include_str!("fixtures/rsa.certificate.pem"),
        &in_one_line,
        &RSA.replace('\n', "\r\n"),
    ] {
        assert_eq!(key(text), key(RSA), "{text}");
    }
    let set: Value = serde_json::from_str(KEYS).unwrap();
    let jwk = |index: usize| VerifyingKey::from_jwk(set["keys"][index].as_object().unwrap());
    assert_eq!((jwk(0), jwk(1), jwk(2)), (Ok(key(RSA)), Ok(key(P256)), Ok(key(P384))));
}

#[test]
fn what_is_no_key_is_refused_with_the_reason() {
    let cut = RSA.replace("IDAQAB", "");
    for (text, expected) in [
        ("", KeyError::Empty),
        (" \n", KeyError::Empty),
        (&"x".repeat(70_000), KeyError::TooLong),
        ("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----", KeyError::Private),
        ("-----BEGIN PUBLIC KEY-----\nAAAA", KeyError::Pem),
        ("-----BEGIN PUBLIC KEY-----\n????\n-----END PUBLIC KEY-----", KeyError::Pem),
        ("-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----", KeyError::Pem),
        (&cut, KeyError::Pem),
        (include_str!("fixtures/rsa-1024.spki.pem"), KeyError::Size(1024)),
        (include_str!("fixtures/p521.spki.pem"), KeyError::Kind),
    ] {
        assert_eq!(VerifyingKey::from_text(text), Err(expected), "{text}");
    }
    for (jwk, expected) in [
        (json!({}), KeyError::Kind),
        (json!({"kty": "oct", "k": "c2VjcmV0"}), KeyError::Kind),
        (json!({"kty": "OKP", "crv": "Ed25519", "x": ""}), KeyError::Kind),
        (json!({"kty": "RSA", "e": "AQAB"}), KeyError::Jwk),
        (json!({"kty": "RSA", "n": "!", "e": "AQAB"}), KeyError::Jwk),
        (json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}), KeyError::Size(17)),
        (json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQAB"}), KeyError::Private),
        (json!({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}), KeyError::Jwk),
    ] {
        let found = VerifyingKey::from_jwk(jwk.as_object().unwrap());
        assert_eq!(found, Err(expected), "{jwk}");
    }
}

#[test]
fn no_secret_is_shown() {
    assert_eq!(format!("{:?}", key("a secret")), "Secret(…)");
}
