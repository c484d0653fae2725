//! A token in its three parts (RFC 7515, 3.1): strict, bounded, and without opinions about claims.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::signature::Algorithm;
use super::strict_json;
use super::{MAX_TOKEN, VerifyingKey};

/// Longest key id that is looked at, in bytes.
const MAX_KEY_ID: usize = 512;

/// A token whose signature has not been checked. Only its header can be read.
#[derive(Debug)]
pub(in crate::auth) struct Compact<'t> {
    /// What it says its algorithm is.
    pub(in crate::auth) algorithm: Option<Algorithm>,
    /// `typ`.
    pub(in crate::auth) kind: Option<String>,
    /// `kid`.
    pub(in crate::auth) key_id: Option<String>,
    signed: &'t str,
    claims: &'t str,
    signature: Vec<u8>,
}

impl<'t> Compact<'t> {
    /// Takes a token apart.
    pub(in crate::auth) fn parse(token: &'t str) -> Result<Self, Refusal> {
        if token.len() > MAX_TOKEN {
            return Err(Refusal::Malformed);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::Malformed);
        };
        let fields = object(header)?;
        let signed = token.get(..header.len() + 1 + claims.len()).ok_or(Refusal::Malformed)?;
        // An extension that must be understood, and none is (RFC 7515, 4.1.11).
        if fields.contains_key("crit") {
            return Err(Refusal::Invalid);
        }
        let algorithm = text(&fields, "alg")?.ok_or(Refusal::Invalid)?;
        let key_id = text(&fields, "kid")?;
        if key_id.is_some_and(|id| id.len() > MAX_KEY_ID) {
            return Err(Refusal::Invalid);
        }
        if signature.is_empty() {
            return Err(Refusal::NoSignature);
        }
        Ok(Self {
            algorithm: Algorithm::named(algorithm),
            kind: text(&fields, "typ")?.map(str::to_owned),
            key_id: key_id.map(str::to_owned),
            signed,
            claims,
            signature: decode(signature)?,
        })
    }

    /// The claims, if `key` signed them with an algorithm that is `allowed`.
    pub(in crate::auth) fn verify(
        &self,
        key: &VerifyingKey,
        allowed: &[Algorithm],
    ) -> Result<Map<String, Value>, Refusal> {
        let algorithm = self.algorithm.filter(|one| allowed.contains(one));
        let algorithm = algorithm.ok_or(Refusal::Algorithm)?;
        key.verify(algorithm, self.signed.as_bytes(), &self.signature)?;
        object(self.claims)
    }
}

fn object(part: &str) -> Result<Map<String, Value>, Refusal> {
    strict_json::parse(&decode(part)?).ok_or(Refusal::Invalid)
}

/// Without padding, white space or bits that stand for nothing: one text for one content.
fn decode(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Invalid)
}

fn text<'f>(fields: &'f Map<String, Value>, name: &str) -> Result<Option<&'f str>, Refusal> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::Invalid),
    }
}

/// A part of a token.
pub(in crate::auth) fn encode(part: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

/// A signed token.
pub(in crate::auth) fn sign_hs256(key: &hmac::Key, header: &[u8], claims: &[u8]) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = hmac::sign(key, signed.as_bytes());
    format!("{signed}.{}", encode(signature.as_ref()))
}
