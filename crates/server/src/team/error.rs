//! Why something about the team is not done.

use parlance_store::{CommitError, ReadError};

use crate::auth::permission::{Excess, RuleError};
use crate::auth::service::{AccountError, Denied, Unavailable};
use crate::workspaces::WorkspacesError;

/// Why something about the team is not done. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum TeamError {
    /// Nobody asks.
    #[error("Authorization header is missing")]
    Anonymous,
    /// There is no such account.
    #[error("there is no account \"{0}\"")]
    NoAccount(String),
    /// There is one already.
    #[error("User \"{0}\" is already taken")]
    Taken(String),
    /// The account has a role in the workspace already.
    #[error("User \"{0}\" is already a member of this workspace")]
    AlreadyMember(String),
    /// The account has no role in the workspace.
    #[error("\"{email}\" is no member of the workspace \"{workspace}\"")]
    NotMember {
        /// The account's email.
        email: String,
        /// The workspace.
        workspace: String,
    },
    /// There is no such role.
    #[error("there is no role \"{role}\" in the workspace \"{workspace}\"; it has {known}")]
    NoRole {
        /// The role.
        role: String,
        /// The workspace.
        workspace: String,
        /// Those that there are.
        known: String,
    },
    /// Accounts log in another way.
    #[error("there is no strategy \"{0}\"; accounts of this server have \"default\"")]
    NoStrategy(String),
    /// The caller would remove themselves.
    #[error("you cannot remove yourself; ask another administrator")]
    Oneself,
    /// Nobody would be left who may do everything in the workspace.
    #[error(
        "\"{email}\" is the last member with the role \"{role}\" in the workspace \"{workspace}\"; \
         give that role to somebody else first"
    )]
    LastAdmin {
        /// The account's email.
        email: String,
        /// The workspace's `adminRole`.
        role: String,
        /// The workspace.
        workspace: String,
    },
    /// Nobody would be left who may do everything on the server.
    #[error("\"{0}\" is the last super admin; make another one first")]
    LastSuperAdmin(String),
    /// Somebody would act for who has more.
    #[error("only super admins may do this to \"{email}\": {why}")]
    Above {
        /// The account's email.
        email: String,
        /// What is above.
        why: &'static str,
    },
    /// Somebody would hand out more than they have.
    #[error("the role \"{role}\" is beyond yours: {excess}")]
    Beyond {
        /// The role.
        role: String,
        /// What is beyond.
        excess: Excess,
    },
    /// A role that is needed as it is.
    #[error("the role \"{role}\" cannot be {done}: {why}")]
    RoleNeeded {
        /// The role.
        role: String,
        /// Such as `removed`.
        done: &'static str,
        /// Who needs it, and what to do.
        why: String,
    },
    /// A value that is not allowed.
    #[error("{field} cannot be used: {problem}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong with it, and what is allowed.
        problem: String,
    },
    /// A rule cannot be read.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The file of workspaces does not allow it.
    #[error(transparent)]
    Workspaces(#[from] WorkspacesError),
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It cannot be done now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// A bug; it was logged.
    #[error("something went wrong")]
    Failed,
}

impl From<ReadError> for TeamError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Key(error) => Self::Invalid { field: "name", problem: error.to_string() },
            error => Self::Unavailable(error.into()),
        }
    }
}

impl From<CommitError> for TeamError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Key(error) => Self::Invalid { field: "name", problem: error.to_string() },
            error => Self::Unavailable(error.into()),
        }
    }
}

impl From<AccountError> for TeamError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::BadEmail => {
                let problem = "it is empty, too long, or holds control characters".to_owned();
                Self::Invalid { field: "email", problem }
            }
            AccountError::Exists(name) => Self::Taken(name),
            AccountError::Unknown(name) => Self::NoAccount(name),
            AccountError::Unavailable(error) => Self::Unavailable(error),
        }
    }
}
