//! Who calls: what the credentials of a request turned out to mean.

use std::fmt;

use super::permission::Scopes;

/// The strategy of email and password.
pub const DEFAULT_STRATEGY: &str = "default";

/// Longest email, in bytes (RFC 5321, 4.5.3.1).
const MAX_EMAIL: usize = 320;

/// The name of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountId {
    /// Email, in lower case.
    pub email: String,
    /// How the account logs in.
    pub strategy: String,
}

impl AccountId {
    /// The account with email and password that goes by this email, in any case.
    pub fn of_email(email: &str) -> Self {
        Self { email: email.trim().to_lowercase(), strategy: DEFAULT_STRATEGY.to_owned() }
    }

    /// Whether an account can have this name.
    pub fn is_possible(&self) -> bool {
        let is_name = |text: &str| {
            (1..=MAX_EMAIL).contains(&text.len()) && !text.chars().any(char::is_control)
        };
        is_name(&self.email) && is_name(&self.strategy)
    }
}

/// As audit rows name it.
impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.email, self.strategy)
    }
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A person who has logged in.
    Account {
        /// The account.
        account: AccountId,
        /// Whether it may do everything.
        super_admin: bool,
    },
    /// A program with an API key.
    Key {
        /// Id of the key.
        id: String,
        /// Its owner, whose rights bound those of the key.
        account: AccountId,
        /// Whether the owner may do everything.
        super_admin: bool,
        /// What bounds the key besides.
        limits: KeyLimits,
    },
    /// Nobody who said so.
    Anonymous,
}

/// What an API key is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLimits {
    /// What it may.
    pub scopes: Scopes,
    /// The bots for which it is good; `None`: all of its owner.
    pub bots: Option<Vec<String>>,
    /// The workspace for which it is good; `None`: all of its owner.
    pub workspace: Option<String>,
    /// Requests per minute; `None`: no limit of its own.
    pub rate_limit: Option<i64>,
}

impl Caller {
    /// The account that calls, or that owns the key that does.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Account { account, .. } | Self::Key { account, .. } => Some(account),
            Self::Anonymous => None,
        }
    }

    /// Whether the account may do everything. A key is still bound by its limits.
    pub fn is_super_admin(&self) -> bool {
        match self {
            Self::Account { super_admin, .. } | Self::Key { super_admin, .. } => *super_admin,
            Self::Anonymous => false,
        }
    }
}

/// As audit rows name it.
impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account { account, .. } => write!(f, "account:{account}"),
            Self::Key { id, .. } => write!(f, "key:{id}"),
            Self::Anonymous => f.write_str("anonymous"),
        }
    }
}
