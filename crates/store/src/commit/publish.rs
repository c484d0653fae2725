//! What a commit means for the cache.

use crate::cache::{Cache, ConversationRow, Entry, Key};
use crate::record::PreparedTurn;

/// Puts the rows that `turn` has written.
pub(super) fn turn(cache: &Cache, turn: &PreparedTurn) {
    let key = Key::Conversation(turn.conversation_id.clone());
    let row = conversation(cache, &key, turn);
    let user = turn.record.user.as_ref().map(|attributes| {
        (Key::user(&turn.record.key), Some(Entry::User(Some(attributes.0.clone()))))
    });
    cache.publish([(key, row)].into_iter().chain(user));
}

/// The conversation after the turn; `None` when it cannot be told without reading it.
fn conversation(cache: &Cache, key: &Key, turn: &PreparedTurn) -> Option<Entry> {
    let record = &turn.record;
    let whole = record.session.is_some()
        && record.context.is_some()
        && record.temp.is_some()
        && record.expiry.is_some();
    let before = if whole || record.revision.version == 0 {
        None
    } else {
        let [Some(Entry::Conversation(Some(row)))] = cache.get([key]) else {
            return None;
        };
        if row.revision.version != record.revision.version {
            return None;
        }
        Some(row)
    };
    let mut row = before.unwrap_or(ConversationRow {
        revision: record.revision.clone(),
        expiry: None,
        session: None,
        context: None,
        temp: None,
    });
    row.revision = turn.next();
    row.expiry = record.expiry.or(row.expiry);
    for (part, written) in [
        (&mut row.session, &record.session),
        (&mut row.context, &record.context),
        (&mut row.temp, &record.temp),
    ] {
        if let Some(written) = written {
            *part = Some(written.0.clone());
        }
    }
    Some(Entry::Conversation(Some(row)))
}
