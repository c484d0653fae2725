//! Sessions that end and conversations that time out (`spec` runtime 3.9).
//!
//! Each row has a date, `check_on`, at which the janitor must look at it. Turns move the expiries
//! and leave that date, so it is often too early; then the janitor moves it. This costs one index
//! entry per session and interval instead of two per turn.

use std::sync::Arc;

use parlance_core::ids::{BotId, ConversationKey};

use crate::engine::{Row, Session, params};
use crate::error::{Fault, ReadError};

/// Rows that one transaction of the janitor changes at most, so that turns need not wait long.
pub(crate) const CHORE_ROWS: i64 = 500;

/// Forgets sessions whose time has come; returns the conversations' ids.
pub(crate) async fn expire(session: &mut Session, now: i64) -> Result<Vec<Arc<str>>, Fault> {
    const SQL: &str = "UPDATE conversation SET session = NULL, context = NULL, temp = NULL, \
         context_expiry = NULL, session_expiry = NULL, check_on = NULL, version = version + 1 \
         WHERE id IN (SELECT id FROM conversation \
         WHERE check_on <= $1 AND session_expiry <= $1 ORDER BY check_on LIMIT $2) RETURNING id";
    changed(session, SQL, now).await
}

/// Moves dates that came too early; returns the conversations' ids.
pub(crate) async fn rearm(session: &mut Session, now: i64) -> Result<Vec<Arc<str>>, Fault> {
    const SQL: &str = "UPDATE conversation SET check_on = \
         CASE WHEN context_expiry > $1 AND context_expiry < session_expiry \
         THEN context_expiry ELSE session_expiry END \
         WHERE id IN (SELECT id FROM conversation \
         WHERE check_on <= $1 AND session_expiry > $1 \
         AND (context_expiry > $1 OR context IS NULL OR context = '{}') \
         ORDER BY check_on LIMIT $2) RETURNING id";
    changed(session, SQL, now).await
}

async fn changed(
    session: &mut Session,
    sql: &'static str,
    now: i64,
) -> Result<Vec<Arc<str>>, Fault> {
    let rows = session.fetch(sql, &params![now, CHORE_ROWS]).await?;
    rows.into_iter().map(|mut row| row.text()).collect()
}

/// Conversations that have timed out and whose session lives on, least recently used first; takes
/// the time and a limit.
pub(crate) const DUE: &str = "SELECT bot_id, channel, user_id, thread_id FROM conversation \
     WHERE check_on <= $1 AND context_expiry <= $1 AND session_expiry > $1 \
     AND context <> '{}' ORDER BY last_seen_on, id LIMIT $2";

/// A row of [`DUE`].
pub(crate) fn due(mut row: Row) -> Result<ConversationKey, ReadError> {
    let bot = row.text()?;
    let Some(bot) = BotId::parse(&bot) else {
        let (id, reason) = (bot.to_string(), "it is no bot id".to_owned());
        return Err(ReadError::Damaged { what: "bot id", id, reason });
    };
    let text = |text: Arc<str>| text.to_string();
    Ok(ConversationKey {
        bot,
        channel: row.text().map(text)?,
        user: row.text().map(text)?,
        thread: row.maybe_text()?.map(text),
    })
}
