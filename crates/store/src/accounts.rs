//! Accounts: the people who log in (v12's collaborators). Their memberships are in `members`, their
//! keys in `api_keys`.
//!
//! What depends on the row as it is (counting failures, raising the version of tokens, being the
//! first) is decided by the statement that writes, so that nothing happens in between.

use crate::engine::Row;
use crate::error::{CommitError, Fault, KeyError, ReadError, check_key};
use crate::reader::values;
use crate::record::Json;
use crate::store::Store;

/// Most rows of one page; a larger `limit` means this.
pub const PAGE_ROWS: i64 = 1000;

/// An account, named by e-mail address (lower case) and strategy (`default`: with a password).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// E-mail address, in lower case.
    pub email: String,
    /// How the account logs in.
    pub strategy: String,
    /// The password's hash; the store does not look into it.
    pub password: String,
    /// Whether the account may do everything.
    pub super_admin: bool,
    /// Names, picture and the like: an object.
    pub attributes: Json,
    /// Tokens that carry another version are worth nothing.
    pub token_version: i64,
    /// Wrong passwords since the last right one.
    pub failures: i64,
    /// When the last of them was, in milliseconds since 1970.
    pub last_failure_on: Option<i64>,
    /// Until when the account cannot log in, in milliseconds since 1970.
    pub locked_until: Option<i64>,
    /// When the password was set, in milliseconds since 1970.
    pub password_changed_on: i64,
    /// Whether the password must be changed before anything else.
    pub password_expired: bool,
    /// In milliseconds since 1970.
    pub last_login_on: Option<i64>,
    /// In milliseconds since 1970.
    pub created_on: i64,
}

/// What became of a new account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It is there.
    Created,
    /// There is one of that name already, which is left as it was.
    Exists,
    /// It should have been the first, and was not.
    NotFirst,
}

/// A change of an account; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// The password's hash.
    pub password: Option<String>,
    /// When the password was set, in milliseconds since 1970.
    pub password_changed_on: Option<i64>,
    /// Whether the password must be changed before anything else.
    pub password_expired: Option<bool>,
    /// Whether the account may do everything.
    pub super_admin: Option<bool>,
    /// All attributes.
    pub attributes: Option<Json>,
    /// In milliseconds since 1970.
    pub last_login_on: Option<i64>,
    /// What happens to the count of wrong passwords.
    pub failures: Option<FailureChange>,
    /// Makes all tokens of the account worthless.
    pub bump_token_version: bool,
}

/// A change of the count of wrong passwords. Those that arrive at once all count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureChange {
    /// One more.
    Count {
        /// When, in milliseconds since 1970.
        on: i64,
        /// What happens when there are too many.
        lock: Option<Lock>,
    },
    /// None any more, and no lock.
    Clear,
}

/// When an account is locked (`spec` http 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// Failures that may be; one more locks.
    pub allowed: i64,
    /// Until when, in milliseconds since 1970; `i64::MAX` for ever.
    pub until: i64,
}

/// The columns of [`account`].
macro_rules! columns {
    () => {
        "email, strategy, password, super_admin, attributes, token_version, failures, \
         last_failure_on, locked_until, password_changed_on, password_expired, last_login_on, \
         created_on"
    };
}

const ONE: &str =
    concat!("SELECT ", columns!(), " FROM account WHERE email = $1 AND strategy = $2");

const PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM account WHERE (email, strategy) > ($1, $2) ORDER BY email, strategy LIMIT $3"
);

const ANY: &str = "SELECT email FROM account LIMIT 1";

const INSERT: &str = concat!(
    "INSERT INTO account (",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
     ON CONFLICT (email, strategy) DO NOTHING"
);

/// SQLite takes `ON CONFLICT` after a `SELECT` only behind a `WHERE`; here there is one.
const INSERT_FIRST: &str = concat!(
    "INSERT INTO account (",
    columns!(),
    ") SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 \
     WHERE NOT EXISTS (SELECT 1 FROM account) ON CONFLICT (email, strategy) DO NOTHING"
);

const CHANGE: &str = "UPDATE account SET password = COALESCE($3, password), \
     password_changed_on = COALESCE($4, password_changed_on), \
     password_expired = COALESCE($5, password_expired), \
     super_admin = COALESCE($6, super_admin), attributes = COALESCE($7, attributes), \
     last_login_on = COALESCE($8, last_login_on), token_version = token_version + $9, \
     failures = CASE $10 WHEN 'count' THEN failures + 1 WHEN 'clear' THEN 0 ELSE failures END, \
     last_failure_on = CASE $10 WHEN 'count' THEN $11 WHEN 'clear' THEN NULL \
     ELSE last_failure_on END, \
     locked_until = CASE WHEN $10 = 'count' AND failures + 1 > $12 THEN $13 \
     WHEN $10 = 'clear' THEN NULL ELSE locked_until END \
     WHERE email = $1 AND strategy = $2";

impl Store {
    /// An account.
    pub async fn account(&self, email: &str, strategy: &str) -> Result<Option<Account>, ReadError> {
        check_name(email, strategy)?;
        let rows = self.queries.fetch(ONE, values![email, strategy]).await?;
        Ok(rows.into_iter().next().map(account).transpose()?)
    }

    /// Accounts by name, those after `after`, at most `limit` and at most [`PAGE_ROWS`].
    pub async fn accounts(
        &self,
        after: Option<(&str, &str)>,
        limit: i64,
    ) -> Result<Vec<Account>, ReadError> {
        let (email, strategy) = after.unwrap_or_default();
        check_name(email, strategy)?;
        let values = values![email, strategy, limit.clamp(0, PAGE_ROWS)];
        let rows = self.queries.fetch(PAGE, values).await?;
        Ok(rows.into_iter().map(account).collect::<Result<_, Fault>>()?)
    }

    /// Whether there is any account.
    pub async fn has_accounts(&self) -> Result<bool, ReadError> {
        Ok(!self.queries.fetch(ANY, []).await?.is_empty())
    }

    /// Adds an account, with `only_if_none` only as the very first. Of two that are added at once,
    /// one is.
    pub async fn create_account(
        &self,
        account: Account,
        only_if_none: bool,
    ) -> Result<Created, CommitError> {
        check_name(&account.email, &account.strategy)?;
        check_key("password", &account.password)?;
        let values = values![
            &*account.email,
            &*account.strategy,
            &*account.password,
            account.super_admin,
            account.attributes.as_str(),
            account.token_version,
            account.failures,
            account.last_failure_on,
            account.locked_until,
            account.password_changed_on,
            account.password_expired,
            account.last_login_on,
            account.created_on,
        ];
        let sql = if only_if_none { INSERT_FIRST } else { INSERT };
        Ok(match (self.queue.statements([(sql, values)]).await?, only_if_none) {
            (1, _) => Created::Created,
            (_, true) => Created::NotFirst,
            (_, false) => Created::Exists,
        })
    }

    /// Changes an account; `false` when there is none.
    pub async fn change_account(
        &self,
        email: &str,
        strategy: &str,
        change: AccountChange,
    ) -> Result<bool, CommitError> {
        check_name(email, strategy)?;
        if let Some(password) = &change.password {
            check_key("password", password)?;
        }
        let (failures, on, lock) = match change.failures {
            None => ("keep", None, None),
            Some(FailureChange::Clear) => ("clear", None, None),
            Some(FailureChange::Count { on, lock }) => ("count", Some(on), lock),
        };
        let values = values![
            email,
            strategy,
            change.password.as_deref(),
            change.password_changed_on,
            change.password_expired,
            change.super_admin,
            change.attributes.as_ref().map(Json::as_str),
            change.last_login_on,
            change.bump_token_version,
            failures,
            on,
            lock.map(|lock| lock.allowed),
            lock.map(|lock| lock.until),
        ];
        Ok(self.queue.statements([(CHANGE, values)]).await? > 0)
    }

    /// Removes an account with its memberships and keys; `false` when there was none.
    pub async fn delete_account(&self, email: &str, strategy: &str) -> Result<bool, CommitError> {
        check_name(email, strategy)?;
        let statements = [
            "DELETE FROM api_key WHERE email = $1 AND strategy = $2",
            "DELETE FROM membership WHERE email = $1 AND strategy = $2",
            "DELETE FROM account WHERE email = $1 AND strategy = $2",
        ];
        let statements = statements.map(|sql| (sql, values![email, strategy]));
        Ok(self.queue.statements(statements).await? > 0)
    }
}

/// Checks the name of an account.
pub(crate) fn check_name(email: &str, strategy: &str) -> Result<(), KeyError> {
    check_key("e-mail address", email)?;
    check_key("strategy", strategy)
}

fn account(mut row: Row) -> Result<Account, Fault> {
    Ok(Account {
        email: row.text()?.to_string(),
        strategy: row.text()?.to_string(),
        password: row.text()?.to_string(),
        super_admin: row.int()? != 0,
        attributes: Json(row.text()?),
        token_version: row.int()?,
        failures: row.int()?,
        last_failure_on: row.maybe_int()?,
        locked_until: row.maybe_int()?,
        password_changed_on: row.int()?,
        password_expired: row.int()? != 0,
        last_login_on: row.maybe_int()?,
        created_on: row.int()?,
    })
}
