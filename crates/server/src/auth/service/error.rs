//! What can go wrong, in v12's words where clients see them (`spec` http 1.15, 2.2, 2.6, 2.7). HTTP
//! statuses are `http`'s business.

use parlance_store::{CommitError, ReadError};

use crate::auth::AccountId;
use crate::auth::jwt::Refusal;
use crate::auth::password::{HashError, Weakness};
use crate::auth::permission::Operation;
use crate::clock::NoChance;

/// The server cannot do it now; it is not the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// The database cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The database cannot be written.
    #[error(transparent)]
    Write(#[from] CommitError),
    /// Nothing random can be had.
    #[error(transparent)]
    NoChance(#[from] NoChance),
    /// Too many log in at the same time, or the hashing failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl Unavailable {
    /// When to come back, in seconds, where that is known.
    pub fn retry_after_secs(&self) -> Option<u32> {
        match self {
            Self::Hash(HashError::Busy { retry_after_secs }) => Some(*retry_after_secs),
            _ => None,
        }
    }
}

/// Why a login fails.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Unknown account, wrong password: nobody is told which.
    #[error("Invalid credentials")]
    InvalidCredentials,
    /// There were too many wrong passwords for the account.
    #[error("Account locked out")]
    LockedOut {
        /// When to come back, in seconds; `None`: not before somebody unlocks it.
        retry_after_secs: Option<u64>,
    },
    /// There were too many wrong passwords from this address.
    #[error("Too many failed logins from this address")]
    AddressHeld {
        /// When to come back, in seconds.
        retry_after_secs: u64,
    },
    /// The password is right and too old: the login must bring a new one.
    #[error("Password Expired")]
    PasswordExpired,
    /// The new password is not good enough.
    #[error("Password doesn't match policy: {0}")]
    Weak(Weakness),
    /// It cannot be done now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why credentials are not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// There are none.
    #[error("Authorization header is missing")]
    NoHeader,
    /// They are of another kind.
    #[error("Unknown scheme \"{0}\"")]
    Scheme(String),
    /// The header holds nothing but the scheme.
    #[error("Authentication token is missing")]
    NoToken,
    /// The token or key is not accepted. Callers are not told why; the log is.
    #[error("Invalid authentication token")]
    Invalid(Rejected),
    /// It cannot be checked now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a token or key is not accepted, for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The token does not hold.
    #[error(transparent)]
    Token(#[from] Refusal),
    /// The token came in a cookie without the CSRF token that belongs to it.
    #[error("the CSRF token is missing or another one's")]
    Csrf,
    /// The account is gone.
    #[error("no such account")]
    NoAccount,
    /// The account has logged out, or its password was changed.
    #[error("the token was revoked")]
    Revoked,
    /// The text is no key.
    #[error("the form or the checksum of the key is wrong")]
    KeyForm,
    /// There is no such key.
    #[error("no such key")]
    NoKey,
    /// The key was taken back.
    #[error("the key was revoked")]
    KeyRevoked,
    /// The key's time is over.
    #[error("the key has expired")]
    KeyExpired,
    /// What is stored of the key is not understood.
    #[error("the stored key is damaged")]
    KeyDamaged,
}

/// Why a caller may not do something.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The caller has not said who it is.
    #[error("Authorization header is missing")]
    Anonymous,
    /// The account has no role in the workspace.
    #[error("User \"{email}\" doesn't have access to workspace \"{workspace}\"")]
    NotMember {
        /// The account's email.
        email: String,
        /// The workspace.
        workspace: String,
    },
    /// The role lacks the right.
    #[error(
        "user does not have sufficient permissions to \"{operation}\" on resource \"{resource}\""
    )]
    Lacking {
        /// What was to be done.
        operation: Operation,
        /// With what.
        resource: String,
    },
    /// Only super admins may.
    #[error("User needs to be super admin to perform this action")]
    NotSuperAdmin,
    /// The key has no scope for it.
    #[error("the API key has no scope to \"{operation}\" on resource \"{resource}\"")]
    Scope {
        /// What was to be done.
        operation: Operation,
        /// With what.
        resource: String,
    },
    /// The key is not good for this bot, or for all bots.
    #[error("the API key is not good for {}", bot.as_ref().map_or("all bots".to_owned(), |bot| format!("bot \"{bot}\"")))]
    Bot {
        /// The bot; `None` where the action is about no single one.
        bot: Option<String>,
    },
    /// The key is not good for this workspace, or for the whole server.
    #[error("the API key is not good for {}", workspace.as_ref().map_or("the whole server".to_owned(), |id| format!("workspace \"{id}\"")))]
    Workspace {
        /// The workspace; `None` where the action is about the server.
        workspace: Option<String>,
    },
    /// It cannot be found out now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Denied {
    pub(super) fn not_member(account: &AccountId, workspace: &str) -> Self {
        Self::NotMember { email: account.email.clone(), workspace: workspace.to_owned() }
    }
}
