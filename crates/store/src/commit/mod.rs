//! Everything that writes goes through one queue to one task.
//!
//! [`Queue`] (checks, bounds) → [`writer::Writer`] (one transaction for all turns that wait) →
//! [`batch`] (the SQL) → the cache → the callers. A caller has its answer only after the commit.

mod batch;
mod publish;
mod transact;
mod writer;

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

pub(crate) use crate::record::PreparedTurn;
pub(crate) use transact::{Done, Transactor};
pub(crate) use writer::Writer;

use crate::audit::{AuditEntry, AuditRow};
use crate::erase::{ErasedCounts, Subject};
use crate::error::CommitError;
use crate::memory::MemoryOp;
use crate::patch::Patch;
use crate::reader::Value;
use crate::record::TurnRecord;

/// Work for the writer.
#[derive(Debug)]
pub(crate) enum Job {
    /// One turn.
    Turn(Box<TurnJob>),
    /// One entry of the audit trail.
    Audit(Box<AuditJob>),
    /// Something else.
    Chore(ChoreJob),
}

/// A turn and who waits for it.
#[derive(Debug)]
pub(crate) struct TurnJob {
    pub(crate) turn: PreparedTurn,
    pub(crate) answer: oneshot::Sender<Result<(), CommitError>>,
    /// The queue's bytes that the turn takes, given back when the job is dropped.
    pub(crate) space: OwnedSemaphorePermit,
}

/// An entry of the audit trail and who waits for it.
#[derive(Debug)]
pub(crate) struct AuditJob {
    pub(crate) entry: AuditEntry,
    pub(crate) answer: oneshot::Sender<Result<AuditRow, CommitError>>,
}

/// A chore and who waits for it.
#[derive(Debug)]
pub(crate) struct ChoreJob {
    pub(crate) chore: Chore,
    pub(crate) answer: oneshot::Sender<Result<Finding, CommitError>>,
}

/// What a chore has found to do.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Finding {
    /// Rows.
    pub(crate) rows: u64,
    /// What was removed of a chat user.
    pub(crate) erased: ErasedCounts,
}

/// A change that is no turn. Each is small; most are harmless when they are done twice.
#[derive(Debug)]
pub(crate) enum Chore {
    /// Forgets sessions that have ended by then.
    ExpireSessions(i64),
    /// Moves dates of the janitor that came too early.
    Rearm(i64),
    /// Forgets idempotency keys used before then.
    PurgeIdempotency(i64),
    /// Forgets attributes whose time has come by then.
    ForgetAttributes(i64),
    /// Changes bots' memory outside of a turn, at that time.
    Memory(Vec<MemoryOp>, i64),
    /// Sets memory from outside a turn.
    Patch(Box<Patch>),
    /// Removes what names a chat user, but for turns.
    Detach(Subject),
    /// Removes turns that nothing leads to any more.
    EraseTurns,
    /// Cuts SQLite's log; one row when that was done, or there is none.
    CutLog,
    /// Plain statements, one after another.
    Statements(Vec<Statement>),
    /// Finds out whether the database takes writes.
    Probe,
}

impl Chore {
    /// Whether doing it again after it was done does no harm.
    pub(crate) fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Memory(..) | Self::Patch(_) | Self::Statements(_))
    }
}

/// A statement that writes.
#[derive(Debug)]
pub(crate) struct Statement {
    /// The text.
    pub(crate) sql: &'static str,
    /// Its parameters.
    pub(crate) values: Vec<Value>,
}

/// The way in.
#[derive(Debug)]
pub(crate) struct Queue {
    jobs: mpsc::Sender<Job>,
    space: Arc<Semaphore>,
    bytes: usize,
}

impl Queue {
    /// A queue of `turns` jobs and `bytes` bytes, and its other end.
    pub(crate) fn new(turns: usize, bytes: usize) -> (Self, mpsc::Receiver<Job>) {
        let (jobs, receiver) = mpsc::channel(turns.max(1));
        let bytes = bytes.min(Semaphore::MAX_PERMITS).min(u32::MAX as usize);
        (Self { jobs, space: Arc::new(Semaphore::new(bytes)), bytes }, receiver)
    }

    /// Whether the writer has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.jobs.is_closed()
    }

    /// Stores a turn. Fails at once when the queue is full.
    pub(crate) async fn turn(&self, record: TurnRecord) -> Result<(), CommitError> {
        let turn = PreparedTurn::new(record)?;
        if turn.bytes > self.bytes {
            return Err(CommitError::TooLarge { bytes: turn.bytes, limit: self.bytes });
        }
        let bytes = u32::try_from(turn.bytes).map_err(|_| CommitError::Busy)?;
        let Ok(space) = Arc::clone(&self.space).try_acquire_many_owned(bytes) else {
            return Err(CommitError::Busy);
        };
        let (answer, answered) = oneshot::channel();
        let job = Job::Turn(Box::new(TurnJob { turn, answer, space }));
        self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CommitError::Busy,
            mpsc::error::TrySendError::Closed(_) => CommitError::Closed,
        })?;
        answered.await.unwrap_or(Err(CommitError::Closed))
    }

    /// Adds an entry to the audit trail. Waits for room in the queue.
    pub(crate) async fn audit(&self, entry: AuditEntry) -> Result<AuditRow, CommitError> {
        let (answer, answered) = oneshot::channel();
        let job = Job::Audit(Box::new(AuditJob { entry, answer }));
        self.jobs.send(job).await.map_err(|_| CommitError::Closed)?;
        answered.await.unwrap_or(Err(CommitError::Closed))
    }

    /// Runs statements in one transaction; returns how many rows the last one changed.
    pub(crate) async fn statements(
        &self,
        statements: impl IntoIterator<Item = (&'static str, Vec<Value>)>,
    ) -> Result<u64, CommitError> {
        let statement = |(sql, values)| Statement { sql, values };
        self.chore(Chore::Statements(statements.into_iter().map(statement).collect())).await
    }

    /// Removes what names a chat user, some conversations at a time.
    pub(crate) async fn erase(&self, subject: Subject) -> Result<ErasedCounts, CommitError> {
        Ok(self.send(Chore::Detach(subject)).await?.erased)
    }

    /// Does a chore; returns how many rows it found. Waits for room in the queue.
    pub(crate) async fn chore(&self, chore: Chore) -> Result<u64, CommitError> {
        Ok(self.send(chore).await?.rows)
    }

    async fn send(&self, chore: Chore) -> Result<Finding, CommitError> {
        let (answer, answered) = oneshot::channel();
        let job = Job::Chore(ChoreJob { chore, answer });
        self.jobs.send(job).await.map_err(|_| CommitError::Closed)?;
        answered.await.unwrap_or(Err(CommitError::Closed))
    }
}
