//! Login with email and password, in v12's order (`spec` http 2.2): lockout, account, hash, expiry,
//! policy of the new password, token.

use std::net::IpAddr;
use std::time::Duration;

use parlance_store::{Account, AccountChange, FailureChange, Lock};

use super::{Auth, LoginError, Unavailable};
use crate::auth::AccountId;
use crate::auth::lockout::{Held, LONGEST_WAIT, Try};
use crate::auth::password::{HashError, Password, Verdict, Weakness};

/// What somebody who logs in brings.
#[derive(Debug, Clone)]
pub struct Login {
    /// Email, in any case.
    pub email: String,
    /// The password.
    pub password: Password,
    /// The one that shall be from now on.
    pub new_password: Option<Password>,
    /// Whether a new password ends all sessions (`invalidateActiveSessions`; v12's default is
    /// yes).
    pub invalidate_sessions: bool,
    /// Where the request comes from.
    pub from: IpAddr,
}

/// What a login gives.
#[derive(Debug, Clone)]
pub struct Session {
    /// The token.
    pub token: String,
    /// In cookie mode, what requests must carry beside the cookie.
    pub csrf: Option<String>,
    /// How long the token holds.
    pub valid_for: Duration,
    /// Whose it is.
    pub account: AccountId,
}

/// An account that has given its password.
pub(super) struct Known {
    pub(super) account: Account,
    /// The stored form of the password is an old one.
    outdated: bool,
}

impl Auth {
    /// Logs in; with a new password, changes it too.
    pub async fn login(&self, login: Login) -> Result<Session, LoginError> {
        let id = AccountId::of_email(&login.email);
        let known = self.check_password(&id, &login.password, login.from).await?;
        if let Some(new) = login.new_password {
            let bump = login.invalidate_sessions;
            let (account, version) = self.replace(known, &login.password, new, bump).await?;
            return Ok(self.session(&account, version).map_err(Unavailable::from)?);
        }
        let policy = &self.config.passwords;
        let changed_on = known.account.password_changed_on;
        if known.account.password_expired || policy.has_expired(changed_on, self.now()) {
            return Err(LoginError::PasswordExpired);
        }
        self.note(&known, login.password).await?;
        let version = known.account.token_version;
        Ok(self.session(&known.account, version).map_err(Unavailable::from)?)
    }

    /// Changes the password of an account that says its current one.
    pub async fn change_password(
        &self,
        id: &AccountId,
        current: Password,
        new: Password,
        from: IpAddr,
    ) -> Result<Session, LoginError> {
        let known = self.check_password(id, &current, from).await?;
        let (account, version) = self.replace(known, &current, new, true).await?;
        Ok(self.session(&account, version).map_err(Unavailable::from)?)
    }

    /// The account, if this is its password. Whether there is one shows neither in the answer nor in
    /// the time it takes.
    async fn check_password(
        &self,
        id: &AccountId,
        password: &Password,
        from: IpAddr,
    ) -> Result<Known, LoginError> {
        let named = if id.is_possible() { id.email.as_str() } else { "" };
        let attempt = Try::new(named, from);
        self.admit(&attempt)?;
        let place = self.hasher.enter().await.map_err(Unavailable::from)?;
        // Others may have failed while this one waited.
        self.admit(&attempt)?;
        let account = self.account(id).await?;
        if let Some(until) = account.as_ref().and_then(|account| account.locked_until)
            && until > self.now()
        {
            return Err(locked(until, self.now()));
        }
        let stored = account.as_ref().map(|account| account.password.clone());
        let verdict = place.check(stored, password.clone()).await;
        match (account, verdict) {
            (Some(account), Ok(Verdict::Right { outdated })) => {
                self.lockout.succeeded(&attempt);
                Ok(Known { account, outdated })
            }
            (account, wrong @ (Ok(_) | Err(HashError::Damaged))) => {
                if wrong.is_err() {
                    tracing::error!(account = %id, "the stored password is damaged: set a new one");
                }
                self.lockout.failed(&attempt, self.now());
                self.count_failure(id, account.as_ref()).await;
                Err(LoginError::InvalidCredentials)
            }
            (_, Err(error)) => Err(Unavailable::from(error).into()),
        }
    }

    fn admit(&self, attempt: &Try) -> Result<(), LoginError> {
        let seconds = |wait: i64| wait.unsigned_abs().div_ceil(1000);
        self.lockout.admit(attempt, self.now()).map_err(|held| match held {
            Held::Account { wait } => {
                LoginError::LockedOut { retry_after_secs: Some(seconds(wait)) }
            }
            Held::Address { wait } => LoginError::AddressHeld { retry_after_secs: seconds(wait) },
        })
    }

    /// Counts a wrong password in the database where v12's lock is on. Where it is off nothing is
    /// written: the write alone would tell, by the time it takes, that the account exists.
    async fn count_failure(&self, id: &AccountId, account: Option<&Account>) {
        let (Some(account), Some(allowed)) = (account, self.config.max_login_attempt) else {
            return;
        };
        let now = self.now();
        let duration = self.config.lockout_duration;
        let until = duration.map_or(i64::MAX, |duration| now.saturating_add(millis(duration)));
        // Whoever could unlock the others is never locked out for good.
        let is_owner = self.is_super_admin(account);
        let longest = if is_owner { now.saturating_add(LONGEST_WAIT) } else { i64::MAX };
        let lock = Some(Lock { allowed: allowed.into(), until: until.min(longest) });
        let failures = Some(FailureChange::Count { on: now, lock });
        let change = AccountChange { failures, ..AccountChange::default() };
        if let Err(error) = self.store.change_account(&id.email, &id.strategy, change).await {
            tracing::warn!(account = %id, %error, "a wrong password could not be counted");
        }
    }

    /// Notes a login, and stores the password in today's form.
    async fn note(&self, known: &Known, password: Password) -> Result<(), Unavailable> {
        let account = &known.account;
        let noted = AccountChange {
            last_login_on: Some(self.now()),
            failures: Some(FailureChange::Clear),
            ..AccountChange::default()
        };
        if !known.outdated {
            self.store.change_account(&account.email, &account.strategy, noted).await?;
            return Ok(());
        }
        let upgraded = self.hasher.hash(password).await?;
        let _replacing = self.replacing.lock().await;
        let now_stored = self.store.account(&account.email, &account.strategy).await?;
        let is_same = now_stored.is_some_and(|stored| stored.password == account.password);
        let change = AccountChange { password: is_same.then_some(upgraded), ..noted };
        self.store.change_account(&account.email, &account.strategy, change).await?;
        Ok(())
    }

    /// Sets a new password in the place of the one that `known` has just given. Returns the account and
    /// its token version from now on.
    async fn replace(
        &self,
        known: Known,
        current: &Password,
        new: Password,
        end_sessions: bool,
    ) -> Result<(Account, i64), LoginError> {
        if new == *current {
            return Err(LoginError::Weak(Weakness::Unchanged));
        }
        let email = known.account.email.clone();
        let judged = self.hasher.judge(self.config.passwords, new.clone(), email).await;
        judged.map_err(Unavailable::from)?.map_err(LoginError::Weak)?;
        let hash = self.hasher.hash(new).await.map_err(Unavailable::from)?;
        let _replacing = self.replacing.lock().await;
        let (email, strategy) = (&known.account.email, &known.account.strategy);
        let stored = self.store.account(email, strategy).await.map_err(Unavailable::from)?;
        // Somebody else has changed it since: then what was given is the password no longer.
        let stored = stored.filter(|stored| stored.password == known.account.password);
        let stored = stored.ok_or(LoginError::InvalidCredentials)?;
        let change = AccountChange {
            password: Some(hash),
            password_changed_on: Some(self.now()),
            password_expired: Some(false),
            last_login_on: Some(self.now()),
            failures: Some(FailureChange::Clear),
            bump_token_version: end_sessions,
            ..AccountChange::default()
        };
        self.store.change_account(email, strategy, change).await.map_err(Unavailable::from)?;
        let version = stored.token_version.saturating_add(i64::from(end_sessions));
        Ok((stored, version))
    }
}

fn locked(until: i64, now: i64) -> LoginError {
    let wait = until.saturating_sub(now).unsigned_abs().div_ceil(1000);
    LoginError::LockedOut { retry_after_secs: (until != i64::MAX).then_some(wait) }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
