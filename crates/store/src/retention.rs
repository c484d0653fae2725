//! Attributes of chat users that are forgotten at a set time (`spec` runtime 5.6).
//!
//! A turn that was under way while an attribute was removed may write it back. So a date is kept
//! for some minutes after the removal, and dropped only when the attribute is still gone by then.

use std::collections::HashMap;
use std::sync::Arc;

use parlance_core::ids::ConversationKey;
use serde_json::Value;

use crate::cache::{Entry, Key};
use crate::engine::{Session, params};
use crate::error::Fault;
use crate::expiry::CHORE_ROWS;
use crate::record::{Json, Retention};

/// How long a turn may be under way, in milliseconds.
const SECOND_LOOK_MS: i64 = 10 * 60 * 1000;

/// Writes when an attribute must be forgotten.
pub(crate) async fn remember(
    session: &mut Session,
    key: &ConversationKey,
    retention: &Retention,
) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO bot_user_retention \
         (bot_id, channel, user_id, field_path, expires_on) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (bot_id, channel, user_id, field_path) DO UPDATE SET expires_on = excluded.expires_on";
    let values =
        params![key.bot.as_str(), &key.channel, &key.user, &retention.path, retention.expires_on];
    session.execute(SQL, &values).await.map(|_| ())
}

/// Bot, channel and user id.
type BotUser = (Arc<str>, Arc<str>, Arc<str>);

/// Forgets attributes whose time has come; returns how many dates were looked at, and what is left
/// of those that changed.
pub(crate) async fn forget(
    session: &mut Session,
    now: i64,
) -> Result<(u64, Vec<(Key, Entry)>), Fault> {
    const DUE: &str = "SELECT bot_user_retention.bot_id, bot_user_retention.channel, \
         bot_user_retention.user_id, field_path, attributes \
         FROM bot_user_retention LEFT JOIN bot_user \
         ON bot_user.bot_id = bot_user_retention.bot_id \
         AND bot_user.channel = bot_user_retention.channel \
         AND bot_user.user_id = bot_user_retention.user_id \
         WHERE expires_on <= $1 ORDER BY expires_on LIMIT $2";
    const UPDATE: &str = "UPDATE bot_user SET attributes = $4, modified_on = $5 \
         WHERE bot_id = $1 AND channel = $2 AND user_id = $3";
    const LATER: &str = "UPDATE bot_user_retention SET expires_on = $5 \
         WHERE bot_id = $1 AND channel = $2 AND user_id = $3 AND field_path = $4";
    const DONE: &str = "DELETE FROM bot_user_retention \
         WHERE bot_id = $1 AND channel = $2 AND user_id = $3 AND field_path = $4";
    let due = session.fetch(DUE, &params![now, CHORE_ROWS]).await?;
    let looked_at = due.len() as u64;
    let mut changed: HashMap<BotUser, Arc<str>> = HashMap::new();
    for mut row in due {
        let key = (row.text()?, row.text()?, row.text()?);
        let path = row.text()?;
        let stored = row.maybe_text()?;
        // Of two attributes of one user, the second is taken from the outcome of the first.
        let current = changed.get(&key).cloned().or(stored);
        let left = current.and_then(|attributes| without(&attributes, &path));
        let (bot, channel, user) = &key;
        if let Some(attributes) = left {
            session.execute(UPDATE, &params![bot, channel, user, &attributes, now]).await?;
            let later = now.saturating_add(SECOND_LOOK_MS);
            session.execute(LATER, &params![bot, channel, user, &path, later]).await?;
            changed.insert(key, attributes);
        } else {
            session.execute(DONE, &params![bot, channel, user, &path]).await?;
        }
    }
    let changed = changed.into_iter().map(|((bot, channel, user), left)| {
        (Key::User(bot, channel, user), Entry::User(Some(left)))
    });
    Ok((looked_at, changed.collect()))
}

/// The attributes without what `path` names; `None` when there is no such thing.
fn without(attributes: &str, path: &str) -> Option<Arc<str>> {
    let mut root: Value = serde_json::from_str(attributes).ok()?;
    let (parents, field) = match path.rsplit_once('.') {
        Some((parents, field)) => (Some(parents), field),
        None => (None, path),
    };
    let mut place = &mut root;
    for name in parents.into_iter().flat_map(|parents| parents.split('.')) {
        place = place.get_mut(name)?;
    }
    place.as_object_mut()?.shift_remove(field)?;
    Some(Json::from(&root).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_one_attribute() {
        let attributes = r#"{"email":"a@b","profile":{"phone":1,"x":{"y":2}},"list":[1]}"#;
        for (path, left) in [
            ("email", Some(r#"{"profile":{"phone":1,"x":{"y":2}},"list":[1]}"#)),
            ("profile.phone", Some(r#"{"email":"a@b","profile":{"x":{"y":2}},"list":[1]}"#)),
            ("profile.x.y", Some(r#"{"email":"a@b","profile":{"phone":1,"x":{}},"list":[1]}"#)),
            ("phone", None),
            ("profile.none.y", None),
            ("list.0", None),
            ("", None),
        ] {
            assert_eq!(without(attributes, path).as_deref(), left, "{path}");
        }
    }
}
