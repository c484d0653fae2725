//! One transaction: begun, filled, committed, and its fate known.
//!
//! When COMMIT fails, or the connection breaks meanwhile, the change may hold or not. Then the
//! writer connects anew and looks: on PostgreSQL it first gets the session lock again, which the
//! server gives only after the old session, and with it the old transaction, is over. The cache is
//! emptied, because nobody knows what happened in between.

use std::sync::Arc;
use std::time::Duration;

use crate::audit::{self, AuditEntry, AuditHead, AuditRow};
use crate::cache::{Cache, Entry, Key};
use crate::commit::{Chore, PreparedTurn, Statement, batch};
use crate::engine::{Param, Purpose, Session, Source, params};
use crate::erase::{self, ErasedCounts};
use crate::error::Fault;
use crate::memory::{self, MemoryChanges};
use crate::patch;
use crate::reader::Value;
use crate::{expiry, idempotency, retention};

/// Longest time for one transaction.
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(30);

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How often, and how long apart, a new connection is tried to learn the fate of a commit.
const RESOLVE_TRIES: u32 = 40;
const RESOLVE_PAUSE: Duration = Duration::from_millis(250);

/// What a probe writes: more than a turn usually does.
const PROBE_BYTES: usize = 64 * 1024;

/// What became of a transaction.
#[derive(Debug)]
pub(super) enum Outcome<T> {
    /// It holds.
    Done(T),
    /// Nothing was changed.
    Failed(Fault),
    /// The connection broke during the commit.
    Unsure(Fault),
}

/// What a transaction does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Work<'w> {
    Group(&'w [PreparedTurn], &'w [AuditRow]),
    Chore(&'w Chore),
}

/// What a transaction has done.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Rows that a chore has dealt with.
    pub(crate) rows: u64,
    /// Cached rows that are no longer right.
    pub(crate) forgotten: Vec<Key>,
    /// Rows as they are now.
    pub(crate) published: Vec<(Key, Entry)>,
    /// Memory that has changed.
    pub(crate) memory: MemoryChanges,
    /// What was removed of a chat user.
    pub(crate) erased: ErasedCounts,
}

/// The writer's session and what belongs to it.
#[derive(Debug)]
pub(crate) struct Transactor {
    source: Source,
    session: Option<Session>,
    cache: Arc<Cache>,
    /// The newest row of the audit trail, while it is known.
    trail: Option<AuditHead>,
}

impl Transactor {
    pub(crate) fn new(source: Source, session: Session, cache: Arc<Cache>) -> Self {
        Self { source, session: Some(session), cache, trail: None }
    }

    /// Does the work in one transaction, all or nothing.
    pub(super) async fn attempt(&mut self, work: Work<'_>) -> Outcome<Done> {
        let session = match self.connected().await {
            Ok(session) => session,
            Err(fault) => return Outcome::Failed(fault),
        };
        let attempt = tokio::time::timeout(TRANSACTION_TIMEOUT, transaction(session, work));
        let outcome = attempt
            .await
            .unwrap_or_else(|_| Outcome::Unsure(Fault::Lost("no answer in time".into())));
        match (&outcome, work) {
            (Outcome::Done(_), Work::Group(_, [.., newest])) => {
                self.trail = Some(AuditHead::of(newest));
            }
            (Outcome::Failed(Fault::Lost(_)) | Outcome::Unsure(_), _) => self.disconnect(),
            (Outcome::Failed(_), Work::Group(..)) => self.trail = None,
            _ => {}
        }
        outcome
    }

    /// Gives entries their places behind the newest row of the audit trail.
    pub(super) async fn chain(&mut self, entries: &[AuditEntry]) -> Result<Vec<AuditRow>, Fault> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let known = self.trail.take();
        let session = self.connected().await?;
        let head = match known {
            Some(head) => head,
            None => tokio::time::timeout(TRANSACTION_TIMEOUT, audit::head(session))
                .await
                .unwrap_or_else(|_| Err(Fault::Lost("no answer in time".into())))
                .inspect_err(|_| self.disconnect())?,
        };
        Ok(audit::chained(self.trail.insert(head), entries))
    }

    /// Whether a group is stored, once that is certain. A transaction holds all of it or nothing, so
    /// one part tells about the whole.
    pub(super) async fn resolve(
        &mut self,
        turns: &[PreparedTurn],
        rows: &[AuditRow],
    ) -> Result<bool, Fault> {
        let mut last = Fault::Lost("not tried".into());
        for _ in 0..RESOLVE_TRIES {
            let found = match self.connected().await {
                Ok(session) => is_stored(session, turns, rows).await,
                Err(fault) => Err(fault),
            };
            match found {
                Ok(found) => return Ok(found),
                Err(fault) => last = fault,
            }
            self.disconnect();
            tokio::time::sleep(RESOLVE_PAUSE).await;
        }
        Err(last)
    }

    /// Cuts SQLite's log to nothing; `false` when somebody reads it.
    pub(super) fn cut_log(&mut self) -> bool {
        self.session.as_mut().is_some_and(Session::cut_log)
    }

    /// Called between transactions.
    pub(super) fn tend(&mut self) {
        if let Some(session) = &mut self.session {
            session.tend();
        }
    }

    /// Closes the session.
    pub(super) async fn close(self) {
        if let Some(session) = self.session {
            session.close().await;
        }
    }

    /// Gives up a session that is of no further use.
    fn disconnect(&mut self) {
        self.session = None;
        self.trail = None;
        self.cache.clear();
    }

    /// The session, made anew when it was lost.
    async fn connected(&mut self) -> Result<&mut Session, Fault> {
        let session = if let Some(session) = self.session.take() {
            session
        } else {
            let session = tokio::time::timeout(CONNECT_TIMEOUT, connect(&self.source))
                .await
                .unwrap_or_else(|_| Err(Fault::Lost("no connection in time".into())))?;
            // Another server may have written while this one was not connected.
            self.cache.clear();
            session
        };
        Ok(self.session.insert(session))
    }
}

async fn connect(source: &Source) -> Result<Session, Fault> {
    let mut session = source.connect(Purpose::Write).await?;
    if let Session::Postgres(remote) = &mut session
        && !remote.lock().await?
    {
        return Err(Fault::Lost("another session holds the lock of the database".into()));
    }
    Ok(session)
}

async fn transaction(session: &mut Session, work: Work<'_>) -> Outcome<Done> {
    if let Err(fault) = session.begin().await {
        return Outcome::Failed(fault);
    }
    let result = match work {
        Work::Group(turns, rows) => group(session, turns, rows).await,
        Work::Chore(chore) => run(session, chore).await,
    };
    match result {
        Ok(done) => match session.commit().await {
            Ok(()) => Outcome::Done(done),
            Err(fault) => Outcome::Unsure(fault),
        },
        Err(fault) => match session.rollback().await {
            Ok(()) => Outcome::Failed(fault),
            // A fresh session is certain to be in no transaction.
            Err(rollback) => Outcome::Failed(Fault::Lost(format!("{fault}; {rollback}").into())),
        },
    }
}

async fn group(
    session: &mut Session,
    turns: &[PreparedTurn],
    rows: &[AuditRow],
) -> Result<Done, Fault> {
    let memory = batch::write(session, turns).await?;
    audit::write(session, rows).await?;
    Ok(Done { memory, ..Done::default() })
}

async fn is_stored(
    session: &mut Session,
    turns: &[PreparedTurn],
    rows: &[AuditRow],
) -> Result<bool, Fault> {
    const SQL: &str = "SELECT id FROM turn WHERE id = $1";
    match (turns, rows) {
        ([turn, ..], _) => Ok(!session.fetch(SQL, &params![&turn.turn_id]).await?.is_empty()),
        ([], [row, ..]) => audit::is_stored(session, row).await,
        ([], []) => Ok(true),
    }
}

async fn run(session: &mut Session, chore: &Chore) -> Result<Done, Fault> {
    let mut done = Done::default();
    match chore {
        Chore::ExpireSessions(now) => changed(&mut done, expiry::expire(session, *now).await?),
        Chore::Rearm(now) => changed(&mut done, expiry::rearm(session, *now).await?),
        Chore::PurgeIdempotency(before) => {
            done.rows = idempotency::purge(session, *before).await?;
        }
        Chore::ForgetAttributes(now) => {
            (done.rows, done.published) = retention::forget(session, *now).await?;
        }
        Chore::Patch(patch) => done = patch::apply(session, patch).await?,
        Chore::Detach(subject) => done = erase::detach(session, subject).await?,
        Chore::EraseTurns => done.rows = erase::erase_turns(session).await?,
        // Not in a transaction: see `Transactor::cut_log`.
        Chore::CutLog => {}
        Chore::Memory(ops, now) => {
            for op in ops {
                memory::apply(session, op, *now, &mut done.memory).await?;
            }
        }
        Chore::Statements(statements) => {
            for Statement { sql, values } in statements {
                let params: Vec<Param<'_>> = values.iter().map(Value::param).collect();
                done.rows = session.execute(sql, &params).await?;
            }
        }
        Chore::Probe => {
            const SQL: &str =
                "UPDATE write_probe SET probed = probed + 1, padding = $2 WHERE id = $1";
            let padding = "0".repeat(PROBE_BYTES);
            done.rows = session.execute(SQL, &params![1, &padding]).await?;
        }
    }
    Ok(done)
}

/// Conversations that a chore has changed are read anew.
fn changed(done: &mut Done, conversations: Vec<Arc<str>>) {
    done.rows = conversations.len() as u64;
    done.forgotten.extend(conversations.into_iter().map(Key::Conversation));
}
