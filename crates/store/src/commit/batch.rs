//! A batch of turns as SQL: few statements, each for many rows.
//!
//! A statement takes 1, 2, 4, … or [`CHUNK`] rows, so that a handful of texts serves every batch and
//! all of them stay prepared. A row may be written once by a statement only, hence [`stages`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sqlx::SqlSafeStr as _;
use sqlx::SqlStr;

use crate::db::{Tx, on};
use crate::error::{CommitError, Fault};
use crate::idempotency;
use crate::memory::{self, MemoryChanges};
use crate::record::{Expiry, PreparedTurn};

/// Most rows of one statement.
const CHUNK: usize = 32;

/// A statement for several rows, without its placeholders.
struct Shape {
    insert: &'static str,
    columns: usize,
    conflict: &'static str,
}

const CONVERSATION: &str = "INSERT INTO conversation (id, bot_id, channel, user_id, thread_id, \
     created_on, last_seen_on, turns, revision, check_on, context_expiry, session_expiry, \
     session, context, temp) VALUES ";

/// The usual turn: `check_on` is left alone, and with it its index.
const TURN_STATE: Shape = Shape {
    insert: CONVERSATION,
    columns: 15,
    conflict: " ON CONFLICT (id) DO UPDATE SET last_seen_on = excluded.last_seen_on, \
         turns = excluded.turns, revision = excluded.revision, \
         context_expiry = COALESCE(excluded.context_expiry, conversation.context_expiry), \
         session_expiry = COALESCE(excluded.session_expiry, conversation.session_expiry), \
         session = COALESCE(excluded.session, conversation.session), \
         context = COALESCE(excluded.context, conversation.context), \
         temp = COALESCE(excluded.temp, conversation.temp) \
         WHERE conversation.revision = excluded.revision - 1",
};

/// A turn that opens a session of a known user, or ends earlier than the last one promised.
const TURN_STATE_ARMED: Shape = Shape {
    insert: CONVERSATION,
    columns: 15,
    conflict: " ON CONFLICT (id) DO UPDATE SET last_seen_on = excluded.last_seen_on, \
         turns = excluded.turns, revision = excluded.revision, check_on = excluded.check_on, \
         context_expiry = COALESCE(excluded.context_expiry, conversation.context_expiry), \
         session_expiry = COALESCE(excluded.session_expiry, conversation.session_expiry), \
         session = COALESCE(excluded.session, conversation.session), \
         context = COALESCE(excluded.context, conversation.context), \
         temp = COALESCE(excluded.temp, conversation.temp) \
         WHERE conversation.revision = excluded.revision - 1",
};

const TURN: Shape = Shape {
    insert: "INSERT INTO turn (id, conversation_id, number, event_id, received_on, finished_on, \
         incoming, replies, trace) VALUES ",
    columns: 9,
    conflict: "",
};

const CHAT_USER: Shape = Shape {
    insert: "INSERT INTO chat_user (channel, user_id, attributes, created_on, modified_on) VALUES ",
    columns: 5,
    conflict: " ON CONFLICT (channel, user_id) DO UPDATE \
         SET attributes = excluded.attributes, modified_on = excluded.modified_on",
};

/// The texts built so far.
#[derive(Debug, Default)]
pub(crate) struct Texts(HashMap<(&'static str, &'static str, usize), SqlStr>);

impl Texts {
    /// The text of `shape` for `rows` rows.
    fn get(&mut self, tx: &Tx<'_>, shape: &Shape, rows: usize) -> SqlStr {
        // Looking up thousands of numbered parameters by name takes SQLite quadratic time.
        let numbered = matches!(tx, Tx::Postgres(_));
        let key = (shape.insert, shape.conflict, rows);
        self.0.entry(key).or_insert_with(|| text(shape, rows, numbered)).clone()
    }
}

fn text(shape: &Shape, rows: usize, numbered: bool) -> SqlStr {
    let mut sql = String::from(shape.insert);
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=shape.columns {
            if column > 1 {
                sql.push(',');
            }
            if numbered {
                sql.push('$');
                sql.push_str(&(row * shape.columns + column).to_string());
            } else {
                sql.push('?');
            }
        }
        sql.push(')');
    }
    sql.push_str(shape.conflict);
    sqlx::AssertSqlSafe(sql).into_sql_str()
}

/// Cuts `rows` into pieces whose lengths are powers of two, at most [`CHUNK`].
fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = match rows.len() {
            0 => return None,
            n => 1 << n.min(CHUNK).ilog2(),
        };
        let (piece, rest) = rows.split_at_checked(length)?;
        rows = rest;
        Some(piece)
    })
}

/// Splits a batch where a turn writes a row that an earlier one of the same stage writes too.
pub(crate) fn stages(turns: &[PreparedTurn]) -> Vec<Vec<&PreparedTurn>> {
    let mut stages = Vec::new();
    let mut stage = Vec::new();
    let mut seen: HashSet<&str> = HashSet::new();
    let mut users: HashSet<(&str, &str)> = HashSet::new();
    for turn in turns {
        let user = (&*turn.channel, &*turn.user_id);
        let writes_user = turn.record.user.is_some();
        if seen.contains(&*turn.conversation_id) || (writes_user && users.contains(&user)) {
            stages.push(std::mem::take(&mut stage));
            seen.clear();
            users.clear();
        }
        seen.insert(&turn.conversation_id);
        if writes_user {
            users.insert(user);
        }
        stage.push(turn);
    }
    if !stage.is_empty() {
        stages.push(stage);
    }
    stages
}

/// Writes the turns inside `tx`.
pub(crate) async fn write(
    tx: &mut Tx<'_>,
    texts: &mut Texts,
    turns: &[PreparedTurn],
) -> Result<MemoryChanges, Fault> {
    let mut changes = MemoryChanges::new();
    for stage in stages(turns) {
        let (armed, usual): (Vec<_>, Vec<_>) = stage.iter().partition(|turn| turn.must_arm());
        write_states(tx, texts, &TURN_STATE, &usual).await?;
        write_states(tx, texts, &TURN_STATE_ARMED, &armed).await?;
        write_turns(tx, texts, &stage).await?;
        let users: Vec<_> = stage
            .iter()
            .filter_map(|turn| turn.record.user.as_ref().map(|json| (*turn, &json.0)))
            .collect();
        write_users(tx, texts, &users).await?;
        for turn in &stage {
            for op in &turn.record.memory {
                memory::apply(tx, op, turn.record.finished_on, &mut changes).await?;
            }
            for retention in &turn.record.retention {
                crate::retention::remember(tx, turn, retention).await?;
            }
            idempotency::remember(tx, turn).await?;
        }
    }
    Ok(changes)
}

async fn write_states(
    tx: &mut Tx<'_>,
    texts: &mut Texts,
    shape: &Shape,
    turns: &[&PreparedTurn],
) -> Result<(), Fault> {
    for chunk in chunks(turns) {
        let sql = texts.get(tx, shape, chunk.len());
        let written = on!(Tx: tx, c => {
            let mut query = sqlx::query(sql);
            for turn in chunk {
                let record = &turn.record;
                let next = turn.next();
                query = query
                    .bind(turn.conversation_id.clone())
                    .bind(turn.bot.clone())
                    .bind(turn.channel.clone())
                    .bind(turn.user_id.clone())
                    .bind(turn.thread.clone())
                    .bind(record.received_on)
                    .bind(record.finished_on)
                    .bind(next.turns)
                    .bind(next.revision)
                    .bind(next.check_on)
                    .bind(record.expiry.map(|expiry| expiry.context))
                    .bind(record.expiry.map(|expiry: Expiry| expiry.session))
                    .bind(record.session.as_ref().map(|json| json.0.clone()))
                    .bind(record.context.as_ref().map(|json| json.0.clone()))
                    .bind(record.temp.as_ref().map(|json| json.0.clone()));
            }
            query.execute(&mut **c).await?.rows_affected()
        });
        if written != chunk.len() as u64 {
            return Err(Fault::Stale(CommitError::Conflict));
        }
    }
    Ok(())
}

async fn write_turns(
    tx: &mut Tx<'_>,
    texts: &mut Texts,
    turns: &[&PreparedTurn],
) -> Result<(), Fault> {
    for chunk in chunks(turns) {
        let sql = texts.get(tx, &TURN, chunk.len());
        on!(Tx: tx, c => {
            let mut query = sqlx::query(sql);
            for turn in chunk {
                let record = &turn.record;
                query = query
                    .bind(turn.turn_id.clone())
                    .bind(turn.conversation_id.clone())
                    .bind(turn.next().turns)
                    .bind(turn.event_id.clone())
                    .bind(record.received_on)
                    .bind(record.finished_on)
                    .bind(record.incoming.as_ref().map(|json| json.0.clone()))
                    .bind(record.replies.0.clone())
                    .bind(record.trace.0.clone());
            }
            query.execute(&mut **c).await.map(|_| ())
        })?;
    }
    Ok(())
}

async fn write_users(
    tx: &mut Tx<'_>,
    texts: &mut Texts,
    users: &[(&PreparedTurn, &Arc<str>)],
) -> Result<(), Fault> {
    for chunk in chunks(users) {
        let sql = texts.get(tx, &CHAT_USER, chunk.len());
        on!(Tx: tx, c => {
            let mut query = sqlx::query(sql);
            for (turn, attributes) in chunk {
                query = query
                    .bind(turn.channel.clone())
                    .bind(turn.user_id.clone())
                    .bind(Arc::clone(attributes))
                    .bind(turn.record.received_on)
                    .bind(turn.record.finished_on);
            }
            query.execute(&mut **c).await.map(|_| ())
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_rows_needs_few_texts() {
        for rows in 0..200_usize {
            let rows = vec![0_u8; rows];
            let pieces: Vec<_> = chunks(&rows).map(<[u8]>::len).collect();
            assert_eq!(pieces.iter().sum::<usize>(), rows.len());
            assert!(pieces.iter().all(|n| n.is_power_of_two() && *n <= CHUNK), "{pieces:?}");
        }
    }

    #[test]
    fn parameters_are_numbered_through_all_rows() {
        let shape = Shape { insert: "INSERT INTO t (a, b) VALUES ", columns: 2, conflict: " END" };
        let numbered = text(&shape, 2, true);
        assert_eq!(numbered.as_str(), "INSERT INTO t (a, b) VALUES ($1,$2), ($3,$4) END");
        assert_eq!(text(&shape, 1, false).as_str(), "INSERT INTO t (a, b) VALUES (?,?) END");
    }
}
