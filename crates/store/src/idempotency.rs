//! Requests that were sent twice: which turn answered a key, for one day.

use serde_json::Value;

use crate::commit::PreparedTurn;
use crate::db::{Readers, Tx, on};
use crate::error::{CommitError, Fault, ReadError};
use parlance_core::ids::ConversationKey;

/// How long a key is remembered, in milliseconds.
pub const IDEMPOTENCY_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// What answered a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeat {
    /// The digest of the request that was answered.
    pub fingerprint: String,
    /// The turn that answered.
    pub turn_id: String,
    /// Its payloads.
    pub replies: Vec<Value>,
}

/// Writes the turn's key; a key that is still remembered fails the turn.
pub(crate) async fn remember(tx: &mut Tx<'_>, turn: &PreparedTurn) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO idempotency \
         (bot_id, channel, user_id, key, fingerprint, turn_id, created_on) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (bot_id, channel, user_id, key) DO UPDATE \
         SET fingerprint = excluded.fingerprint, turn_id = excluded.turn_id, \
         created_on = excluded.created_on WHERE idempotency.created_on <= $8";
    let Some(idempotency) = &turn.record.idempotency else {
        return Ok(());
    };
    let now = turn.record.finished_on;
    let written = on!(Tx: tx, c => sqlx::query(SQL)
        .bind(turn.bot.clone())
        .bind(turn.channel.clone())
        .bind(turn.user_id.clone())
        .bind(&idempotency.key)
        .bind(&idempotency.fingerprint)
        .bind(turn.turn_id.clone())
        .bind(now)
        .bind(now.saturating_sub(IDEMPOTENCY_KEPT_MS))
        .execute(&mut **c)
        .await?
        .rows_affected());
    if written == 0 { Err(Fault::Stale(CommitError::Repeated)) } else { Ok(()) }
}

/// Looks a key up.
pub(crate) async fn find(
    readers: &Readers,
    key: &ConversationKey,
    idempotency_key: &str,
    now: i64,
) -> Result<Option<Repeat>, ReadError> {
    const SQL: &str = "SELECT idempotency.fingerprint, idempotency.turn_id, turn.replies \
         FROM idempotency JOIN turn ON turn.id = idempotency.turn_id \
         WHERE idempotency.bot_id = $1 AND idempotency.channel = $2 \
         AND idempotency.user_id = $3 AND idempotency.key = $4 AND idempotency.created_on > $5";
    let found: Option<(String, String, String)> = on!(Readers: readers, pool => {
        sqlx::query_as(SQL)
            .bind(key.bot.as_str())
            .bind(&key.channel)
            .bind(&key.user)
            .bind(idempotency_key)
            .bind(now.saturating_sub(IDEMPOTENCY_KEPT_MS))
            .fetch_optional(pool)
            .await
    })?;
    let Some((fingerprint, turn_id, replies)) = found else {
        return Ok(None);
    };
    let replies = serde_json::from_str(&replies).map_err(|error| ReadError::Damaged {
        what: "replies",
        id: turn_id.clone(),
        reason: error.to_string(),
    })?;
    Ok(Some(Repeat { fingerprint, turn_id, replies }))
}

/// Forgets at most `limit` keys that were used before `before`; returns how many.
pub(crate) async fn purge(tx: &mut Tx<'_>, before: i64, limit: i64) -> Result<u64, Fault> {
    const SQL: &str = "DELETE FROM idempotency WHERE (bot_id, channel, user_id, key) IN \
         (SELECT bot_id, channel, user_id, key FROM idempotency WHERE created_on < $1 \
         ORDER BY created_on LIMIT $2)";
    let done = on!(Tx: tx, c => {
        sqlx::query(SQL).bind(before).bind(limit).execute(&mut **c).await?.rows_affected()
    });
    Ok(done)
}
