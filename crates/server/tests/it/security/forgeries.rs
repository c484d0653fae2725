//! 60 tokens that somebody might make up (RFC 8725), each with what is wrong with it.

use serde_json::{Value, json};

use super::token::{HEADER, SECRET, claims, encode, now, of, signed};

/// Longer than any header that is taken.
const HUGE: usize = 12_000;

/// They. `email` is that of a super admin.
pub(super) fn forgeries(email: &str) -> Vec<(&'static str, String)> {
    [signatures(email), headers(email), shapes(email), purposes(email), names(email)]
        .into_iter()
        .flatten()
        .collect()
}

fn secret() -> &'static [u8] {
    SECRET.as_bytes()
}

/// With our secret, and another header.
fn with_header(email: &str, header: &str) -> String {
    signed(header, &claims(email).to_string(), secret())
}

fn with_algorithm(email: &str, algorithm: &str) -> String {
    with_header(email, &json!({ "alg": algorithm, "typ": "JWT" }).to_string())
}

/// With our secret, and another claim.
fn with(email: &str, field: &str, value: Value) -> String {
    let mut claims = claims(email);
    claims[field] = value;
    of(&claims)
}

fn without(email: &str, field: &str) -> String {
    let mut claims = claims(email);
    claims.as_object_mut().unwrap().remove(field);
    of(&claims)
}

/// The parts of a good token.
fn parts(email: &str) -> [String; 3] {
    let token = of(&claims(email));
    let parts: Vec<&str> = token.split('.').collect();
    [parts[0], parts[1], parts[2]].map(str::to_owned)
}

/// Signed by nobody, or by another key.
fn signatures(email: &str) -> Vec<(&'static str, String)> {
    let text = claims(email).to_string();
    let by = |secret: &[u8]| signed(HEADER, &text, secret);
    let unsigned = |algorithm: &str| {
        let header = json!({ "alg": algorithm, "typ": "JWT" }).to_string();
        format!("{}.{}.", encode(header.as_bytes()), encode(text.as_bytes()))
    };
    let [header, body, tag] = parts(email);
    let promoted = text.replace("\"isSuperAdmin\":false", "\"isSuperAdmin\":true");
    vec![
        ("none, unsigned", unsigned("none")),
        ("None, unsigned", unsigned("None")),
        ("HS256, unsigned", unsigned("HS256")),
        ("an empty key", by(b"")),
        ("a key of zeros", by(&[0; 32])),
        ("half of the secret", by(&secret()[..20])),
        ("the secret in base64", by(encode(secret()).as_bytes())),
        ("another server's secret", by(b"another-server-0123456789-abcdefghijklm")),
        ("v12's example secret", by(b"secret")),
        (
            "a public key as secret",
            by(b"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"),
        ),
        ("super admin added afterwards", format!("{header}.{}.{tag}", encode(promoted.as_bytes()))),
        ("half a signature", format!("{header}.{body}.{}", &tag[..20])),
        ("a longer signature", format!("{header}.{body}.{tag}AAAA")),
        ("another's signature", format!("{header}.{body}.{}", parts("other@example.com")[2])),
    ]
}

/// Signed with our secret, under a header that must not pass.
fn headers(email: &str) -> Vec<(&'static str, String)> {
    let kid = |kid: Value| json!({ "alg": "HS256", "typ": "JWT", "kid": kid }).to_string();
    let twice = r#"{"alg":"none","alg":"HS256","typ":"JWT"}"#;
    vec![
        ("none, signed", with_algorithm(email, "none")),
        ("NONE, signed", with_algorithm(email, "NONE")),
        ("lower case", with_algorithm(email, "hs256")),
        ("HS384", with_algorithm(email, "HS384")),
        ("HS512", with_algorithm(email, "HS512")),
        ("RS256", with_algorithm(email, "RS256")),
        ("ES256", with_algorithm(email, "ES256")),
        ("two algorithms", with_header(email, twice)),
        ("a list of algorithms", with_header(email, r#"{"alg":["HS256"],"typ":"JWT"}"#)),
        ("no algorithm", with_header(email, r#"{"typ":"JWT"}"#)),
        ("another type", with_header(email, r#"{"alg":"HS256","typ":"at+jwt"}"#)),
        ("an extension", with_header(email, r#"{"alg":"HS256","typ":"JWT","crit":["x"],"x":1}"#)),
        ("a key id that is a path", with_header(email, &kid(json!("../../../dev/null")))),
        ("a key id that is SQL", with_header(email, &kid(json!("' UNION SELECT 'x' --")))),
        ("a key id that is a list", with_header(email, &kid(json!([])))),
        ("a huge key id", with_header(email, &kid(json!("k".repeat(3000))))),
    ]
}

/// Wrong in form.
fn shapes(email: &str) -> Vec<(&'static str, String)> {
    let [header, body, tag] = parts(email);
    let text = claims(email).to_string();
    let twice = text.replacen('{', "{\"email\":\"root@example.com\",", 1);
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(2000), "]".repeat(2000));
    vec![
        ("one part", header.clone()),
        ("two parts", format!("{header}.{body}")),
        ("four parts", format!("{header}.{body}.{tag}.")),
        ("only dots", "..".to_owned()),
        ("bad base64", format!("{header}.{body}.!!!!")),
        ("the other alphabet", format!("{header}.{body}.+/+/{}", &tag[4..])),
        ("padding", format!("{header}.{body}.{tag}=")),
        ("no text", format!("{header}.{}.{tag}", encode(&[0xFF, 0xFE, 0x00]))),
        ("two emails", signed(HEADER, &twice, secret())),
        ("claims that are a list", signed(HEADER, "[]", secret())),
        ("claims without an end", signed(HEADER, &text[..text.len() - 1], secret())),
        ("claims without a bottom", signed(HEADER, &deep, secret())),
        ("huge", with(email, "x", json!("x".repeat(HUGE)))),
        ("an API key that is none", "bpk_letmein".to_owned()),
    ]
}

/// Signed by us for another purpose or time.
fn purposes(email: &str) -> Vec<(&'static str, String)> {
    vec![
        ("a chat user's", with(email, "aud", json!("chat_users"))),
        ("a module's", with(email, "aud", json!("api_user"))),
        ("v11's", with(email, "aud", json!("web-login"))),
        ("for several", with(email, "aud", json!(["collaborators"]))),
        ("for nobody", without(email, "aud")),
        ("from another issuer", with(email, "iss", json!("https://id.example.com"))),
        ("expired", with(email, "exp", json!(now() - 1))),
        ("without an end", without(email, "exp")),
        ("with a text as end", with(email, "exp", json!((now() + 3000).to_string()))),
        ("from the future", with(email, "iat", json!(now() + 600))),
        ("not yet active", with(email, "nbf", json!(now() + 600))),
    ]
}

/// Signed by us in a name, or of a version, that is not there.
fn names(email: &str) -> Vec<(&'static str, String)> {
    vec![
        ("nobody", with(email, "email", json!("nobody@example.com"))),
        ("in capitals", with(email, "email", json!(email.to_uppercase()))),
        // The sign of Kelvin becomes a k in lower case.
        ("a look-alike", with(email, "email", json!("\u{212A}eeper@example.com"))),
        ("with NUL", with(email, "email", json!(format!("{email}\0")))),
        ("SQL", with(email, "email", json!("' OR '1'='1"))),
        ("another strategy", with(email, "strategy", json!("saml"))),
        ("an older version", with(email, "tokenVersion", json!(0))),
        ("a version to come", with(email, "tokenVersion", json!(2))),
        ("no version", without(email, "tokenVersion")),
    ]
}
