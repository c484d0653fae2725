//! Requests that were sent twice: which turn answered a key, for one day.

use crate::commit::PreparedTurn;
use crate::engine::{Row, Session, params};
use crate::error::{CommitError, Fault, ReadError};
use crate::expiry::CHORE_ROWS;
use crate::record::Json;

/// How long a key is remembered, in milliseconds.
pub const IDEMPOTENCY_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// What answered a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeat {
    /// The digest of the request that was answered.
    pub fingerprint: String,
    /// The turn that answered.
    pub turn_id: String,
    /// Its payloads, as an array.
    pub replies: Json,
    /// What happened in it.
    pub trace: Json,
}

/// Writes the turn's key; a key that is still remembered fails the turn.
pub(crate) async fn remember(session: &mut Session, turn: &PreparedTurn) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO idempotency \
         (bot_id, channel, user_id, key, fingerprint, turn_id, created_on) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (bot_id, channel, user_id, key) DO UPDATE \
         SET fingerprint = excluded.fingerprint, turn_id = excluded.turn_id, \
         created_on = excluded.created_on WHERE idempotency.created_on <= $8";
    let Some(idempotency) = &turn.record.idempotency else {
        return Ok(());
    };
    let (key, now) = (&turn.record.key, turn.record.finished_on);
    let values = params![
        key.bot.as_str(),
        &key.channel,
        &key.user,
        &idempotency.key,
        &idempotency.fingerprint,
        &turn.turn_id,
        now,
        now.saturating_sub(IDEMPOTENCY_KEPT_MS),
    ];
    match session.execute(SQL, &values).await? {
        0 => Err(Fault::Stale(CommitError::Repeated)),
        _ => Ok(()),
    }
}

/// Looks a key up; takes bot, channel, user, key, and the time since which keys count.
pub(crate) const FIND: &str = "SELECT idempotency.fingerprint, idempotency.turn_id, turn.replies, turn.trace \
     FROM idempotency JOIN turn ON turn.id = idempotency.turn_id \
     WHERE idempotency.bot_id = $1 AND idempotency.channel = $2 \
     AND idempotency.user_id = $3 AND idempotency.key = $4 AND idempotency.created_on > $5";

/// Takes bot, channel, user, the last key, and a limit.
pub(crate) const OF_USER: &str = "SELECT key, created_on FROM idempotency \
     WHERE bot_id = $1 AND channel = $2 AND user_id = $3 AND key > $4 ORDER BY key LIMIT $5";

/// A row of [`FIND`].
pub(crate) fn repeat(mut row: Row) -> Result<Repeat, ReadError> {
    Ok(Repeat {
        fingerprint: row.text()?.to_string(),
        turn_id: row.text()?.to_string(),
        replies: Json(row.text()?),
        trace: Json(row.text()?),
    })
}

/// Forgets keys that were used before `before`, some at a time; returns how many.
pub(crate) async fn purge(session: &mut Session, before: i64) -> Result<u64, Fault> {
    const SQL: &str = "DELETE FROM idempotency WHERE (bot_id, channel, user_id, key) IN \
         (SELECT bot_id, channel, user_id, key FROM idempotency WHERE created_on < $1 \
         ORDER BY created_on LIMIT $2)";
    session.execute(SQL, &params![before, CHORE_ROWS]).await
}
