//! The algorithms, each with the kind of key that it takes.

use ring::{hmac, signature as ring_signature};

use super::key::{Curve, VerifyingKey};
use super::refusal::Refusal;

/// A signature algorithm (RFC 7518, 3.1). `none` is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the standard's")]
pub enum Algorithm {
    Hs256,
    Hs384,
    Hs512,
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
}

/// What an algorithm works with.
enum Method {
    Hmac(hmac::Algorithm),
    Rsa(&'static ring_signature::RsaParameters),
    Ecdsa(Curve, &'static ring_signature::EcdsaVerificationAlgorithm),
}

impl Algorithm {
    /// All of them, with their names in a token.
    const NAMES: [(&'static str, Self); 11] = [
        ("HS256", Self::Hs256),
        ("HS384", Self::Hs384),
        ("HS512", Self::Hs512),
        ("RS256", Self::Rs256),
        ("RS384", Self::Rs384),
        ("RS512", Self::Rs512),
        ("PS256", Self::Ps256),
        ("PS384", Self::Ps384),
        ("PS512", Self::Ps512),
        ("ES256", Self::Es256),
        ("ES384", Self::Es384),
    ];

    /// The names of all algorithms.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().map(|(name, _)| *name)
    }

    /// The algorithm of this exact name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    }

    /// Whether who can check a signature can make one too.
    pub fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256 | Self::Hs384 | Self::Hs512)
    }

    fn method(self) -> Method {
        use ring_signature as ring;
        match self {
            Self::Hs256 => Method::Hmac(hmac::HMAC_SHA256),
            Self::Hs384 => Method::Hmac(hmac::HMAC_SHA384),
            Self::Hs512 => Method::Hmac(hmac::HMAC_SHA512),
            Self::Rs256 => Method::Rsa(&ring::RSA_PKCS1_2048_8192_SHA256),
            Self::Rs384 => Method::Rsa(&ring::RSA_PKCS1_2048_8192_SHA384),
            Self::Rs512 => Method::Rsa(&ring::RSA_PKCS1_2048_8192_SHA512),
            Self::Ps256 => Method::Rsa(&ring::RSA_PSS_2048_8192_SHA256),
            Self::Ps384 => Method::Rsa(&ring::RSA_PSS_2048_8192_SHA384),
            Self::Ps512 => Method::Rsa(&ring::RSA_PSS_2048_8192_SHA512),
            Self::Es256 => Method::Ecdsa(Curve::P256, &ring::ECDSA_P256_SHA256_FIXED),
            Self::Es384 => Method::Ecdsa(Curve::P384, &ring::ECDSA_P384_SHA384_FIXED),
        }
    }
}

impl VerifyingKey {
    /// Whether this key can check signatures of `algorithm`.
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        match (self, algorithm.method()) {
            (Self::Secret(_), Method::Hmac(_)) | (Self::Rsa { .. }, Method::Rsa(_)) => true,
            (Self::Ec { curve, .. }, Method::Ecdsa(wanted, _)) => *curve == wanted,
            _ => false,
        }
    }

    /// Checks a signature, in constant time where a secret is in play. A key never serves another
    /// kind of algorithm: a public key is no secret.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<(), Refusal> {
        let checked = match (self, algorithm.method()) {
            (Self::Secret(secret), Method::Hmac(method)) => {
                hmac::verify(&hmac::Key::new(method, secret), signed, signature)
            }
            (Self::Rsa { modulus, exponent }, Method::Rsa(method)) => {
                ring_signature::RsaPublicKeyComponents { n: modulus, e: exponent }
                    .verify(method, signed, signature)
            }
            (Self::Ec { curve, point }, Method::Ecdsa(wanted, method)) if *curve == wanted => {
                ring_signature::UnparsedPublicKey::new(method, point).verify(signed, signature)
            }
            _ => return Err(Refusal::Algorithm),
        };
        checked.map_err(|_| Refusal::Signature)
    }
}
