//! Attributes of chat users that are forgotten at a set time (`spec` runtime 5.6).
//!
//! A turn that was under way while an attribute was removed may write it back. So a date is kept
//! for some minutes after the removal, and dropped only when the attribute is still gone by then.

use std::sync::Arc;

use serde_json::Value;
use sqlx::Row as _;

use crate::commit::PreparedTurn;
use crate::db::{Tx, on};
use crate::error::Fault;
use crate::expiry::CHORE_ROWS;
use crate::record::{Json, Retention};

/// How long a turn may be under way, in milliseconds.
const SECOND_LOOK_MS: i64 = 10 * 60 * 1000;

/// A chat user and the attributes left.
pub(crate) type Forgotten = (Arc<str>, Arc<str>, Arc<str>);

/// Writes when an attribute must be forgotten.
pub(crate) async fn remember(
    tx: &mut Tx<'_>,
    turn: &PreparedTurn,
    retention: &Retention,
) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO user_retention (channel, user_id, field_path, expires_on) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (channel, user_id, field_path) DO UPDATE \
         SET expires_on = excluded.expires_on";
    on!(Tx: tx, c => sqlx::query(SQL)
        .bind(turn.channel.clone())
        .bind(turn.user_id.clone())
        .bind(&retention.path)
        .bind(retention.expires_on)
        .execute(&mut **c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Forgets attributes whose time has come; returns how many dates were looked at, and the users
/// whose attributes changed.
pub(crate) async fn forget(tx: &mut Tx<'_>, now: i64) -> Result<(u64, Vec<Forgotten>), Fault> {
    const SQL: &str = "SELECT user_retention.channel, user_retention.user_id, field_path, \
         attributes FROM user_retention LEFT JOIN chat_user \
         ON chat_user.channel = user_retention.channel \
         AND chat_user.user_id = user_retention.user_id \
         WHERE expires_on <= $1 ORDER BY expires_on LIMIT $2";
    let due = on!(Tx: tx, c => {
        let rows = sqlx::query(SQL).bind(now).bind(CHORE_ROWS).fetch_all(&mut **c).await?;
        rows.iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?)))
            .collect::<Result<Vec<(String, String, String, Option<String>)>, sqlx::Error>>()?
    });
    let looked_at = due.len() as u64;
    let mut left: Vec<Forgotten> = Vec::new();
    for (channel, user, path, stored) in due {
        // Two attributes of one user: the second removal starts from the outcome of the first.
        let earlier = left.iter().rposition(|(c, u, _)| **c == *channel && **u == *user);
        let current = match earlier {
            Some(position) => Some(left.remove(position).2),
            None => stored.map(Into::into),
        };
        let Some(current) = current else {
            settle(tx, [&channel, &user, &path], None).await?;
            continue;
        };
        let Some(attributes) = without(&current, &path) else {
            if earlier.is_some() {
                left.push((channel.as_str().into(), user.as_str().into(), current));
            }
            settle(tx, [&channel, &user, &path], None).await?;
            continue;
        };
        update(tx, [&channel, &user], &attributes, now).await?;
        settle(tx, [&channel, &user, &path], Some(now.saturating_add(SECOND_LOOK_MS))).await?;
        left.push((channel.into(), user.into(), attributes));
    }
    Ok((looked_at, left))
}

async fn update(
    tx: &mut Tx<'_>,
    [channel, user]: [&str; 2],
    attributes: &Arc<str>,
    now: i64,
) -> Result<(), Fault> {
    const SQL: &str = "UPDATE chat_user SET attributes = $3, modified_on = $4 \
         WHERE channel = $1 AND user_id = $2";
    on!(Tx: tx, c => {
        let query = sqlx::query(SQL).bind(channel).bind(user).bind(attributes.clone()).bind(now);
        query.execute(&mut **c).await.map(|_| ())
    })?;
    Ok(())
}

/// Moves a date, or drops it.
async fn settle(
    tx: &mut Tx<'_>,
    [channel, user, path]: [&str; 3],
    next: Option<i64>,
) -> Result<(), Fault> {
    const DROP: &str = "DELETE FROM user_retention \
         WHERE channel = $1 AND user_id = $2 AND field_path = $3";
    const MOVE: &str = "UPDATE user_retention SET expires_on = $4 \
         WHERE channel = $1 AND user_id = $2 AND field_path = $3";
    on!(Tx: tx, c => {
        let query = sqlx::query(if next.is_some() { MOVE } else { DROP });
        let query = query.bind(channel).bind(user).bind(path);
        let query = if let Some(next) = next { query.bind(next) } else { query };
        query.execute(&mut **c).await.map(|_| ())
    })?;
    Ok(())
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
