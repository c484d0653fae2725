//! Forgetting a chat user.
//!
//! First the conversations go, with everything that names the user but the turns; of each there stays
//! the id of its newest turn, in the table `erasure`. From that moment on a new message starts anew, and
//! nothing leads to the old turns. Then those go, in pieces, between which turns are stored. Should the
//! server stop meanwhile, [`Store::resume_erasures`] goes on.
//!
//! SQLite overwrites what is deleted (`secure_delete`), and its log, which holds copies of what the
//! tables held before, is cut to nothing at the end. PostgreSQL removes dead rows when it vacuums and
//! keeps its own log as long as it is set up to. Backups, disks and file systems are beyond reach.
//! Not looked into: a bot's memory and the audit trail, which may name users in texts of their own.

use std::collections::BTreeSet;
use std::sync::Arc;

use parlance_core::ids::BotId;

use crate::cache::Key;
use crate::commit::{Chore, Done};
use crate::conversations::check_user;
use crate::engine::{Param, RowsSql, Session, params};
use crate::error::{CommitError, Fault, check_key};
use crate::expiry::CHORE_ROWS;
use crate::store::Store;

/// What an erasure removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ErasedCounts {
    /// Conversations.
    pub conversations: u64,
    /// Turns: messages with their replies and traces. Those of an earlier erasure that was cut short
    /// count as well.
    pub turns: u64,
    /// Idempotency keys.
    pub idempotency_keys: u64,
    /// Dates at which an attribute would have been forgotten.
    pub retention_dates: u64,
    /// Whether attributes were removed.
    pub attributes: bool,
    /// Whether SQLite's log was cut as well; `false` when another program reads the file, and then it
    /// happens when the log is cut next or the store is closed. PostgreSQL looks after its own.
    pub log_cut: bool,
}

/// Whom to forget.
#[derive(Debug)]
pub(crate) struct Subject {
    /// Only with this bot.
    pub(crate) bot: Option<String>,
    pub(crate) channel: String,
    pub(crate) user: String,
}

impl Store {
    /// Forgets a chat user, or with a bot: all that this bot knows of the user.
    ///
    /// A turn of the user that is under way is refused with [`CommitError::Conflict`]. After an error,
    /// call it again: it goes on where it stopped, and counts from there.
    pub async fn erase_user(
        &self,
        bot: Option<&BotId>,
        channel: &str,
        user: &str,
    ) -> Result<ErasedCounts, CommitError> {
        check_user(channel, user)?;
        if let Some(bot) = bot {
            check_key("bot id", bot.as_str())?;
        }
        // One at a time, so that each counts its own.
        let _alone = self.erasing.lock().await;
        let mut counts = ErasedCounts::default();
        loop {
            let subject = Subject {
                bot: bot.map(|bot| bot.as_str().to_owned()),
                channel: channel.to_owned(),
                user: user.to_owned(),
            };
            let piece = self.queue.erase(subject).await?;
            counts.conversations += piece.conversations;
            counts.idempotency_keys += piece.idempotency_keys;
            counts.retention_dates += piece.retention_dates;
            counts.attributes |= piece.attributes;
            if piece.conversations < CHORE_ROWS.unsigned_abs() {
                break;
            }
        }
        counts.turns = self.repeat(|| Chore::EraseTurns).await?;
        counts.log_cut = self.queue.chore(Chore::CutLog).await? > 0;
        Ok(counts)
    }

    /// Goes on with an erasure that was cut short; returns how many turns it removed.
    pub async fn resume_erasures(&self) -> Result<u64, CommitError> {
        const ANY: &str = "SELECT turn_id FROM erasure LIMIT 1";
        if self.queries.fetch(ANY, []).await?.is_empty() {
            return Ok(0);
        }
        let _alone = self.erasing.lock().await;
        let turns = self.repeat(|| Chore::EraseTurns).await?;
        self.queue.chore(Chore::CutLog).await?;
        Ok(turns)
    }
}

static DELETE_CONVERSATION: RowsSql = RowsSql::lookup("DELETE FROM conversation WHERE (id)", 1);

static DELETE_TURN: RowsSql = RowsSql::lookup("DELETE FROM turn WHERE (id)", 1);

static ERASE: RowsSql =
    RowsSql::write("INSERT INTO erasure (turn_id) VALUES ", 1, " ON CONFLICT (turn_id) DO NOTHING");

/// Removes everything that names the user but the turns, some conversations at a time.
pub(crate) async fn detach(session: &mut Session, subject: &Subject) -> Result<Done, Fault> {
    const FIND: &str = "SELECT id, bot_id, last_turn FROM conversation WHERE user_id = $1 \
         AND channel = $2 AND ($3 IS NULL OR bot_id || '' = $3) LIMIT $4";
    const KNOWN: &str = "SELECT bot_id FROM bot_user WHERE channel = $1 AND user_id = $2 \
         AND ($3 IS NULL OR bot_id || '' = $3)";
    const KEYS: &str =
        "DELETE FROM idempotency WHERE bot_id = $1 AND channel = $2 AND user_id = $3";
    let Subject { bot, channel, user } = subject;
    let found = params![user, channel, bot.as_deref(), CHORE_ROWS];
    let (mut ids, mut last_turns) = (Vec::new(), Vec::new());
    let mut bots: BTreeSet<Arc<str>> = bot.iter().map(|bot| bot.as_str().into()).collect();
    for mut row in session.fetch(FIND, &found).await? {
        ids.push(row.text()?);
        bots.insert(row.text()?);
        last_turns.push(row.text()?);
    }
    // A user may be known by attributes that an operator has set, without a conversation.
    for mut row in session.fetch(KNOWN, &params![channel, user, bot.as_deref()]).await? {
        bots.insert(row.text()?);
    }
    let mut done = Done::default();
    done.erased.conversations = ids.len() as u64;
    let last_turns: Vec<Param<'_>> = last_turns.iter().map(Param::from).collect();
    session.write_rows(&ERASE, &last_turns).await?;
    let conversations: Vec<Param<'_>> = ids.iter().map(Param::from).collect();
    session.write_rows(&DELETE_CONVERSATION, &conversations).await?;
    for bot in &bots {
        let keys = session.execute(KEYS, &params![bot, channel, user]).await?;
        done.erased.idempotency_keys += keys;
    }
    done.forgotten.extend(ids.into_iter().map(Key::Conversation));
    forget_attributes(session, &bots, subject, &mut done).await?;
    Ok(done)
}

/// Removes what these bots know of the user.
async fn forget_attributes(
    session: &mut Session,
    bots: &BTreeSet<Arc<str>>,
    Subject { channel, user, .. }: &Subject,
    done: &mut Done,
) -> Result<(), Fault> {
    const DATES: &str =
        "DELETE FROM bot_user_retention WHERE bot_id = $1 AND channel = $2 AND user_id = $3";
    const USER: &str = "DELETE FROM bot_user WHERE bot_id = $1 AND channel = $2 AND user_id = $3";
    for bot in bots {
        let subject = params![bot, channel, user];
        done.erased.retention_dates += session.execute(DATES, &subject).await?;
        done.erased.attributes |= session.execute(USER, &subject).await? > 0;
        let user = Key::User(Arc::clone(bot), channel.as_str().into(), user.as_str().into());
        done.forgotten.push(user);
    }
    Ok(())
}

/// Removes turns that nothing leads to, some at a time; returns how many.
pub(crate) async fn erase_turns(session: &mut Session) -> Result<u64, Fault> {
    const NEXT: &str = "SELECT turn_id FROM erasure ORDER BY turn_id LIMIT 1";
    const CHAIN: &str = "WITH RECURSIVE chain AS (SELECT id, previous FROM turn WHERE id = $1 \
         UNION ALL SELECT turn.id, turn.previous FROM chain JOIN turn ON turn.id = chain.previous) \
         SELECT id, previous FROM chain LIMIT $2";
    const DONE: &str = "DELETE FROM erasure WHERE turn_id = $1";
    let mut left = CHORE_ROWS;
    while left > 0 {
        let Some(mut row) = session.fetch(NEXT, &[]).await?.into_iter().next() else {
            break;
        };
        let newest = row.text()?;
        let (mut ids, mut rest) = (Vec::new(), None);
        for mut turn in session.fetch(CHAIN, &params![&newest, left]).await? {
            ids.push(turn.text()?);
            rest = turn.maybe_text()?;
        }
        session.execute(DONE, &params![&newest]).await?;
        let rest: Vec<Param<'_>> = rest.iter().map(Param::from).collect();
        session.write_rows(&ERASE, &rest).await?;
        let turns: Vec<Param<'_>> = ids.iter().map(Param::from).collect();
        session.write_rows(&DELETE_TURN, &turns).await?;
        left = left.saturating_sub(i64::try_from(ids.len()).unwrap_or(left));
    }
    Ok(CHORE_ROWS.saturating_sub(left).unsigned_abs())
}
