//! A bot's key-value memory (`spec` runtime 1.9: `srv_kvs`, 5.1: scope `bot`, 5.7).
//!
//! Changes run in order inside the transaction of their turn and read what the database holds, not
//! what the turn has seen: two users' turns may change the same key.

use std::collections::HashMap;
use std::sync::Arc;

use parlance_core::ids::BotId;
use parlance_core::merge_patch::merge_fields;
use serde_json::{Map, Value};

use crate::cache::{Entry, Key, MemoryRow};
use crate::engine::{Session, params};
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
    /// Patches the object under a key with one from outside (RFC 7396); what is no object is replaced
    /// by one. The time at which the key ends stays.
    Merge {
        /// The bot.
        bot: BotId,
        /// The key.
        key: String,
        /// The patch.
        patch: Map<String, Value>,
    },
    /// Removes a key.
    Delete {
        /// The bot.
        bot: BotId,
        /// The key.
        key: String,
    },
    /// Removes all keys of a bot that start so (v12's `resetGlobalVariable`, which reaches into
    /// all bots).
    DeletePrefix {
        /// The bot.
        bot: BotId,
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
            | Self::Merge { bot, key, .. }
            | Self::Delete { bot, key } => {
                check_key("bot id", bot.as_str())?;
                check_key("memory key", key)
            }
            Self::DeletePrefix { bot, prefix } => {
                check_key("bot id", bot.as_str())?;
                check_key("memory key", prefix)
            }
        }
    }

    /// Memory that the change holds while it waits, roughly.
    pub(crate) fn size(&self) -> usize {
        256 + match self {
            Self::Set { value, .. } => value.0.len(),
            Self::SetField { field, value, .. } => field.len() + value.to_string().len(),
            Self::RemoveField { field, .. } => field.len(),
            Self::Merge { patch, .. } => {
                patch.iter().map(|(name, value)| name.len() + value.to_string().len()).sum()
            }
            Self::Delete { .. } | Self::DeletePrefix { .. } => 0,
        }
    }
}

/// What a transaction has done to the memory: the rows as they are now.
pub(crate) type MemoryChanges = HashMap<(Arc<str>, Arc<str>), Option<MemoryRow>>;

/// The changes as the cache takes them.
pub(crate) fn published(changes: MemoryChanges) -> impl Iterator<Item = (Key, Option<Entry>)> {
    changes.into_iter().map(|((bot, key), row)| (Key::Memory(bot, key), Some(Entry::Memory(row))))
}

/// Applies one change at the time `now`.
pub(crate) async fn apply(
    session: &mut Session,
    op: &MemoryOp,
    now: i64,
    changes: &mut MemoryChanges,
) -> Result<(), Fault> {
    match op {
        MemoryOp::Set { bot, key, value, expires_on } => {
            let row = MemoryRow { value: value.0.clone(), expires_on: *expires_on };
            write(session, bot, key, row, changes).await
        }
        MemoryOp::SetField { bot, key, field, value } => {
            let (mut fields, expires_on) = object(session, bot, key, now).await?;
            fields.insert(field.clone(), value.clone());
            let row = MemoryRow { value: Json::from(&Value::Object(fields)).0, expires_on };
            write(session, bot, key, row, changes).await
        }
        MemoryOp::RemoveField { bot, key, field } => {
            let (mut fields, expires_on) = object(session, bot, key, now).await?;
            if fields.shift_remove(field).is_none() {
                return Ok(());
            }
            let row = MemoryRow { value: Json::from(&Value::Object(fields)).0, expires_on };
            write(session, bot, key, row, changes).await
        }
        MemoryOp::Merge { bot, key, patch } => {
            let (mut fields, expires_on) = object(session, bot, key, now).await?;
            merge_fields(&mut fields, patch.clone());
            let row = MemoryRow { value: Json::from(&Value::Object(fields)).0, expires_on };
            write(session, bot, key, row, changes).await
        }
        MemoryOp::Delete { bot, key } => {
            const SQL: &str = "DELETE FROM memory WHERE bot_id = $1 AND key = $2";
            session.execute(SQL, &params![bot.as_str(), key]).await?;
            changes.insert((bot.as_str().into(), key.as_str().into()), None);
            Ok(())
        }
        MemoryOp::DeletePrefix { bot, prefix } => {
            // `LIKE` would give `%` and `_` a meaning, and letter case none.
            const SQL: &str = "DELETE FROM memory \
                 WHERE bot_id = $1 AND substr(key, 1, length($2)) = $2 RETURNING key";
            for mut gone in session.fetch(SQL, &params![bot.as_str(), prefix]).await? {
                changes.insert((bot.as_str().into(), gone.text()?), None);
            }
            Ok(())
        }
    }
}

async fn write(
    session: &mut Session,
    bot: &BotId,
    key: &str,
    row: MemoryRow,
    changes: &mut MemoryChanges,
) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO memory (bot_id, key, value, expires_on) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (bot_id, key) DO UPDATE \
         SET value = excluded.value, expires_on = excluded.expires_on";
    session.execute(SQL, &params![bot.as_str(), key, &row.value, row.expires_on]).await?;
    changes.insert((bot.as_str().into(), key.into()), Some(row));
    Ok(())
}

/// The object under a key; empty when there is none.
async fn object(
    session: &mut Session,
    bot: &BotId,
    key: &str,
    now: i64,
) -> Result<(Map<String, Value>, Option<i64>), Fault> {
    const SQL: &str = "SELECT value, expires_on FROM memory WHERE bot_id = $1 AND key = $2";
    let found = session.fetch(SQL, &params![bot.as_str(), key]).await?;
    let Some(mut row) = found.into_iter().next() else {
        return Ok((Map::new(), None));
    };
    let (value, expires_on) = (row.text()?, row.maybe_int()?);
    if expires_on.is_some_and(|end| end <= now) {
        return Ok((Map::new(), None));
    }
    match serde_json::from_str(&value) {
        Ok(Value::Object(fields)) => Ok((fields, expires_on)),
        _ => Ok((Map::new(), expires_on)),
    }
}
