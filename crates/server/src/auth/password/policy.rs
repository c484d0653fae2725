//! Which new passwords are good enough, and when one has grown too old (`spec` http 2.4, 2.5).
//!
//! v12 takes any four characters unless it is configured. Ours asks by default for eight that are no
//! well-known password; what the operator says in the environment is held to v12's rule alone.

use std::time::Duration;

use zxcvbn::{Score, zxcvbn};

use super::{MAX_PASSWORD, Password};

/// Shortest email and password that v12 takes when somebody registers, in characters.
pub const V12_MIN_LENGTH: usize = 4;

/// Shortest new password unless `passwordMinLength` says otherwise, in characters.
const MIN_LENGTH: usize = 8;

/// What a new password must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PasswordPolicy {
    /// `passwordMinLength`, in characters; 8 where it is not set.
    pub min_length: Option<usize>,
    /// `requireComplexPassword`: lower and upper case, digit and another character.
    pub complex: bool,
    /// `passwordExpiryDelay`: how long a password lasts; for ever where it is not set.
    pub expires_after: Option<Duration>,
}

/// Why a new password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// It has too few characters.
    #[error("it must have at least {min} characters")]
    TooShort {
        /// So many are needed.
        min: usize,
    },
    /// It is longer than anything that is looked at.
    #[error("it must have at most {MAX_PASSWORD} bytes")]
    TooLong,
    /// It lacks a kind of character.
    #[error("it needs a lower case letter, an upper case letter, a digit and a special character")]
    TooSimple,
    /// It is known to those who guess.
    #[error("it is too easy to guess")]
    Guessable,
    /// It is the one that the account has now.
    #[error("it must differ from the current one")]
    Unchanged,
}

impl PasswordPolicy {
    /// Checks a new password of the account with this email, whose parts make bad passwords.
    pub fn check(&self, password: &Password, email: &str) -> Result<(), Weakness> {
        let text = password.expose();
        let min = self.min_length.unwrap_or(MIN_LENGTH);
        if text.len() > MAX_PASSWORD {
            return Err(Weakness::TooLong);
        }
        if text.chars().count() < min {
            return Err(Weakness::TooShort { min });
        }
        if self.complex && !has_all_kinds(text) {
            return Err(Weakness::TooSimple);
        }
        let own: Vec<&str> = [email].into_iter().chain(email.split(['@', '.', '-', '_'])).collect();
        if zxcvbn(text, &own).score() < Score::Two {
            return Err(Weakness::Guessable);
        }
        Ok(())
    }

    /// Whether a password set at `changed_on` is too old at `now`, both in milliseconds since 1970.
    pub fn has_expired(&self, changed_on: i64, now: i64) -> bool {
        self.expires_after.is_some_and(|after| {
            let age = u128::try_from(now.saturating_sub(changed_on)).unwrap_or(0);
            age > after.as_millis()
        })
    }
}

fn has_all_kinds(text: &str) -> bool {
    let has = |kind: fn(char) -> bool| text.chars().any(kind);
    has(char::is_lowercase)
        && has(char::is_uppercase)
        && has(char::is_numeric)
        && has(|c| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: PasswordPolicy =
        PasswordPolicy { min_length: None, complex: false, expires_after: None };
    const COMPLEX: PasswordPolicy = PasswordPolicy { complex: true, ..PLAIN };
    const SHORT: PasswordPolicy = PasswordPolicy { min_length: Some(4), ..PLAIN };

    #[test]
    fn the_policy_decides_what_is_good_enough() {
        let too_short = |min| Err(Weakness::TooShort { min });
        for (policy, password, expected) in [
            (PLAIN, "Admin-Passw0rd!", Ok(())),
            (PLAIN, "correct horse battery", Ok(())),
            (PLAIN, "qz7#kfW", too_short(8)),
            (PLAIN, "", too_short(8)),
            (PLAIN, "password", Err(Weakness::Guessable)),
            (PLAIN, "12345678", Err(Weakness::Guessable)),
            (PLAIN, "qwertyuiop", Err(Weakness::Guessable)),
            (PLAIN, "aaaaaaaaaaaaaaaa", Err(Weakness::Guessable)),
            (PLAIN, "wilhelmina", Err(Weakness::Guessable)),
            (SHORT, "qz7#", Err(Weakness::Guessable)),
            (SHORT, "qz7#kfW", Ok(())),
            (COMPLEX, "correct horse battery", Err(Weakness::TooSimple)),
            (COMPLEX, "Correct horse 7 battery", Ok(())),
            (COMPLEX, "Password1!", Err(Weakness::Guessable)),
        ] {
            let found = policy.check(&Password::new(password), "wilhelmina@example.com");
            assert_eq!(found, expected, "{password}");
        }
        let endless = Password::new("xY7! ".repeat(1000));
        assert_eq!(PLAIN.check(&endless, "a@b.c"), Err(Weakness::TooLong));
    }

    #[test]
    fn a_password_expires_when_its_time_is_over() {
        let day = PasswordPolicy { expires_after: Some(Duration::from_hours(24)), ..PLAIN };
        for (policy, now, expected) in [
            (day, 1_000, false),
            (day, 86_401_000, false),
            (day, 86_401_001, true),
            (day, -5, false),
            (PLAIN, i64::MAX, false),
        ] {
            assert_eq!(policy.has_expired(1_000, now), expected, "{now}");
        }
    }
}
