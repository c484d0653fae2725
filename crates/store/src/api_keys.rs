//! API keys: how programs prove for whom they work. Only the hash of a key is kept.

use crate::accounts::{PAGE_ROWS, check_name};
use crate::engine::Row;
use crate::error::{CommitError, KeyError, ReadError, check_key};
use crate::reader::values;
use crate::record::Json;
use crate::store::Store;

/// How exact [`ApiKey::last_used_on`] is, in milliseconds: a key that is used all the time is not
/// written all the time.
pub const KEY_USE_MS: i64 = 60_000;

/// Most keys of one account that an answer has.
pub const KEYS_LIMIT: i64 = 10_000;

/// A key of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The key's id, by which people and logs name it.
    pub id: String,
    /// Hex SHA-256 of the whole key.
    pub hash: String,
    /// The key's beginning, for lists.
    pub prefix: String,
    /// What its owner calls it.
    pub name: String,
    /// E-mail address of its owner.
    pub email: String,
    /// Strategy of its owner.
    pub strategy: String,
    /// What it may.
    pub scopes: Vec<String>,
    /// The bots for which it is good; `None`: all of its owner.
    pub bots: Option<Vec<String>>,
    /// The workspace for which it is good; `None`: all of its owner.
    pub workspace: Option<String>,
    /// In milliseconds since 1970.
    pub created_on: i64,
    /// When it ends, in milliseconds since 1970.
    pub expires_on: Option<i64>,
    /// When it was used last, in milliseconds since 1970; exact to [`KEY_USE_MS`].
    pub last_used_on: Option<i64>,
    /// When it was taken back, in milliseconds since 1970.
    pub revoked_on: Option<i64>,
    /// Requests per minute.
    pub rate_limit: Option<i64>,
}

impl ApiKey {
    /// Whether a use at the time `now` is worth a [`Store::touch_api_key`].
    pub fn is_touch_due(&self, now: i64) -> bool {
        self.last_used_on.is_none_or(|last| last <= now.saturating_sub(KEY_USE_MS))
    }
}

/// The columns of [`api_key`].
macro_rules! columns {
    () => {
        "id, hash, prefix, name, email, strategy, scopes, bots, workspace, created_on, \
         expires_on, last_used_on, revoked_on, rate_limit"
    };
}

const BY_HASH: &str = concat!("SELECT ", columns!(), " FROM api_key WHERE hash = $1");

const OF_ACCOUNT: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM api_key WHERE email = $1 AND strategy = $2 ORDER BY id LIMIT $3"
);

const PAGE: &str =
    concat!("SELECT ", columns!(), " FROM api_key WHERE id > $1 ORDER BY id LIMIT $2");

/// See the same condition in `members`.
const INSERT: &str = concat!(
    "INSERT INTO api_key (",
    columns!(),
    ") SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 \
     WHERE EXISTS (SELECT 1 FROM account WHERE email = $5 AND strategy = $6)"
);

impl Store {
    /// Adds a key; `false` when there is no such account. An id or hash that is there already is
    /// refused.
    pub async fn create_api_key(&self, key: ApiKey) -> Result<bool, CommitError> {
        check(&key)?;
        let list = |list: &Vec<String>| {
            Json::of(list).map_err(|error| CommitError::Refused(error.to_string().into()))
        };
        let (scopes, bots) = (list(&key.scopes)?, key.bots.as_ref().map(list).transpose()?);
        let values = values![
            &*key.id,
            &*key.hash,
            &*key.prefix,
            &*key.name,
            &*key.email,
            &*key.strategy,
            scopes.as_str(),
            bots.as_ref().map(Json::as_str),
            key.workspace.as_deref(),
            key.created_on,
            key.expires_on,
            key.last_used_on,
            key.revoked_on,
            key.rate_limit,
        ];
        Ok(self.queue.statements([(INSERT, values)]).await? > 0)
    }

    /// The key with this hash, also one that has ended.
    pub async fn api_key_by_hash(&self, hash: &str) -> Result<Option<ApiKey>, ReadError> {
        check_key("hash", hash)?;
        let rows = self.queries.fetch(BY_HASH, values![hash]).await?;
        rows.into_iter().next().map(api_key).transpose()
    }

    /// The keys of an account, by id, at most [`KEYS_LIMIT`].
    pub async fn api_keys_of(&self, email: &str, strategy: &str) -> Result<Vec<ApiKey>, ReadError> {
        check_name(email, strategy)?;
        let values = values![email, strategy, KEYS_LIMIT];
        let rows = self.queries.fetch(OF_ACCOUNT, values).await?;
        rows.into_iter().map(api_key).collect()
    }

    /// All keys by id, those after `after`, at most `limit` and at most [`PAGE_ROWS`].
    pub async fn api_keys(
        &self,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ApiKey>, ReadError> {
        let after = after.unwrap_or_default();
        check_key("id", after)?;
        let values = values![after, limit.clamp(0, PAGE_ROWS)];
        let rows = self.queries.fetch(PAGE, values).await?;
        rows.into_iter().map(api_key).collect()
    }

    /// Takes a key back at the time `now`; `false` when there is none, or it was taken back before.
    pub async fn revoke_api_key(&self, id: &str, now: i64) -> Result<bool, CommitError> {
        const SQL: &str = "UPDATE api_key SET revoked_on = $2 WHERE id = $1 AND revoked_on IS NULL";
        check_key("id", id)?;
        Ok(self.queue.statements([(SQL, values![id, now])]).await? > 0)
    }

    /// Notes that a key was used at the time `now`. Ask [`ApiKey::is_touch_due`] before.
    pub async fn touch_api_key(&self, id: &str, now: i64) -> Result<(), CommitError> {
        const SQL: &str = "UPDATE api_key SET last_used_on = $2 \
             WHERE id = $1 AND (last_used_on IS NULL OR last_used_on < $2)";
        check_key("id", id)?;
        self.queue.statements([(SQL, values![id, now])]).await.map(|_| ())
    }
}

fn check(key: &ApiKey) -> Result<(), KeyError> {
    check_name(&key.email, &key.strategy)?;
    for (what, text) in
        [("id", &key.id), ("hash", &key.hash), ("prefix", &key.prefix), ("name", &key.name)]
    {
        check_key(what, text)?;
    }
    key.workspace.as_ref().map_or(Ok(()), |workspace| check_key("workspace id", workspace))
}

fn api_key(mut row: Row) -> Result<ApiKey, ReadError> {
    let id = row.text()?.to_string();
    let list = |what, text| {
        let damaged = |error: serde_json::Error| {
            let reason = error.to_string();
            ReadError::Damaged { what, id: id.clone(), reason }
        };
        Json(text).read::<Vec<String>>().map_err(damaged)
    };
    Ok(ApiKey {
        hash: row.text()?.to_string(),
        prefix: row.text()?.to_string(),
        name: row.text()?.to_string(),
        email: row.text()?.to_string(),
        strategy: row.text()?.to_string(),
        scopes: list("scopes", row.text()?)?,
        bots: row.maybe_text()?.map(|text| list("bots", text)).transpose()?,
        workspace: row.maybe_text()?.map(|text| text.to_string()),
        created_on: row.int()?,
        expires_on: row.maybe_int()?,
        last_used_on: row.maybe_int()?,
        revoked_on: row.maybe_int()?,
        rate_limit: row.maybe_int()?,
        id,
    })
}
