//! How requests name an account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::error::HttpError;
use super::super::routes::{Call, Recorded};
use crate::auth::{AccountId, DEFAULT_STRATEGY};
use crate::team::RoleChange;

/// An account, and the role that it shall have.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "MembershipRequest")]
pub(super) struct WithRole {
    /// In any case.
    #[schemars(length(min = 1))]
    pub(super) email: String,
    /// How the account logs in; `default` if nothing is said.
    #[schemars(length(min = 1))]
    pub(super) strategy: Option<String>,
    /// The id of one of the workspace's roles.
    #[schemars(length(min = 1))]
    pub(super) role: String,
}

impl WithRole {
    /// The account; 404 for a name that none can have.
    pub(super) fn account(&self) -> Result<AccountId, HttpError> {
        let strategy = self.strategy.as_deref().unwrap_or(DEFAULT_STRATEGY);
        possible(&self.email, strategy)
    }
}

/// The account that `{strategy}` and `{email}` of the path name.
pub(super) fn of_path(call: &Call) -> Result<AccountId, HttpError> {
    possible(&call.parameter("email")?, &call.parameter("strategy")?)
}

fn possible(email: &str, strategy: &str) -> Result<AccountId, HttpError> {
    let id = AccountId { strategy: strategy.to_owned(), ..AccountId::of_email(email) };
    if id.is_possible() {
        return Ok(id);
    }
    Err(HttpError::not_found("no account has this email"))
}

/// Which account an answer is about.
#[derive(Serialize, JsonSchema)]
pub(super) struct Email {
    pub(super) email: String,
}

#[derive(Serialize)]
struct Membership<'m> {
    workspace: &'m str,
    role: &'m str,
}

/// What the audit log says of a membership.
pub(super) fn recorded(account: &AccountId, workspace: &str, change: &RoleChange) -> Recorded {
    let membership = |role: &'_ Option<String>| {
        role.as_deref().map(|role| (workspace.to_owned(), role.to_owned()))
    };
    let (before, after) = (membership(&change.before), membership(&change.after));
    let shown = |role: &Option<String>| role.clone().unwrap_or_else(|| "none".to_owned());
    let shape = |membership: &(String, String)| {
        serde_json::json!(Membership { workspace: &membership.0, role: &membership.1 })
    };
    Recorded::of(format!("account:{account} workspace={workspace}"))
        .changed(before.as_ref().map(shape).as_ref(), after.as_ref().map(shape).as_ref())
        .note(format!("role {} → {}", shown(&change.before), shown(&change.after)))
}
