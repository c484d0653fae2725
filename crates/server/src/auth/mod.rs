//! Who may do what.
//!
//! There are no accounts yet, so no token is valid.

use std::fmt;

use serde::Serialize;

/// What is done to a resource (`spec` http 2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Looking at it.
    Read,
    /// Changing it.
    Write,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody that is known.
    Anonymous,
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
        }
    }
}

/// Why somebody may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The token is not valid.
    #[error("Invalid authentication token")]
    InvalidToken,
}

/// Knows accounts, keys and rights.
#[derive(Debug, Clone, Default)]
pub struct Auth;

impl Auth {
    /// Who presents this token; `csrf` is what the page said, where it came in a cookie.
    pub fn authenticate(&self, _token: &str, _csrf: Option<&str>) -> Result<Caller, AuthError> {
        Err(AuthError::InvalidToken)
    }
}
