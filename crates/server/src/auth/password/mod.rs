//! Passwords: how they are hashed, where the hashing runs, and which new ones are good enough
//! (`spec` http 2.2, 2.4, 2.5).
//!
//! Data flows login → [`Hasher`] (bounded, on blocking threads) → `hash` (pure) → [`Verdict`]. New
//! passwords pass [`PasswordPolicy`] first.

mod hash;
mod hasher;
mod policy;

use std::fmt;

pub use hash::{HashError, Verdict};
pub use hasher::{Hasher, Place};
pub use policy::{PasswordPolicy, V12_MIN_LENGTH, Weakness};

/// Longest password that is looked at, in bytes. Longer ones never match.
pub const MAX_PASSWORD: usize = 1024;

/// A password as somebody typed it; never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes what was typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// How many characters it has.
    pub fn length(&self) -> usize {
        self.0.chars().count()
    }

    fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
