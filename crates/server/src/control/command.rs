//! What can be asked for, and what comes back, as JSON on the socket.
//!
//! Some hold passwords: none of them is shown by `Debug`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::auth::AccountId;

/// A command.
#[derive(Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "camelCase")]
pub enum Command {
    /// Make an account.
    Add(NewUser),
    /// List accounts by name.
    List {
        /// Those behind this one.
        after: Option<AccountName>,
    },
    /// Give an account a password for once.
    Reset(AccountName),
    /// Remove an account with its keys and memberships.
    Remove(AccountName),
    /// Take an account over from v12.
    TakeOver(OldAccount),
    /// Take a membership over from v12.
    Join(NewMember),
}

/// The name of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountName {
    /// Email, in lower case.
    pub email: String,
    /// How the account logs in.
    pub strategy: String,
}

/// An account to make.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    /// Its email, in any case.
    pub email: String,
    /// Its password.
    pub password: String,
    /// Whether it may do everything.
    pub super_admin: bool,
    /// Where it works.
    pub role: Option<Role>,
}

/// A role in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The workspace's id.
    pub workspace: String,
    /// The role's id; `None` for the one that new members get.
    pub role: Option<String>,
}

/// An account of v12.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OldAccount {
    /// Its name.
    pub name: AccountName,
    /// Hex HMAC-SHA512 of the password.
    pub password: String,
    /// The key of that.
    pub salt: String,
    /// Names, picture and state.
    pub attributes: Map<String, Value>,
    /// Version of its tokens.
    pub token_version: i64,
    /// Whether it may do everything.
    pub super_admin: bool,
}

/// A membership of v12.
#[derive(Serialize, Deserialize)]
pub struct NewMember {
    /// Who.
    pub name: AccountName,
    /// The workspace's id.
    pub workspace: String,
    /// The role's id.
    pub role: String,
}

/// What comes of a command.
#[derive(Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "camelCase")]
pub enum Reply {
    /// It is done.
    Done,
    /// There is such an account already, which stays as it is.
    Exists,
    /// It is done, and this is the password for once.
    Password {
        /// The password.
        password: String,
    },
    /// A page of accounts.
    Accounts {
        /// The accounts.
        accounts: Vec<Found>,
        /// Whether there may be more behind them.
        more: bool,
    },
    /// It is not done.
    Refused {
        /// Why.
        reason: String,
    },
}

/// An account in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Its name.
    pub name: AccountName,
    /// Whether it may do everything.
    pub super_admin: bool,
    /// Whether its password is one for once.
    pub password_expired: bool,
    /// In milliseconds since 1970.
    pub last_login_on: Option<i64>,
    /// Where it works: workspace and role.
    pub roles: Vec<(String, String)>,
}

impl From<AccountName> for AccountId {
    fn from(name: AccountName) -> Self {
        Self { email: name.email, strategy: name.strategy }
    }
}

impl From<AccountId> for AccountName {
    fn from(id: AccountId) -> Self {
        Self { email: id.email, strategy: id.strategy }
    }
}
