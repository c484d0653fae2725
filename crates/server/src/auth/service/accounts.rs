//! Accounts that others make: invited with a password for once, reset, added by the operator, taken
//! over from v12 (`spec` http 2.4, 3.3). Who may do that is asked before.

use parlance_store::{Account, AccountChange, Created, FailureChange, Json};
use serde_json::{Map, Value};

use super::{Auth, Unavailable};
use crate::auth::AccountId;
use crate::auth::key::random_text;
use crate::auth::password::Password;

/// What is kept of v12's attributes.
const PROFILE: [&str; 3] = ["firstname", "lastname", "picture_url"];

/// Characters of a password for once (v12's).
const TEMPORARY_LENGTH: usize = 15;

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// No account can have this email.
    #[error("the email is empty, too long, or holds control characters")]
    BadEmail,
    /// There is one already.
    #[error("there is an account \"{0}\" already")]
    Exists(String),
    /// There is none.
    #[error("there is no account \"{0}\"")]
    Unknown(String),
    /// It cannot be done now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// An account as v12's table has it.
#[derive(Debug, Clone)]
pub struct V12Account {
    /// Email and strategy.
    pub account: AccountId,
    /// Column `password`: hex HMAC-SHA512.
    pub password: String,
    /// Column `salt`.
    pub salt: String,
    /// Column `attributes`: names and picture, `password_expired`, `locked_out`.
    pub attributes: Map<String, Value>,
    /// Column `tokenVersion`: with v12's `appSecret`, its tokens go on.
    pub token_version: i64,
    /// Whether it is in `superAdmins`.
    pub super_admin: bool,
}

impl Auth {
    /// Makes an account with a password for once, which is returned; the first login must bring
    /// another.
    pub async fn invite(&self, id: &AccountId) -> Result<String, AccountError> {
        let text = random_text(TEMPORARY_LENGTH).map_err(Unavailable::from)?;
        check_name(id)?;
        let account = self.new_account(id, Password::new(text.as_str()), false).await?;
        self.create(Account { password_expired: true, ..account }).await?;
        Ok(text)
    }

    /// Gives an account a password for once, which is returned, unlocks it, and ends its sessions.
    pub async fn reset_password(&self, id: &AccountId) -> Result<String, AccountError> {
        let text = random_text(TEMPORARY_LENGTH).map_err(Unavailable::from)?;
        check_name(id)?;
        let hash = self.hasher.hash(Password::new(text.as_str())).await;
        let change = AccountChange {
            password: Some(hash.map_err(Unavailable::from)?),
            password_changed_on: Some(self.now()),
            password_expired: Some(true),
            failures: Some(FailureChange::Clear),
            bump_token_version: true,
            ..AccountChange::default()
        };
        let _replacing = self.replacing.lock().await;
        let existed = self.store.change_account(&id.email, &id.strategy, change).await;
        if existed.map_err(Unavailable::from)? {
            Ok(text)
        } else {
            Err(AccountError::Unknown(id.to_string()))
        }
    }

    /// Makes an account with a password that the operator has chosen, whatever it is.
    pub async fn add_account(
        &self,
        id: &AccountId,
        password: Password,
        super_admin: bool,
    ) -> Result<(), AccountError> {
        check_name(id)?;
        let account = self.new_account(id, password, super_admin).await?;
        self.create(account).await
    }

    /// Takes an account over from v12. Its password is replaced by a stronger form at the next
    /// login.
    pub async fn take_over(&self, from: V12Account) -> Result<(), AccountError> {
        check_name(&from.account)?;
        let hash = self.hasher.take_over_v12(from.salt, from.password).await;
        let password = hash.map_err(Unavailable::from)?;
        let now = self.now();
        let is_set = |name: &str| from.attributes.get(name) == Some(&Value::Bool(true));
        let password_expired = is_set("password_expired");
        // Whoever could unlock the others is not locked out for good.
        let is_locked = is_set("locked_out") && !from.super_admin;
        let mut attributes = from.attributes;
        attributes.retain(|name, _| PROFILE.contains(&name.as_str()));
        self.create(Account {
            email: from.account.email,
            strategy: from.account.strategy,
            password,
            super_admin: from.super_admin,
            attributes: Json::from(&Value::Object(attributes)),
            token_version: from.token_version,
            failures: 0,
            last_failure_on: None,
            locked_until: is_locked.then_some(i64::MAX),
            password_changed_on: now,
            password_expired,
            last_login_on: None,
            created_on: now,
        })
        .await
    }

    async fn create(&self, account: Account) -> Result<(), AccountError> {
        let name = format!("{}/{}", account.email, account.strategy);
        match self.store.create_account(account, false).await.map_err(Unavailable::from)? {
            Created::Created => Ok(()),
            Created::Exists | Created::NotFirst => Err(AccountError::Exists(name)),
        }
    }
}

fn check_name(id: &AccountId) -> Result<(), AccountError> {
    let is_lower = id.email == id.email.to_lowercase();
    if id.is_possible() && is_lower { Ok(()) } else { Err(AccountError::BadEmail) }
}
