//! Stored turns: every message and what came of it.

use sqlx::Row as _;

use crate::db::{Readers, on};
use crate::error::ReadError;
use crate::record::Json;

/// A turn as stored.
#[derive(Debug, Clone, PartialEq)]
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
}

/// Turns of a conversation whose number is greater than `after`, in order, at most `limit`.
pub(crate) async fn turns(
    readers: &Readers,
    conversation: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<StoredTurn>, ReadError> {
    const SQL: &str = "SELECT id, number, event_id, received_on, finished_on, incoming, replies, \
         trace FROM turn WHERE conversation_id = $1 AND number > $2 ORDER BY number LIMIT $3";
    on!(Readers: readers, pool => {
        let query = sqlx::query(SQL).bind(conversation).bind(after).bind(limit);
        let mut turns = Vec::new();
        for row in query.fetch_all(pool).await? {
            let json = |text: &str| Json(text.into());
            turns.push(StoredTurn {
                id: row.try_get(0)?,
                number: row.try_get(1)?,
                event_id: row.try_get(2)?,
                received_on: row.try_get(3)?,
                finished_on: row.try_get(4)?,
                incoming: row.try_get::<Option<&str>, _>(5)?.map(json),
                replies: json(row.try_get(6)?),
                trace: json(row.try_get(7)?),
            });
        }
        Ok(turns)
    })
}
