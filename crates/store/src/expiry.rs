//! Sessions that end and conversations that time out (`spec` runtime 3.9).
//!
//! Each row has a date, `check_on`, at which the janitor must look at it. Turns move the expiries
//! and leave that date, so it is often too early; then the janitor moves it. This costs one index
//! entry per session and interval instead of two per turn.

use parlance_core::ids::{BotId, ConversationKey};
use sqlx::Row as _;

use crate::db::{Readers, Tx, on};
use crate::error::{Fault, ReadError};

/// Rows that one transaction of the janitor changes at most, so that turns need not wait long.
pub(crate) const CHORE_ROWS: i64 = 500;

/// Forgets sessions whose time has come; returns the conversations' ids.
pub(crate) async fn expire(tx: &mut Tx<'_>, now: i64) -> Result<Vec<String>, Fault> {
    const SQL: &str = "UPDATE conversation SET session = NULL, context = NULL, temp = NULL, \
         context_expiry = NULL, session_expiry = NULL, check_on = NULL, revision = revision + 1 \
         WHERE id IN (SELECT id FROM conversation \
         WHERE check_on <= $1 AND session_expiry <= $1 ORDER BY check_on LIMIT $2) RETURNING id";
    changed(tx, SQL, now).await
}

/// Moves dates that came too early; returns the conversations' ids.
pub(crate) async fn rearm(tx: &mut Tx<'_>, now: i64) -> Result<Vec<String>, Fault> {
    const SQL: &str = "UPDATE conversation SET check_on = \
         CASE WHEN context_expiry > $1 AND context_expiry < session_expiry \
         THEN context_expiry ELSE session_expiry END \
         WHERE id IN (SELECT id FROM conversation \
         WHERE check_on <= $1 AND session_expiry > $1 \
         AND (context_expiry > $1 OR context IS NULL OR context = '{}') \
         ORDER BY check_on LIMIT $2) RETURNING id";
    changed(tx, SQL, now).await
}

async fn changed(tx: &mut Tx<'_>, sql: &'static str, now: i64) -> Result<Vec<String>, Fault> {
    let ids = on!(Tx: tx, c => {
        let rows = sqlx::query(sql).bind(now).bind(CHORE_ROWS).fetch_all(&mut **c).await?;
        rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()
    });
    Ok(ids?)
}

/// Conversations that have timed out and whose session lives on, least recently used first.
pub(crate) async fn due(
    readers: &Readers,
    now: i64,
    limit: i64,
) -> Result<Vec<ConversationKey>, ReadError> {
    const SQL: &str = "SELECT bot_id, channel, user_id, thread_id FROM conversation \
         WHERE check_on <= $1 AND context_expiry <= $1 AND session_expiry > $1 \
         AND context <> '{}' ORDER BY last_seen_on, id LIMIT $2";
    type Columns = (String, String, String, Option<String>);
    let rows: Vec<Columns> = on!(Readers: readers, pool => {
        sqlx::query_as(SQL).bind(now).bind(limit).fetch_all(pool).await
    })?;
    let key = |(bot, channel, user, thread): Columns| {
        let Some(bot) = BotId::parse(&bot) else {
            return Err(ReadError::Damaged {
                what: "bot id",
                id: bot,
                reason: "it is no bot id".to_owned(),
            });
        };
        Ok(ConversationKey { bot, channel, user, thread })
    };
    rows.into_iter().map(key).collect()
}
