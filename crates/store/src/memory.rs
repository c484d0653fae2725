//! A bot's key-value memory (`spec` runtime 1.9: `srv_kvs`, 5.1: scope `bot`, 5.7).
//!
//! Changes run in order inside the transaction of their turn and read what the database holds, not
//! what the turn has seen: two users' turns may change the same key.

use std::collections::HashMap;
use std::sync::Arc;

use parlance_core::ids::BotId;
use serde_json::{Map, Value};
use sqlx::Row as _;

use crate::cache::{Key, MemoryRow, Row};
use crate::db::{Tx, on};
use crate::error::{Fault, KeyError, check_key};
use crate::record::Json;

/// The key under which v12 keeps the scope `bot` (`spec` runtime 5.1).
pub const BOT_SCOPE: &str = "global";

/// One change of a bot's memory.
#[derive(Debug, Clone, PartialEq)]
pub enum MemoryOp {
    /// Sets a key.
    Set {
        /// The bot.
        bot: BotId,
        /// The key.
        key: String,
        /// The new value.
        value: Json,
        /// When the value ceases to exist, in milliseconds since 1970.
        expires_on: Option<i64>,
    },
    /// Sets one field of the object under a key; what is no object is replaced by one. The time at
    /// which the key ends stays.
    SetField {
        /// The bot.
        bot: BotId,
        /// The key.
        key: String,
        /// Name of the field.
        field: String,
        /// The new value.
        value: Value,
    },
    /// Removes one field of the object under a key.
    RemoveField {
        /// The bot.
        bot: BotId,
        /// The key.
        key: String,
        /// Name of the field.
        field: String,
    },
    /// Removes a key.
    Delete {
        /// The bot.
        bot: BotId,
        /// The key.
        key: String,
    },
    /// Removes all keys that start so, of all bots (as v12's `resetGlobalVariable` does).
    DeletePrefix {
        /// The start.
        prefix: String,
    },
}

impl MemoryOp {
    pub(crate) fn check(&self) -> Result<(), KeyError> {
        match self {
            Self::Set { bot, key, .. }
            | Self::SetField { bot, key, .. }
            | Self::RemoveField { bot, key, .. }
            | Self::Delete { bot, key } => {
                check_key("bot id", bot.as_str())?;
                check_key("memory key", key)
            }
            Self::DeletePrefix { prefix } => check_key("memory key", prefix),
        }
    }

    /// Memory that the change holds while it waits, roughly.
    pub(crate) fn size(&self) -> usize {
        256 + match self {
            Self::Set { value, .. } => value.0.len(),
            Self::SetField { field, value, .. } => field.len() + value.to_string().len(),
            Self::RemoveField { field, .. } => field.len(),
            Self::Delete { .. } | Self::DeletePrefix { .. } => 0,
        }
    }
}

/// What a transaction has done to the memory: the rows as they are now.
pub(crate) type MemoryChanges = HashMap<(Arc<str>, Arc<str>), Option<MemoryRow>>;

/// The changes as the cache takes them.
pub(crate) fn published(changes: MemoryChanges) -> impl Iterator<Item = (Key, Option<Row>)> {
    changes.into_iter().map(|((bot, key), row)| (Key::Memory(bot, key), Some(Row::Memory(row))))
}

/// Applies one change at the time `now`.
pub(crate) async fn apply(
    tx: &mut Tx<'_>,
    op: &MemoryOp,
    now: i64,
    changes: &mut MemoryChanges,
) -> Result<(), Fault> {
    match op {
        MemoryOp::Set { bot, key, value, expires_on } => {
            let row = MemoryRow { value: value.0.clone(), expires_on: *expires_on };
            write(tx, bot, key, row, changes).await
        }
        MemoryOp::SetField { bot, key, field, value } => {
            let (mut fields, expires_on) = object(tx, bot, key, now).await?;
            fields.insert(field.clone(), value.clone());
            let row = MemoryRow { value: Json::from(&Value::Object(fields)).0, expires_on };
            write(tx, bot, key, row, changes).await
        }
        MemoryOp::RemoveField { bot, key, field } => {
            let (mut fields, expires_on) = object(tx, bot, key, now).await?;
            if fields.shift_remove(field).is_none() {
                return Ok(());
            }
            let row = MemoryRow { value: Json::from(&Value::Object(fields)).0, expires_on };
            write(tx, bot, key, row, changes).await
        }
        MemoryOp::Delete { bot, key } => {
            const SQL: &str = "DELETE FROM memory WHERE bot_id = $1 AND key = $2";
            on!(Tx: tx, c => {
                sqlx::query(SQL).bind(bot.as_str()).bind(key).execute(&mut **c).await.map(|_| ())
            })?;
            changes.insert((bot.as_str().into(), key.as_str().into()), None);
            Ok(())
        }
        MemoryOp::DeletePrefix { prefix } => delete_prefix(tx, prefix, changes).await,
    }
}

async fn write(
    tx: &mut Tx<'_>,
    bot: &BotId,
    key: &str,
    row: MemoryRow,
    changes: &mut MemoryChanges,
) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO memory (bot_id, key, value, expires_on) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (bot_id, key) DO UPDATE \
         SET value = excluded.value, expires_on = excluded.expires_on";
    on!(Tx: tx, c => {
        let query = sqlx::query(SQL).bind(bot.as_str()).bind(key);
        query.bind(row.value.clone()).bind(row.expires_on).execute(&mut **c).await.map(|_| ())
    })?;
    changes.insert((bot.as_str().into(), key.into()), Some(row));
    Ok(())
}

/// The object under a key; empty when there is none.
async fn object(
    tx: &mut Tx<'_>,
    bot: &BotId,
    key: &str,
    now: i64,
) -> Result<(Map<String, Value>, Option<i64>), Fault> {
    const SQL: &str = "SELECT value, expires_on FROM memory WHERE bot_id = $1 AND key = $2";
    let found: Option<(String, Option<i64>)> = on!(Tx: tx, c => {
        sqlx::query_as(SQL).bind(bot.as_str()).bind(key).fetch_optional(&mut **c).await
    })?;
    let Some((text, expires_on)) = found else {
        return Ok((Map::new(), None));
    };
    if expires_on.is_some_and(|end| end <= now) {
        return Ok((Map::new(), None));
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(fields)) => Ok((fields, expires_on)),
        _ => Ok((Map::new(), expires_on)),
    }
}

async fn delete_prefix(
    tx: &mut Tx<'_>,
    prefix: &str,
    changes: &mut MemoryChanges,
) -> Result<(), Fault> {
    // `LIKE` would give `%` and `_` a meaning, and letter case none.
    const SQL: &str = "DELETE FROM memory WHERE substr(key, 1, length($1)) = $1 \
         RETURNING bot_id, key";
    let gone: Vec<(String, String)> = on!(Tx: tx, c => {
        let rows = sqlx::query(SQL).bind(prefix).fetch_all(&mut **c).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, sqlx::Error>>()
    })?;
    for (bot, key) in gone {
        changes.insert((bot.into(), key.into()), None);
    }
    Ok(())
}
