//! Accounts of a Botpress v12 server, read from its database without changing anything there.
//!
//! v12 has a table of accounts for each strategy, `strategy_<id>`, and one of memberships,
//! `workspace_users` (`spec` runtime 1.9, http 2.4). Columns came and went with its versions, so what is
//! there is looked up first; what is missing is `None`, or its default.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::engine::{Foreign, Row};
use crate::error::Fault;
use crate::record::Json;
use crate::{Database, StoreError};

/// Most rows that are read of each table.
const ROWS: usize = 100_000;

/// Most tables of accounts that are read.
const TABLES: usize = 100;

/// What v12 knows of those who log in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct V12Accounts {
    /// Accounts of all strategies, by strategy and e-mail address.
    pub accounts: Vec<V12Account>,
    /// Memberships, by e-mail address.
    pub members: Vec<V12Member>,
    /// What could not be read, for people.
    pub notes: Vec<String>,
}

/// An account of v12.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct V12Account {
    /// E-mail address, in lower case.
    pub email: String,
    /// Id of the strategy.
    pub strategy: String,
    /// Hex HMAC-SHA512 of the password, keyed with the salt; `None` where another server checks it.
    pub password: Option<String>,
    /// The salt.
    pub salt: Option<String>,
    /// Version of its tokens.
    pub token_version: i64,
    /// An object. Names and picture, and what v12 notes of logins: `last_logon`, `last_login_attempt`,
    /// `unsuccessful_logins`, `locked_out`, `password_expired`, `password_expiry_date`.
    pub attributes: Json,
}

/// A membership of v12.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct V12Member {
    /// E-mail address, in lower case.
    pub email: String,
    /// Id of the strategy.
    pub strategy: String,
    /// Id of the workspace.
    pub workspace: String,
    /// Id of the role.
    pub role: String,
}

/// Reads the accounts and memberships of a v12 database. An SQLite file must exist and is opened for
/// reading; it may be in use. This blocks for as long as reading takes.
pub async fn read_v12_accounts(database: &Database) -> Result<V12Accounts, StoreError> {
    let failed = |fault: Fault| StoreError::Open {
        database: database.to_string(),
        reason: fault.to_string(),
    };
    let mut foreign = Foreign::open(database).await?;
    let found = read(&mut foreign).await;
    foreign.close().await;
    found.map_err(failed)
}

async fn read(foreign: &mut Foreign) -> Result<V12Accounts, Fault> {
    let mut found = V12Accounts::default();
    let tables = foreign.tables().await?;
    let strategies: Vec<_> =
        tables.iter().filter_map(|table| table.strip_prefix("strategy_")).collect();
    if strategies.is_empty() {
        let text = "there is no table `strategy_default`: is this the database of a v12 server?";
        return Err(Fault::Refused(text.into()));
    }
    for strategy in strategies.into_iter().take(TABLES) {
        accounts(foreign, strategy, &mut found).await?;
    }
    if tables.contains("workspace_users") {
        members(foreign, &mut found).await?;
    } else {
        found.notes.push("there is no table `workspace_users`: no memberships".to_owned());
    }
    Ok(found)
}

async fn accounts(
    foreign: &mut Foreign,
    strategy: &str,
    found: &mut V12Accounts,
) -> Result<(), Fault> {
    let table = format!("strategy_{strategy}");
    let columns = ["email", "password", "salt", "tokenVersion", "attributes"];
    let mut seen = BTreeSet::new();
    for mut row in rows(foreign, &table, &columns, found).await? {
        let Some(email) = lower(&mut row)? else {
            found.notes.push(format!("`{table}` has an account without an e-mail address"));
            continue;
        };
        if !seen.insert(email.clone()) {
            found.notes.push(format!("`{table}` has {email} twice: the first one counts"));
            continue;
        }
        let (password, salt) = (given(&mut row)?, given(&mut row)?);
        let version = row.maybe_text()?.and_then(|version| version.parse().ok());
        let attributes = row.maybe_text()?;
        let attributes: Option<Map<String, Value>> =
            attributes.and_then(|text| serde_json::from_str(&text).ok());
        found.accounts.push(V12Account {
            email,
            strategy: strategy.to_owned(),
            password,
            salt,
            token_version: version.unwrap_or(1),
            attributes: Json::from(&Value::Object(attributes.unwrap_or_default())),
        });
    }
    Ok(())
}

async fn members(foreign: &mut Foreign, found: &mut V12Accounts) -> Result<(), Fault> {
    let columns = ["email", "strategy", "workspace", "role"];
    for mut row in rows(foreign, "workspace_users", &columns, found).await? {
        let email = lower(&mut row)?;
        let rest = (given(&mut row)?, given(&mut row)?, given(&mut row)?);
        if let (Some(email), (Some(strategy), Some(workspace), Some(role))) = (email, rest) {
            found.members.push(V12Member { email, strategy, workspace, role });
        } else {
            found.notes.push("`workspace_users` has a row with an empty column".to_owned());
        }
    }
    Ok(())
}

/// The columns of a table, as text, by the first of them; NULL for a column that is not there.
async fn rows(
    foreign: &mut Foreign,
    table: &str,
    wanted: &[&str],
    found: &mut V12Accounts,
) -> Result<Vec<Row>, Fault> {
    let there = foreign.columns(table).await?;
    let mut rows = foreign.texts(table, wanted, &there, ROWS + 1).await?;
    if rows.len() > ROWS {
        rows.truncate(ROWS);
        found.notes.push(format!("`{table}` has more than {ROWS} rows: the others are left out"));
    }
    Ok(rows)
}

/// The next column in lower case, unless it is empty.
fn lower(row: &mut Row) -> Result<Option<String>, Fault> {
    Ok(given(row)?.map(|text| text.to_lowercase()))
}

/// The next column, unless it is empty.
fn given(row: &mut Row) -> Result<Option<String>, Fault> {
    let text = row.maybe_text()?;
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}
