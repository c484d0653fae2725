//! Why a token is refused, in the words of the library that v12 uses (`spec` http 1.8).

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has not three parts, or is longer than any token.
    #[error("jwt malformed")]
    Malformed,
    /// A part is no strict base64url, no JSON object, names something twice, or asks for an
    /// extension that is not known.
    #[error("invalid token")]
    Invalid,
    /// The third part is empty.
    #[error("jwt signature is required")]
    NoSignature,
    /// The algorithm is not one that is allowed for the key.
    #[error("invalid algorithm")]
    Algorithm,
    /// The signature is not the key's.
    #[error("invalid signature")]
    Signature,
    /// No key has the id that it names.
    #[error("no signing key matches the token")]
    UnknownKey,
    /// The keys cannot be had now.
    #[error("the signing keys cannot be fetched")]
    NoKeys,
    /// `exp` is missing where it must be there, or is no date.
    #[error("invalid exp value")]
    Exp,
    /// `nbf` is no date.
    #[error("invalid nbf value")]
    Nbf,
    /// `iat` is missing where it must be there, or is no date.
    #[error("invalid iat value")]
    Iat,
    /// `exp` has passed.
    #[error("jwt expired")]
    Expired,
    /// `nbf` or `iat` is still to come.
    #[error("jwt not active")]
    NotActive,
    /// It is meant for somebody else; what was expected.
    #[error("jwt audience invalid. expected: {0}")]
    Audience(String),
    /// Somebody else made it; who was expected.
    #[error("jwt issuer invalid. expected: {0}")]
    Issuer(String),
    /// It speaks for another user than the one it came with (ours).
    #[error("jwt user invalid. expected: {0}")]
    User(String),
}
