//! The first account: registered with a one-time code, open as in v12, or made from the environment
//! (`spec` http 2.5). All others are invited.

use std::net::IpAddr;
use std::sync::{MutexGuard, PoisonError};

use parlance_store::{Account, Created, Json, Membership};

use super::login::Session;
use super::{Auth, Unavailable, is_same_secret};
use crate::auth::AccountId;
use crate::auth::key::random_text;
use crate::auth::lockout::{Held, Try};
use crate::auth::password::{Password, V12_MIN_LENGTH, Weakness};
use crate::auth::permission::ADMIN_ROLE;

/// The workspace that a server begins with.
const DEFAULT_WORKSPACE: &str = "default";

/// Characters of the code: 71 bits.
const CODE_LENGTH: usize = 12;

/// The code for the first account.
#[derive(Default)]
pub(super) struct CodeState(Option<String>);

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// There is an account already.
    #[error("Registration is disabled")]
    Disabled,
    /// v12's rule.
    #[error("Email or password is too short.")]
    TooShort,
    /// The email is none that an account can have.
    #[error("Email is too long or holds control characters.")]
    BadEmail,
    /// Ours.
    #[error("Password doesn't match policy: {0}")]
    Weak(Weakness),
    /// The code is missing or wrong.
    #[error(
        "the first account needs the code that the server printed at its start (field \"code\", or \
         header X-Registration-Code); or set BP_ADMIN_EMAIL and BP_ADMIN_PASSWORD"
    )]
    Code,
    /// There were too many wrong codes from this address.
    #[error("too many wrong registration codes from this address")]
    Held {
        /// When to come back, in seconds.
        retry_after_secs: u64,
    },
    /// It cannot be done now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// What became of the account that the environment names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstAccount {
    /// It was made. Its password is taken as it is; what a new one would be refused for.
    Created(Option<Weakness>),
    /// There are accounts already.
    NotNeeded,
}

impl Auth {
    /// The code that the first registration needs, for the operator to see: the same until
    /// the server stops. `None` when there are accounts, or none is needed.
    pub async fn registration_code(&self) -> Result<Option<String>, Unavailable> {
        if self.config.open_registration || self.store.has_accounts().await? {
            return Ok(None);
        }
        let fresh = random_text(CODE_LENGTH)?;
        Ok(Some(self.code().0.get_or_insert(fresh).clone()))
    }

    /// Whether nobody has an account yet (`isFirstUser`).
    pub async fn is_first(&self) -> Result<bool, Unavailable> {
        Ok(!self.store.has_accounts().await?)
    }

    /// Registers the first account, which may do everything, and logs it in.
    pub async fn register_first(
        &self,
        email: &str,
        password: Password,
        code: Option<&str>,
        from: IpAddr,
    ) -> Result<Session, RegisterError> {
        if !self.is_first().await? {
            return Err(RegisterError::Disabled);
        }
        self.check_code(code, from)?;
        let id = AccountId::of_email(email);
        if id.email.chars().count() < V12_MIN_LENGTH || password.length() < V12_MIN_LENGTH {
            return Err(RegisterError::TooShort);
        }
        if !id.is_possible() {
            return Err(RegisterError::BadEmail);
        }
        let judged =
            self.hasher.judge(self.config.passwords, password.clone(), id.email.clone()).await;
        judged.map_err(Unavailable::from)?.map_err(RegisterError::Weak)?;
        let account = self.make_first(&id, password).await?.ok_or(RegisterError::Disabled)?;
        self.code().0 = None;
        let version = account.token_version;
        Ok(self.session(&account, version).map_err(Unavailable::from)?)
    }

    /// Makes the account of `BP_ADMIN_EMAIL` and `BP_ADMIN_PASSWORD` unless there are accounts.
    pub async fn make_first_account(&self) -> Result<FirstAccount, Unavailable> {
        let Some((email, password)) = self.config.first_account.clone() else {
            return Ok(FirstAccount::NotNeeded);
        };
        if !self.is_first().await? {
            return Ok(FirstAccount::NotNeeded);
        }
        let judged =
            self.hasher.judge(self.config.passwords, password.clone(), email.clone()).await?;
        let made = self.make_first(&AccountId::of_email(&email), password).await?;
        Ok(made.map_or(FirstAccount::NotNeeded, |_| FirstAccount::Created(judged.err())))
    }

    /// `None`: another one was first.
    async fn make_first(
        &self,
        id: &AccountId,
        password: Password,
    ) -> Result<Option<Account>, Unavailable> {
        let account = self.new_account(id, password, true).await?;
        if self.store.create_account(account.clone(), true).await? != Created::Created {
            return Ok(None);
        }
        let membership = Membership {
            email: id.email.clone(),
            strategy: id.strategy.clone(),
            workspace: DEFAULT_WORKSPACE.to_owned(),
            role: ADMIN_ROLE.to_owned(),
            created_on: account.created_on,
        };
        self.store.set_membership(membership).await?;
        Ok(Some(account))
    }

    /// An account that is not stored yet.
    pub(super) async fn new_account(
        &self,
        id: &AccountId,
        password: Password,
        super_admin: bool,
    ) -> Result<Account, Unavailable> {
        let password = self.hasher.hash(password).await?;
        let now = self.now();
        Ok(Account {
            email: id.email.clone(),
            strategy: id.strategy.clone(),
            password,
            super_admin,
            attributes: Json::from(&serde_json::json!({})),
            token_version: 1,
            failures: 0,
            last_failure_on: None,
            locked_until: None,
            password_changed_on: now,
            password_expired: false,
            last_login_on: None,
            created_on: now,
        })
    }

    fn check_code(&self, given: Option<&str>, from: IpAddr) -> Result<(), RegisterError> {
        if self.config.open_registration {
            return Ok(());
        }
        // Counted for each address by itself, so that nobody holds up who has the code.
        let attempt = Try::new(&format!("registration code from {from}"), from);
        self.lockout.admit(&attempt, self.now()).map_err(|held| {
            let (Held::Account { wait } | Held::Address { wait }) = held;
            RegisterError::Held { retry_after_secs: wait.unsigned_abs().div_ceil(1000) }
        })?;
        let expected = self.code().0.clone();
        let is_right = match (expected, given) {
            (Some(expected), Some(given)) => is_same_secret(&expected, given.trim()),
            _ => false,
        };
        if is_right {
            return Ok(());
        }
        if given.is_some() {
            self.lockout.failed(&attempt, self.now());
        }
        Err(RegisterError::Code)
    }

    fn code(&self) -> MutexGuard<'_, CodeState> {
        self.code.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
