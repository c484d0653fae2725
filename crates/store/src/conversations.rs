//! Conversations for people: lists, and what is kept of one chat user. A conversation's turns are in
//! `history`, its state in `load`; forgetting is in `erase`.
//!
//! Lists go by the start of the newest session, newest first: the order in which people came back. By
//! the last message would be nicer and cost every turn an index entry (see migration 3).

use parlance_core::ids::{BotId, ConversationKey};

use crate::accounts::PAGE_ROWS;
use crate::engine::Row;
use crate::error::{Fault, ReadError, check_key};
use crate::reader::{Value, values};
use crate::record::{Json, Retention};
use crate::store::Store;

/// Rows that one list looks at, at most: a filter that hardly anything passes must not read a whole
/// table.
const SCAN_ROWS: i64 = 5_000;

/// Most dates of one user's attributes in an answer.
const RETENTION_ROWS: i64 = 1_000;

/// A conversation without its state and turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationSummary {
    /// The session id (`spec` runtime 5.1).
    pub id: String,
    /// The bot.
    pub bot: String,
    /// The channel.
    pub channel: String,
    /// The chat user's id on that channel.
    pub user: String,
    /// The thread, on channels that have threads.
    pub thread: Option<String>,
    /// When it began, in milliseconds since 1970.
    pub created_on: i64,
    /// When its newest session began, in milliseconds since 1970.
    pub session_on: i64,
    /// When its newest turn ended, in milliseconds since 1970.
    pub last_seen_on: i64,
    /// When the session is forgotten, in milliseconds since 1970; `None` when it has been.
    pub session_expiry: Option<i64>,
    /// How many turns it has.
    pub turns: i64,
}

impl ConversationSummary {
    /// The key, with which state and turns are read.
    pub fn key(&self) -> Option<ConversationKey> {
        Some(ConversationKey {
            bot: BotId::parse(&self.bot)?,
            channel: self.channel.clone(),
            user: self.user.clone(),
            thread: self.thread.clone(),
        })
    }
}

/// Which conversations a list has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// Those of this chat user.
    pub user: Option<String>,
    /// Those on this channel.
    pub channel: Option<String>,
}

/// A place in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationCursor {
    /// [`ConversationSummary::session_on`].
    pub session_on: i64,
    /// [`ConversationSummary::id`].
    pub id: String,
}

/// A piece of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationPage {
    /// Newest first.
    pub conversations: Vec<ConversationSummary>,
    /// Where the list goes on; `None` at its end. There may be a next page after a short or empty one:
    /// a list with a filter looks at a bounded number of rows.
    pub next: Option<ConversationCursor>,
}

/// What is kept of a chat user besides conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserData {
    /// The attributes.
    pub attributes: Json,
    /// Since when the user is known, in milliseconds since 1970.
    pub created_on: i64,
    /// When the attributes changed, in milliseconds since 1970.
    pub modified_on: i64,
    /// Which attributes will be forgotten, and when.
    pub retention: Vec<Retention>,
}

/// The columns of [`summary`].
macro_rules! columns {
    () => {
        "id, bot_id, channel, user_id, thread_id, created_on, session_on, last_seen_on, \
         session_expiry, turns"
    };
}

const ONE: &str = concat!("SELECT ", columns!(), " FROM conversation WHERE id = $1");

/// Takes bot, cursor, channel, rows to look at, and a limit.
const OF_BOT: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM (SELECT ",
    columns!(),
    " FROM conversation WHERE bot_id = $1 AND (session_on, id) < ($2, $3) \
     ORDER BY session_on DESC, id DESC LIMIT $5) AS scanned WHERE $4 IS NULL OR channel = $4 \
     ORDER BY session_on DESC, id DESC LIMIT $6"
);

/// The last row that [`OF_BOT`] looks at, when there are so many; takes bot, cursor and their number
/// less one.
const SCANNED: &str = "SELECT session_on, id FROM conversation \
     WHERE bot_id = $1 AND (session_on, id) < ($2, $3) \
     ORDER BY session_on DESC, id DESC LIMIT 1 OFFSET $4";

/// Takes bot, cursor, channel, a limit, and the user. A user has few conversations, a bot has many: the
/// index of the bot must not be used.
const OF_BOT_AND_USER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM conversation WHERE user_id = $6 AND bot_id || '' = $1 AND (session_on, id) < ($2, $3) \
     AND ($4 IS NULL OR channel = $4) ORDER BY session_on DESC, id DESC LIMIT $5"
);

/// Takes channel, user, the last id, and a limit.
const OF_USER: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM conversation WHERE channel = $1 AND user_id = $2 AND id || '' > $3 ORDER BY id LIMIT $4"
);

const USER: &str = "SELECT attributes, created_on, modified_on FROM bot_user \
     WHERE bot_id = $1 AND channel = $2 AND user_id = $3";

const RETENTION: &str = "SELECT field_path, expires_on FROM bot_user_retention \
     WHERE bot_id = $1 AND channel = $2 AND user_id = $3 ORDER BY field_path LIMIT $4";

impl Store {
    /// A conversation by its id.
    pub async fn conversation(&self, id: &str) -> Result<Option<ConversationSummary>, ReadError> {
        if id.contains('\0') {
            return Ok(None);
        }
        let rows = self.queries.fetch(ONE, values![id]).await?;
        Ok(rows.into_iter().next().map(summary).transpose()?)
    }

    /// The conversations of a bot that come after `after` in the list, at most `limit` and at most
    /// [`PAGE_ROWS`]. Newest sessions first.
    pub async fn conversations(
        &self,
        bot: &BotId,
        filter: &ConversationFilter,
        after: Option<&ConversationCursor>,
        limit: i64,
    ) -> Result<ConversationPage, ReadError> {
        let limit = limit.clamp(1, PAGE_ROWS);
        let (session_on, id) = after.map_or((i64::MAX, ""), |place| (place.session_on, &*place.id));
        let channel = filter.channel.as_deref();
        for text in [Some(id), channel, filter.user.as_deref()].into_iter().flatten() {
            if text.contains('\0') {
                return Ok(ConversationPage::default());
            }
        }
        let mut values = values![bot.as_str(), session_on, id, channel];
        let sql = if let Some(user) = &filter.user {
            values.extend([Value::from(limit), Value::from(&**user)]);
            OF_BOT_AND_USER
        } else {
            let scan = if channel.is_some() { SCAN_ROWS } else { limit };
            values.extend([Value::from(scan), Value::from(limit)]);
            OF_BOT
        };
        let rows = self.queries.fetch(sql, values).await?;
        let conversations = rows.into_iter().map(summary).collect::<Result<Vec<_>, Fault>>()?;
        let full = i64::try_from(conversations.len()).is_ok_and(|found| found >= limit);
        let next = match conversations.last() {
            Some(last) if full => {
                Some(ConversationCursor { session_on: last.session_on, id: last.id.clone() })
            }
            _ if filter.user.is_none() && channel.is_some() => {
                let values = values![bot.as_str(), session_on, id, SCAN_ROWS - 1];
                let rows = self.queries.fetch(SCANNED, values).await?;
                rows.into_iter().next().map(cursor).transpose()?
            }
            _ => None,
        };
        Ok(ConversationPage { conversations, next })
    }

    /// The conversations of a chat user with all bots, by id, those after `after`, at most `limit` and
    /// at most [`PAGE_ROWS`].
    pub async fn conversations_of(
        &self,
        channel: &str,
        user: &str,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<ConversationSummary>, ReadError> {
        check_user(channel, user)?;
        let after = after.unwrap_or_default();
        let values = values![channel, user, after, limit.clamp(0, PAGE_ROWS)];
        let rows = self.queries.fetch(OF_USER, values).await?;
        Ok(rows.into_iter().map(summary).collect::<Result<_, Fault>>()?)
    }

    /// What a bot keeps of a chat user besides the conversations ([`Self::conversations_of`]). Together with
    /// [`Self::load`] and [`Self::newest_turns`] of each conversation this is everything, in pages.
    pub async fn user_data(
        &self,
        bot: &BotId,
        channel: &str,
        user: &str,
    ) -> Result<Option<UserData>, ReadError> {
        check_user(channel, user)?;
        check_key("bot id", bot.as_str())?;
        let bot = bot.as_str();
        let rows = self.queries.fetch(USER, values![bot, channel, user]).await?;
        let Some(mut row) = rows.into_iter().next() else {
            return Ok(None);
        };
        let dates = values![bot, channel, user, RETENTION_ROWS];
        let mut retention = Vec::new();
        for mut date in self.queries.fetch(RETENTION, dates).await? {
            let path = date.text()?.to_string();
            retention.push(Retention { path, expires_on: date.int()? });
        }
        Ok(Some(UserData {
            attributes: Json(row.text()?),
            created_on: row.int()?,
            modified_on: row.int()?,
            retention,
        }))
    }
}

/// Checks the name of a chat user.
pub(crate) fn check_user(channel: &str, user: &str) -> Result<(), crate::KeyError> {
    check_key("channel", channel)?;
    check_key("user id", user)
}

fn cursor(mut row: Row) -> Result<ConversationCursor, Fault> {
    Ok(ConversationCursor { session_on: row.int()?, id: row.text()?.to_string() })
}

fn summary(mut row: Row) -> Result<ConversationSummary, Fault> {
    Ok(ConversationSummary {
        id: row.text()?.to_string(),
        bot: row.text()?.to_string(),
        channel: row.text()?.to_string(),
        user: row.text()?.to_string(),
        thread: row.maybe_text()?.map(|thread| thread.to_string()),
        created_on: row.int()?,
        session_on: row.int()?,
        last_seen_on: row.int()?,
        session_expiry: row.maybe_int()?,
        turns: row.int()?,
    })
}
