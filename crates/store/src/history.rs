//! Stored turns: every message and what came of it.
//!
//! The turns of a conversation hang together as a chain, newest first.

use crate::engine::Row;
use crate::error::{Fault, ReadError};
use crate::record::Json;

/// A turn as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTurn {
    /// The turn's id.
    pub id: String,
    /// Its number in the conversation, from 1.
    pub number: i64,
    /// Id of the incoming event.
    pub event_id: String,
    /// When the message came, in milliseconds since 1970.
    pub received_on: i64,
    /// When the turn was done, in milliseconds since 1970.
    pub finished_on: i64,
    /// The incoming event; `None` when the bot spoke first.
    pub incoming: Option<Json>,
    /// The payloads that were sent.
    pub replies: Json,
    /// What happened.
    pub trace: Json,
    /// Id of the conversation's turn before this one.
    pub previous: Option<String>,
}

/// The columns of [`turn`].
macro_rules! columns {
    () => {
        "id, number, event_id, received_on, finished_on, incoming, replies, trace, previous"
    };
}

/// The newest turns; takes a conversation and a limit.
pub(crate) const NEWEST: &str = concat!(
    "WITH RECURSIVE chain AS (SELECT turn.* FROM conversation ",
    "JOIN turn ON turn.id = conversation.last_turn WHERE conversation.id = $1 ",
    "UNION ALL SELECT turn.* FROM chain JOIN turn ON turn.id = chain.previous) SELECT ",
    columns!(),
    " FROM chain LIMIT $2"
);

/// Turns from one on backwards; takes that turn's id and a limit.
pub(crate) const FROM: &str = concat!(
    "WITH RECURSIVE chain AS (SELECT turn.* FROM turn WHERE id = $1 ",
    "UNION ALL SELECT turn.* FROM chain JOIN turn ON turn.id = chain.previous) SELECT ",
    columns!(),
    " FROM chain LIMIT $2"
);

/// Turns of a conversation from one on backwards; takes that turn's id, the conversation's, and a limit.
pub(crate) const OF_CONVERSATION: &str = concat!(
    "WITH RECURSIVE chain AS (SELECT turn.* FROM turn WHERE id = $1 AND conversation_id = $2 ",
    "UNION ALL SELECT turn.* FROM chain JOIN turn ON turn.id = chain.previous) SELECT ",
    columns!(),
    " FROM chain LIMIT $3"
);

/// A row of any.
pub(crate) fn turn(mut row: Row) -> Result<StoredTurn, ReadError> {
    let mut read = || -> Result<StoredTurn, Fault> {
        Ok(StoredTurn {
            id: row.text()?.to_string(),
            number: row.int()?,
            event_id: row.text()?.to_string(),
            received_on: row.int()?,
            finished_on: row.int()?,
            incoming: row.maybe_text()?.map(Json),
            replies: Json(row.text()?),
            trace: Json(row.text()?),
            previous: row.maybe_text()?.map(|id| id.to_string()),
        })
    };
    Ok(read()?)
}
