//! Keys that check signatures, from PEM texts (RFC 7468), JSON Web Keys (RFC 7517) and secrets.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::der::{self, Reader};

/// Longest text of a key, in bytes.
const MAX_TEXT: usize = 64 << 10;

/// Bits of an RSA modulus. Fewer can be factored; more only cost time.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2B, 0x81, 0x04, 0x00, 0x22];

/// A key that checks signatures. It serves one kind of algorithm and no other.
#[derive(Clone, PartialEq, Eq)]
pub enum VerifyingKey {
    /// The secret that both sides share.
    Secret(Vec<u8>),
    /// An RSA key, big endian without zeros in front.
    Rsa {
        /// The modulus.
        modulus: Vec<u8>,
        /// The public exponent.
        exponent: Vec<u8>,
    },
    /// A point of an elliptic curve.
    Ec {
        /// The curve.
        curve: Curve,
        /// The point, uncompressed.
        point: Vec<u8>,
    },
}

/// An elliptic curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
}

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is too long to be one.
    #[error("it is longer than {MAX_TEXT} bytes")]
    TooLong,
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// Somebody gave away the other half.
    #[error("it is a private key: give the public one, and make a new pair")]
    Private,
    /// It is PEM, and not understood.
    #[error("its PEM text holds no public key (SPKI, PKCS#1) or certificate that is understood")]
    Pem,
    /// It is a JSON Web Key, and not understood.
    #[error("it is no complete RSA or EC key")]
    Jwk,
    /// It is of a kind that is not supported.
    #[error("it is neither RSA nor on the curves P-256 and P-384")]
    Kind,
    /// It is too weak or too large.
    #[error("its RSA modulus has {0} bits: 2048 to 8192 are taken")]
    Size(usize),
}

impl VerifyingKey {
    /// A PEM text is a public key or a certificate; any other text is a secret, to the byte.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        if text.len() > MAX_TEXT {
            return Err(KeyError::TooLong);
        }
        if text.trim().is_empty() {
            return Err(KeyError::Empty);
        }
        match text.split_once("-----BEGIN ") {
            Some((_, rest)) => pem(rest),
            None => Ok(Self::Secret(text.as_bytes().to_vec())),
        }
    }

    /// A public key of a key set. Secrets are refused: a set is public.
    pub(in crate::auth) fn from_jwk(jwk: &Map<String, Value>) -> Result<Self, KeyError> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| {
            let text = text(name).filter(|text| text.len() <= MAX_TEXT).ok_or(KeyError::Jwk)?;
            URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyError::Jwk)
        };
        if jwk.contains_key("d") {
            return Err(KeyError::Private);
        }
        match text("kty") {
            Some("RSA") => rsa(&bytes("n")?, &bytes("e")?),
            Some("EC") => {
                let (curve, size) = match text("crv") {
                    Some("P-256") => (Curve::P256, 32),
                    Some("P-384") => (Curve::P384, 48),
                    _ => return Err(KeyError::Kind),
                };
                let (x, y) = (bytes("x")?, bytes("y")?);
                if x.len() != size || y.len() != size {
                    return Err(KeyError::Jwk);
                }
                Ok(Self::Ec { curve, point: [&[4], x.as_slice(), &y].concat() })
            }
            _ => Err(KeyError::Kind),
        }
    }
}

/// What follows `-----BEGIN `.
fn pem(text: &str) -> Result<VerifyingKey, KeyError> {
    let (label, rest) = text.split_once("-----").ok_or(KeyError::Pem)?;
    if label.contains("PRIVATE") {
        return Err(KeyError::Private);
    }
    let (body, _) = rest.split_once("-----END ").ok_or(KeyError::Pem)?;
    // A text in JSON may have its line ends spelled out.
    let body = body.replace("\\r", "").replace("\\n", "");
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    let der = STANDARD.decode(body).map_err(|_| KeyError::Pem)?;
    let mut reader = Reader::new(&der);
    match label {
        "PUBLIC KEY" => spki(&mut reader),
        "RSA PUBLIC KEY" => pkcs1(&mut reader),
        "CERTIFICATE" => certificate(&mut reader),
        _ => Err(KeyError::Pem),
    }
}

/// `SubjectPublicKeyInfo` (RFC 5280, 4.1.2.7).
fn spki(reader: &mut Reader<'_>) -> Result<VerifyingKey, KeyError> {
    let mut parts = || {
        let mut info = reader.enter(der::SEQUENCE)?;
        let mut algorithm = info.enter(der::SEQUENCE)?;
        let id = algorithm.expect(der::OBJECT_ID)?;
        // The first byte counts the bits that are left over at the end.
        let key = info.expect(der::BIT_STRING)?.strip_prefix(&[0])?;
        Some((id, algorithm, key))
    };
    let (id, mut parameters, key) = parts().ok_or(KeyError::Pem)?;
    if id == RSA {
        return pkcs1(&mut Reader::new(key));
    }
    let curve = parameters.expect(der::OBJECT_ID).filter(|_| id == EC).ok_or(KeyError::Kind)?;
    let (curve, size) = match curve {
        P256 => (Curve::P256, 65),
        P384 => (Curve::P384, 97),
        _ => return Err(KeyError::Kind),
    };
    let is_uncompressed = key.len() == size && key.first() == Some(&4);
    if is_uncompressed {
        Ok(VerifyingKey::Ec { curve, point: key.to_vec() })
    } else {
        Err(KeyError::Pem)
    }
}

/// `RSAPublicKey` (RFC 8017, A.1.1).
fn pkcs1(reader: &mut Reader<'_>) -> Result<VerifyingKey, KeyError> {
    let mut parts = || {
        let mut key = reader.enter(der::SEQUENCE)?;
        Some((key.expect(der::INTEGER)?, key.expect(der::INTEGER)?))
    };
    let (modulus, exponent) = parts().ok_or(KeyError::Pem)?;
    rsa(modulus, exponent)
}

/// The key inside a certificate. Who signed it does not matter: the operator vouches for the file.
fn certificate(reader: &mut Reader<'_>) -> Result<VerifyingKey, KeyError> {
    let mut key = || {
        let mut fields = reader.enter(der::SEQUENCE)?.enter(der::SEQUENCE)?;
        if fields.peek() == Some(der::CONTEXT_0) {
            fields.next()?;
        }
        fields.expect(der::INTEGER)?;
        // Signature algorithm, issuer, validity, subject.
        for _ in 0..4 {
            fields.expect(der::SEQUENCE)?;
        }
        Some(fields)
    };
    spki(&mut key().ok_or(KeyError::Pem)?)
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<VerifyingKey, KeyError> {
    let (modulus, exponent) = (without_zeros(modulus), without_zeros(exponent));
    let unused = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
    let bits = modulus.len() * 8 - unused;
    if !RSA_BITS.contains(&bits) {
        return Err(KeyError::Size(bits));
    }
    Ok(VerifyingKey::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec() })
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// A secret is never shown.
impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(_) => f.write_str("Secret(…)"),
            Self::Rsa { modulus, .. } => write!(f, "Rsa({} bits)", modulus.len() * 8),
            Self::Ec { curve, .. } => write!(f, "Ec({curve:?})"),
        }
    }
}
