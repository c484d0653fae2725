//! A batch of turns as SQL: few statements, each for many rows.

use crate::commit::PreparedTurn;
use crate::engine::{Param, RowsSql, Session};
use crate::error::{CommitError, Fault};
use crate::memory::{self, MemoryChanges};
use crate::record::Json;
use crate::{idempotency, retention};

/// A conversation's state, with `$set` besides what every turn writes.
macro_rules! state_sql {
    ($set:literal) => {
        RowsSql::write(
            "INSERT INTO conversation (id, bot_id, channel, user_id, thread_id, created_on, \
             last_seen_on, turns, version, last_turn, check_on, session_on, context_expiry, \
             session_expiry, session, context, temp) VALUES ",
            17,
            concat!(
                " ON CONFLICT (id) DO UPDATE SET last_seen_on = excluded.last_seen_on, ",
                "turns = excluded.turns, version = excluded.version, ",
                "last_turn = excluded.last_turn, ",
                $set,
                "context_expiry = COALESCE(excluded.context_expiry, conversation.context_expiry), ",
                "session_expiry = COALESCE(excluded.session_expiry, conversation.session_expiry), ",
                "session = COALESCE(excluded.session, conversation.session), ",
                "context = COALESCE(excluded.context, conversation.context), ",
                "temp = COALESCE(excluded.temp, conversation.temp) ",
                "WHERE conversation.version = excluded.version - 1",
            ),
        )
    };
}

/// The usual turn: the janitor's date and the session's start are left alone, and with them their
/// indexes.
static STATE: RowsSql = state_sql!("");

/// A turn that opens a session of a known user, or that ends earlier than the last one promised.
static STATE_AND_DATE: RowsSql = state_sql!(
    "check_on = excluded.check_on, session_on = CASE WHEN conversation.session_expiry IS NULL \
     THEN excluded.session_on ELSE conversation.session_on END, "
);

static TURN: RowsSql = RowsSql::write(
    "INSERT INTO turn (id, conversation_id, number, event_id, received_on, finished_on, \
     incoming, replies, trace, previous) VALUES ",
    10,
    "",
);

static USER: RowsSql = RowsSql::write(
    "INSERT INTO bot_user (bot_id, channel, user_id, attributes, created_on, modified_on) VALUES ",
    6,
    " ON CONFLICT (bot_id, channel, user_id) DO UPDATE \
     SET attributes = excluded.attributes, modified_on = excluded.modified_on",
);

/// Writes the turns inside the session's transaction.
///
/// Should two of them write the same row, PostgreSQL refuses the batch; alone they are accepted.
pub(super) async fn write(
    session: &mut Session,
    turns: &[PreparedTurn],
) -> Result<MemoryChanges, Fault> {
    let (dated, usual): (Vec<_>, Vec<_>) = turns.iter().partition(|turn| turn.must_arm());
    write_states(session, &STATE, &usual).await?;
    write_states(session, &STATE_AND_DATE, &dated).await?;
    let rows: Vec<Param<'_>> = turns.iter().flat_map(turn_row).collect();
    session.write_rows(&TURN, &rows).await?;
    let users: Vec<Param<'_>> = turns.iter().filter_map(user_row).flatten().collect();
    session.write_rows(&USER, &users).await?;
    let mut changes = MemoryChanges::new();
    for turn in turns {
        for op in &turn.record.memory {
            memory::apply(session, op, turn.record.finished_on, &mut changes).await?;
        }
        for date in &turn.record.retention {
            retention::remember(session, &turn.record.key, date).await?;
        }
        idempotency::remember(session, turn).await?;
    }
    Ok(changes)
}

async fn write_states(
    session: &mut Session,
    sql: &'static RowsSql,
    turns: &[&PreparedTurn],
) -> Result<(), Fault> {
    let rows: Vec<Param<'_>> = turns.iter().flat_map(|turn| state_row(turn)).collect();
    // A row whose revision is another is left as it is.
    if session.write_rows(sql, &rows).await? == turns.len() as u64 {
        Ok(())
    } else {
        Err(Fault::Stale(CommitError::Conflict))
    }
}

fn state_row(turn: &PreparedTurn) -> [Param<'_>; 17] {
    let (record, key) = (&turn.record, &turn.record.key);
    [
        Param::from(&turn.conversation_id),
        key.bot.as_str().into(),
        (&key.channel).into(),
        (&key.user).into(),
        key.thread.as_deref().into(),
        record.received_on.into(),
        record.finished_on.into(),
        turn.number().into(),
        record.revision.version.saturating_add(1).into(),
        (&turn.turn_id).into(),
        turn.check_on().into(),
        record.received_on.into(),
        record.expiry.map(|expiry| expiry.context).into(),
        record.expiry.map(|expiry| expiry.session).into(),
        record.session.as_ref().map(Json::as_str).into(),
        record.context.as_ref().map(Json::as_str).into(),
        record.temp.as_ref().map(Json::as_str).into(),
    ]
}

fn turn_row(turn: &PreparedTurn) -> [Param<'_>; 10] {
    let record = &turn.record;
    [
        Param::from(&turn.turn_id),
        (&turn.conversation_id).into(),
        turn.number().into(),
        (&record.event_id).into(),
        record.received_on.into(),
        record.finished_on.into(),
        record.incoming.as_ref().map(Json::as_str).into(),
        record.replies.as_str().into(),
        record.trace.as_str().into(),
        record.revision.last_turn.as_deref().into(),
    ]
}

fn user_row(turn: &PreparedTurn) -> Option<[Param<'_>; 6]> {
    let record = &turn.record;
    Some([
        Param::from(record.key.bot.as_str()),
        (&record.key.channel).into(),
        (&record.key.user).into(),
        record.user.as_ref()?.as_str().into(),
        record.received_on.into(),
        record.finished_on.into(),
    ])
}
