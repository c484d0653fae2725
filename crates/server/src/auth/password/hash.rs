//! The two forms of a stored password, and how one is checked. Slow on purpose: [`super::Hasher`]
//! runs it.
//!
//! New hashes are PHC strings of Argon2id. One taken over from v12 (HMAC-SHA512 keyed by its salt) is
//! hashed again, so that a stolen database holds nothing that can be tried fast: `v12$<salt>` and
//! the PHC string of v12's hash. The next login replaces it.

use std::fmt::Write as _;
use std::hint::black_box;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use ring::hmac;

use super::{MAX_PASSWORD, Password};
use crate::clock::NoChance;

/// KiB of memory, passes and lanes: what OWASP asks for at least.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Costs beyond these in a stored hash are not paid: nothing of ours wrote them.
const MAX_MEMORY: u32 = 64 * 1024;
const MAX_PASSES: u32 = 8;

/// Marks a password taken over from v12.
const V12: &str = "v12$";

/// Hex digits of HMAC-SHA512.
const V12_DIGITS: usize = 128;

/// Longest salt of v12's that is taken over, in bytes; v12 makes 16.
const V12_MAX_SALT: usize = 64;

/// A hash of nothing anybody knows, at today's cost: checking it takes as long as a real one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$\
                      5tgWcRFIOkSbFE4fLcU3AEk0HJ8XxyOKkCTDzRE2yiQ";

/// What checking a password found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one.
    Right {
        /// The stored form is v12's or has old costs: hash the password anew and store that.
        outdated: bool,
    },
    /// It is not.
    Wrong,
}

/// Why a password was neither hashed nor checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// As many passwords wait as may.
    #[error("too many logins at the same time: try again in {retry_after_secs} s")]
    Busy {
        /// When to come back, in seconds.
        retry_after_secs: u32,
    },
    /// What is stored is no hash that this version understands.
    #[error("the stored password is damaged: set a new one")]
    Damaged,
    /// The password cannot be hashed.
    #[error("the password cannot be hashed: {0}")]
    Refused(String),
    /// No salt could be made.
    #[error(transparent)]
    NoChance(#[from] NoChance),
    /// The server is stopping, or the hashing panicked: a bug.
    #[error("the hashing was cut short")]
    CutShort,
}

/// The form in which a new password is stored.
pub(super) fn hash(password: &Password, salt: [u8; 16]) -> Result<String, HashError> {
    phc(password.expose().as_bytes(), salt)
}

/// The form in which a password of v12 is stored: `salt` and `hash` are the two fields of its
/// table.
pub(super) fn wrap_v12(
    v12_salt: &str,
    v12_hash: &str,
    salt: [u8; 16],
) -> Result<String, HashError> {
    let is_salt = (1..=V12_MAX_SALT).contains(&v12_salt.len())
        && v12_salt.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'$');
    let is_hash =
        v12_hash.len() == V12_DIGITS && v12_hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_salt || !is_hash {
        return Err(HashError::Damaged);
    }
    let wrapped = phc(v12_hash.to_ascii_lowercase().as_bytes(), salt)?;
    Ok(format!("{V12}{v12_salt}{wrapped}"))
}

/// Checks a password against its stored form. `None` stands for an account that does not exist: it
/// takes as long, and is never right.
pub(super) fn verify(stored: Option<&str>, password: &Password) -> Result<Verdict, HashError> {
    let typed = password.expose();
    let too_long = typed.len() > MAX_PASSWORD;
    let typed = if too_long { "" } else { typed };
    let (is_right, outdated) = match stored.map(|stored| (stored, stored.strip_prefix(V12))) {
        None => {
            black_box(matches(NOBODY, typed.as_bytes())?);
            (false, false)
        }
        Some((_, Some(wrapped))) => {
            let (salt, phc) = wrapped
                .split_at_checked(wrapped.find('$').unwrap_or_default())
                .ok_or(HashError::Damaged)?;
            (matches(phc, v12_hash(salt, typed).as_bytes())?.0, true)
        }
        Some((phc, None)) => matches(phc, typed.as_bytes())?,
    };
    Ok(if is_right && !too_long { Verdict::Right { outdated } } else { Verdict::Wrong })
}

fn phc(input: &[u8], salt: [u8; 16]) -> Result<String, HashError> {
    let refused = |error: &dyn std::fmt::Display| HashError::Refused(error.to_string());
    let params = Params::new(MEMORY, PASSES, LANES, None).map_err(|error| refused(&error))?;
    let hashed = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(input, &salt);
    hashed.map(|hash| hash.to_string()).map_err(|error| refused(&error))
}

/// Whether `input` has this hash, and whether the hash has costs of another day.
fn matches(phc: &str, input: &[u8]) -> Result<(bool, bool), HashError> {
    let hash = PasswordHash::new(phc).map_err(|_| HashError::Damaged)?;
    let params = Params::try_from(&hash).map_err(|_| HashError::Damaged)?;
    let costs = (params.m_cost(), params.t_cost(), params.p_cost());
    if hash.algorithm.as_str() != "argon2id" || costs.0 > MAX_MEMORY || costs.1 > MAX_PASSES {
        return Err(HashError::Damaged);
    }
    let is_right = Argon2::default().verify_password(input, &hash).is_ok();
    Ok((is_right, costs != (MEMORY, PASSES, LANES)))
}

/// The hash that v12 would have stored.
fn v12_hash(salt: &str, password: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA512, salt.as_bytes());
    let tag = hmac::sign(&key, password.as_bytes());
    tag.as_ref().iter().fold(String::with_capacity(V12_DIGITS), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: [u8; 16] = [7; 16];

    fn password(text: &str) -> Password {
        Password::new(text)
    }

    #[test]
    fn only_the_right_password_passes() {
        let stored = hash(&password("correct horse é"), SALT).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let right = verify(Some(&stored), &password("correct horse é"));
        assert_eq!(right, Ok(Verdict::Right { outdated: false }));
        for wrong in ["", "correct horse", "Correct horse é", "correct horse é "] {
            assert_eq!(verify(Some(&stored), &password(wrong)), Ok(Verdict::Wrong), "{wrong}");
        }
    }

    #[test]
    fn a_password_of_v12_passes_once_it_is_wrapped_and_is_outdated() {
        // HMAC-SHA512 of "secret" with the key "0123456789abcdef".
        let v12 = v12_hash("0123456789abcdef", "secret");
        let stored = wrap_v12("0123456789abcdef", &v12, SALT).unwrap();
        assert!(!stored.contains(&v12) && stored.starts_with("v12$0123456789abcdef$argon2id$"));
        let right = verify(Some(&stored), &password("secret"));
        assert_eq!(right, Ok(Verdict::Right { outdated: true }));
        assert_eq!(verify(Some(&stored), &password("Secret")), Ok(Verdict::Wrong));
        assert_eq!(
            verify(Some(&stored), &password(&v12)),
            Ok(Verdict::Wrong),
            "no hash as password"
        );
    }

    #[test]
    fn the_hash_of_v12_is_hmac_sha512_keyed_by_the_salts_text() {
        // RFC 4231, test case 2.
        let expected = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                        9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
        assert_eq!(v12_hash("Jefe", "what do ya want for nothing?"), expected);
    }

    #[test]
    fn nobody_has_no_password() {
        for text in ["", "a", "password"] {
            assert_eq!(verify(None, &password(text)), Ok(Verdict::Wrong));
        }
    }

    #[test]
    fn nobodys_hash_costs_as_much_as_a_new_one() {
        let costs = |phc: &str| {
            let hash = PasswordHash::new(phc).unwrap();
            let salt = hash.salt.unwrap().len();
            (Params::try_from(&hash).unwrap(), hash.version, salt, hash.hash.unwrap().len())
        };
        assert_eq!(costs(NOBODY), costs(&hash(&password("any"), SALT).unwrap()));
    }

    #[test]
    fn a_hash_with_other_costs_is_outdated() {
        let params = Params::new(1024, 1, 1, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let stored = argon2.hash_password_with_salt(b"secret", &SALT).unwrap().to_string();
        assert_eq!(
            verify(Some(&stored), &password("secret")),
            Ok(Verdict::Right { outdated: true })
        );
    }

    #[test]
    fn what_is_no_hash_is_damaged_and_not_wrong() {
        let dear = NOBODY.replace("m=19456", "m=4000000");
        for stored in ["", "secret", "v12$", "v12$salt", "v12$salt$x", "$2b$10$abc", &dear] {
            assert_eq!(verify(Some(stored), &password("x")), Err(HashError::Damaged), "{stored}");
        }
        for (salt, hash) in [("", "a"), ("s$t", "a"), ("salt", "xyz"), ("salt", "")] {
            assert_eq!(wrap_v12(salt, hash, SALT), Err(HashError::Damaged), "{salt} {hash}");
        }
    }

    #[test]
    fn a_password_beyond_all_bounds_never_matches() {
        let long = "x".repeat(MAX_PASSWORD + 1);
        let stored = hash(&password(&long), SALT).unwrap();
        assert_eq!(verify(Some(&stored), &password(&long)), Ok(Verdict::Wrong));
    }
}
