//! Signed JSON Web Tokens: taking one apart, its signature, its keys and its dates, after RFC 7515,
//! 7519 and 8725. What the claims mean is the business of `token` (ours) and `external` (others').
//!
//! Data flows text → [`Compact`] (bounded, strict) → [`Compact::verify`] with one key and the algorithms
//! that its owner allows → claims → [`check_dates`]. Nothing of a token is believed before its
//! signature holds; where to find a key is never taken from it.
//!
//! This is ours, on top of `ring` that TLS needs anyway: the library of the field brings a second
//! cryptography library, and lets pass what must be refused here (claims given twice, `crit`).

mod compact;
mod dates;
mod der;
mod key;
mod refusal;
mod signature;
mod strict_json;
#[cfg(test)]
mod tests;

pub(in crate::auth) use compact::{Compact, encode, sign_hs256};
pub(in crate::auth) use dates::check_dates;
pub use key::{Curve, KeyError, VerifyingKey};
pub use refusal::Refusal;
pub use signature::Algorithm;

/// Longest token that is looked at, in bytes.
pub const MAX_TOKEN: usize = 8 << 10;
