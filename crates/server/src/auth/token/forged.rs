//! Tokens that somebody might make up: every one is refused, with the right reason.

use ring::hmac;
use serde_json::{Value, json};

use super::super::jwt::{MAX_TOKEN, Refusal, encode, sign_hs256};
use super::tests::{subject, tokens};
use super::{Audience, LoginTokens};

const NOW: i64 = 1_700_000_000_000;
const SECRET: &[u8] = b"0123456789012345678901234567890123456789";
const PUBLIC_KEY: &str = include_str!("../jwt/fixtures/rsa.spki.pem");

fn header() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

fn claims() -> Value {
    json!({
        "email": "admin@example.com", "strategy": "default", "tokenVersion": 3,
        "isSuperAdmin": true, "iat": 1_699_999_990, "exp": 1_700_003_590, "aud": "collaborators",
        "iss": "parlance"
    })
}

/// A token of these texts, signed with HMAC-SHA256.
fn raw(header: &str, claims: &str, secret: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    sign_hs256(&key, header.as_bytes(), claims.as_bytes())
}

/// A token with our secret whose header has `field` set to `value`.
fn with_header(field: &str, value: Value) -> String {
    let mut header = header();
    header[field] = value;
    raw(&header.to_string(), &claims().to_string(), SECRET)
}

/// A token with our secret whose claim `field` is `value`.
fn with_claim(field: &str, value: Value) -> String {
    let mut claims = claims();
    claims[field] = value;
    raw(&header().to_string(), &claims.to_string(), SECRET)
}

fn without_claim(field: &str) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(field);
    raw(&header().to_string(), &claims.to_string(), SECRET)
}

fn signed_by(secret: &[u8]) -> String {
    raw(&header().to_string(), &claims().to_string(), secret)
}

/// A right token that was then changed.
fn changed(change: impl Fn([&str; 3]) -> String) -> String {
    let token = signed_by(SECRET);
    let parts: Vec<&str> = token.split('.').collect();
    change([parts[0], parts[1], parts[2]])
}

/// Nobody signed it, or another key did.
fn wrong_signatures() -> Vec<(&'static str, String, Refusal)> {
    let none = |name: &str| with_header("alg", json!(name));
    let unsigned = |name: &str| {
        let header = json!({"alg": name, "typ": "JWT"}).to_string();
        format!("{}.{}.", encode(header.as_bytes()), encode(claims().to_string().as_bytes()))
    };
    let admin = claims().to_string();
    let other =
        tokens_of(b"another server's secret").issue(&subject(), Audience::Collaborators, NOW);
    vec![
        ("none, without signature", unsigned("none"), Refusal::NoSignature),
        ("None, without signature", unsigned("None"), Refusal::NoSignature),
        ("none, with a signature", none("none"), Refusal::Algorithm),
        ("NONE, with a signature", none("NONE"), Refusal::Algorithm),
        ("nOnE, with a signature", none("nOnE"), Refusal::Algorithm),
        ("an empty algorithm", none(""), Refusal::Algorithm),
        ("lower case", none("hs256"), Refusal::Algorithm),
        ("HS384 instead", none("HS384"), Refusal::Algorithm),
        ("HS512 instead", none("HS512"), Refusal::Algorithm),
        ("RS256 instead", none("RS256"), Refusal::Algorithm),
        ("ES256 instead", none("ES256"), Refusal::Algorithm),
        ("an algorithm that is a number", with_header("alg", json!(256)), Refusal::Invalid),
        ("a list of algorithms", with_header("alg", json!(["HS256"])), Refusal::Invalid),
        ("an empty key", signed_by(b""), Refusal::Signature),
        ("a key of zeros", signed_by(&[0; 32]), Refusal::Signature),
        ("a public key as secret", signed_by(PUBLIC_KEY.as_bytes()), Refusal::Signature),
        ("the secret's first half", signed_by(&SECRET[..20]), Refusal::Signature),
        ("another server's key", other, Refusal::UnknownKey),
        ("another server's key, unnamed", signed_by(b"another server's"), Refusal::Signature),
        ("no signature", changed(|[h, c, _]| format!("{h}.{c}.")), Refusal::NoSignature),
        (
            "half a signature",
            changed(|[h, c, s]| format!("{h}.{c}.{}", &s[..20])),
            Refusal::Signature,
        ),
        ("a longer signature", changed(|[h, c, s]| format!("{h}.{c}.{s}AAAA")), Refusal::Signature),
        (
            "other claims under a right signature",
            changed(|[h, _, s]| {
                format!("{h}.{}.{s}", encode(admin.replace(":3", ":4").as_bytes()))
            }),
            Refusal::Signature,
        ),
        (
            "the claim of super admin added",
            changed(|[h, _, s]| {
                let claims =
                    admin.replace("\"tokenVersion\"", "\"isSuperAdmin \":true,\"tokenVersion\"");
                format!("{h}.{}.{s}", encode(claims.as_bytes()))
            }),
            Refusal::Signature,
        ),
    ]
}

fn tokens_of(secret: &[u8]) -> LoginTokens {
    LoginTokens::new(secret, std::time::Duration::from_hours(1))
}

/// What is no token at all, or a token with a twist in its form.
fn wrong_forms() -> Vec<(&'static str, String, Refusal)> {
    let twice = claims().to_string().replacen('{', "{\"email\":\"root@example.com\",", 1);
    let escaped = twice.replacen("email", "\\u0065mail", 1);
    let huge = "x".repeat(MAX_TOKEN);
    vec![
        ("nothing", String::new(), Refusal::Malformed),
        ("one part", "abc".to_owned(), Refusal::Malformed),
        ("two parts", changed(|[h, c, _]| format!("{h}.{c}")), Refusal::Malformed),
        ("four parts", changed(|[h, c, s]| format!("{h}.{c}.{s}.")), Refusal::Malformed),
        ("five parts", changed(|[h, c, s]| format!("{h}.{c}.{s}.{c}.{s}")), Refusal::Malformed),
        ("only dots", "..".to_owned(), Refusal::Invalid),
        ("a huge claim", with_claim("x", json!(huge)), Refusal::Malformed),
        ("a huge signature", changed(|[h, c, _]| format!("{h}.{c}.{huge}")), Refusal::Malformed),
        ("padding", changed(|[h, c, s]| format!("{h}.{c}.{s}=")), Refusal::Invalid),
        ("bits that stand for nothing", changed(loose_end), Refusal::Invalid),
        (
            "base64 of the other alphabet",
            changed(|[h, c, _]| format!("{h}.{c}.+/+/")),
            Refusal::Invalid,
        ),
        ("white space in front", changed(|[h, c, s]| format!(" {h}.{c}.{s}")), Refusal::Invalid),
        ("a line end behind", changed(|[h, c, s]| format!("{h}.{c}.{s}\n")), Refusal::Invalid),
        ("no ASCII", changed(|[h, c, s]| format!("é{h}.{c}.{s}")), Refusal::Invalid),
        ("a header that is a list", raw("[]", &claims().to_string(), SECRET), Refusal::Invalid),
        ("a header without algorithm", raw("{\"typ\":\"JWT\"}", "{}", SECRET), Refusal::Invalid),
        (
            "two algorithms",
            raw(r#"{"alg":"none","alg":"HS256","typ":"JWT"}"#, &claims().to_string(), SECRET),
            Refusal::Invalid,
        ),
        ("two emails", raw(&header().to_string(), &twice, SECRET), Refusal::Invalid),
        ("two emails, one escaped", raw(&header().to_string(), &escaped, SECRET), Refusal::Invalid),
        ("claims that are a text", raw(&header().to_string(), "\"x\"", SECRET), Refusal::Invalid),
        ("an unknown extension", with_header("crit", json!(["x"])), Refusal::Invalid),
        ("an empty list of extensions", with_header("crit", json!([])), Refusal::Invalid),
        ("another type", with_header("typ", json!("at+jwt")), Refusal::Invalid),
        (
            "a key id that is a path",
            with_header("kid", json!("../../dev/null")),
            Refusal::UnknownKey,
        ),
        ("a key id that is SQL", with_header("kid", json!("' OR 1=1 --")), Refusal::UnknownKey),
        ("a key id that is an object", with_header("kid", json!({})), Refusal::Invalid),
        ("a huge key id", with_header("kid", json!("x".repeat(600))), Refusal::Invalid),
        ("a key id of nothing", with_header("kid", json!("")), Refusal::UnknownKey),
    ]
}

/// The same bytes, written with another last letter.
fn loose_end([header, claims, signature]: [&str; 3]) -> String {
    // 32 bytes end in a letter of which two bits stand for nothing.
    let (rest, last) = signature.split_at(signature.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(last).unwrap();
    format!("{header}.{claims}.{rest}{}", &alphabet[at + 1..at + 2])
}

/// What our own key might have signed for another purpose, at another time, or by mistake.
fn wrong_claims() -> Vec<(&'static str, String, Refusal)> {
    let audience = || Refusal::Audience("collaborators".to_owned());
    let issuer = || Refusal::Issuer("parlance".to_owned());
    vec![
        ("a chat user's", with_claim("aud", json!("chat_users")), audience()),
        ("a module's", with_claim("aud", json!("api_user")), audience()),
        ("v11's", with_claim("aud", json!("web-login")), audience()),
        ("for several", with_claim("aud", json!(["collaborators", "chat_users"])), audience()),
        ("for nobody", without_claim("aud"), audience()),
        ("from another issuer", with_claim("iss", json!("https://id.example.com")), issuer()),
        ("from no issuer by name", with_claim("iss", json!(null)), issuer()),
        ("expired", with_claim("exp", json!(1_699_999_999)), Refusal::Expired),
        ("expired this second", with_claim("exp", json!(1_700_000_000)), Refusal::Expired),
        ("without an end", without_claim("exp"), Refusal::Exp),
        ("with a text as end", with_claim("exp", json!("1700003590")), Refusal::Exp),
        ("without a beginning", without_claim("iat"), Refusal::Iat),
        ("from the future", with_claim("iat", json!(1_700_000_061)), Refusal::NotActive),
        ("not yet active", with_claim("nbf", json!(1_700_000_061)), Refusal::NotActive),
        ("without an email", without_claim("email"), Refusal::Invalid),
        ("with a list of emails", with_claim("email", json!(["a@b.c"])), Refusal::Invalid),
        ("an email in capitals", with_claim("email", json!("Admin@example.com")), Refusal::Invalid),
        // The sign of Kelvin becomes a k in lower case.
        ("a look-alike", with_claim("email", json!("\u{212A}im@example.com")), Refusal::Invalid),
        ("an email with NUL", with_claim("email", json!("a@b.c\0d")), Refusal::Invalid),
        ("an endless email", with_claim("email", json!("a".repeat(400))), Refusal::Invalid),
        ("without a strategy", without_claim("strategy"), Refusal::Invalid),
        ("without a version", without_claim("tokenVersion"), Refusal::Invalid),
        ("a version as text", with_claim("tokenVersion", json!("3")), Refusal::Invalid),
        ("a version and a half", with_claim("tokenVersion", json!(3.5)), Refusal::Invalid),
        ("a csrf token that is none", with_claim("csrfToken", json!(true)), Refusal::Invalid),
    ]
}

#[test]
fn every_forged_token_is_refused() {
    let forged: Vec<_> =
        [wrong_signatures(), wrong_forms(), wrong_claims()].into_iter().flatten().collect();
    assert!(forged.len() >= 60, "{}", forged.len());
    for (what, token, expected) in forged {
        let found = tokens().verify(&token, Audience::Collaborators, NOW);
        assert_eq!(found, Err(expected), "{what}: {token}");
    }
    let right = tokens().verify(&signed_by(SECRET), Audience::Collaborators, NOW);
    assert!(right.is_ok(), "what they were made from passes: {right:?}");
}

proptest::proptest! {
    #[test]
    fn no_text_is_a_token(text in "[A-Za-z0-9_.=\\-]{0,200}") {
        proptest::prop_assert!(tokens().verify(&text, Audience::Collaborators, NOW).is_err());
    }

    #[test]
    fn no_token_survives_a_change(at in 0_usize..1000, to in "[A-Za-z0-9_.-]") {
        let token = tokens().issue(&subject(), Audience::Collaborators, NOW);
        let at = at % token.len();
        let changed = format!("{}{to}{}", &token[..at], &token[at + 1..]);
        let found = tokens().verify(&changed, Audience::Collaborators, NOW);
        proptest::prop_assert_eq!(found.is_ok(), changed == token);
    }
}
