//! The task that writes: group commit without a timer.
//!
//! It takes all jobs that are waiting when the previous transaction ended; the more load, the
//! larger the batch. When a batch fails because of one of its turns, each turn is tried alone, so that
//! no turn suffers for another.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};

use crate::audit::{AuditEntry, AuditRow};
use crate::cache::Cache;
use crate::commit::transact::{Done, Outcome, Transactor, Work};
use crate::commit::{Chore, ChoreJob, Finding, Job, PreparedTurn, TurnJob, publish};
use crate::error::{CommitError, Fault};
use crate::fence::Fences;
use crate::health::Health;
use crate::memory;

/// The writing task.
pub(crate) struct Writer {
    pub(crate) transactor: Transactor,
    pub(crate) cache: Arc<Cache>,
    pub(crate) fences: Arc<Fences>,
    pub(crate) health: Arc<Health>,
    pub(crate) jobs: mpsc::Receiver<Job>,
    pub(crate) batch_turns: usize,
    /// Becomes true when no more jobs shall be taken.
    pub(crate) closing: watch::Receiver<bool>,
}

impl Writer {
    /// Runs until the store closes; does what is in the queue first, and closes the database when
    /// there are no more readers.
    pub(crate) async fn run(mut self, mut readers_gone: mpsc::Receiver<()>) {
        let limit = self.batch_turns.max(1);
        let mut jobs = Vec::with_capacity(limit);
        let mut closed = false;
        loop {
            tokio::select! {
                biased;
                // Also when the store is gone without closing. What is in the queue stays there.
                _ = self.closing.changed(), if !closed => {
                    closed = true;
                    self.jobs.close();
                }
                taken = self.jobs.recv_many(&mut jobs, limit) => {
                    if taken == 0 {
                        break;
                    }
                    self.work(&mut jobs).await;
                    self.transactor.tend();
                }
            }
        }
        // Nothing is ever sent.
        let _ = readers_gone.recv().await;
        self.transactor.close().await;
    }

    /// Does the jobs in order, turns and entries that follow each other in one transaction.
    async fn work(&mut self, jobs: &mut Vec<Job>) {
        let mut group = Group::default();
        for job in jobs.drain(..) {
            match job {
                Job::Turn(job) => {
                    let TurnJob { turn, answer, space } = *job;
                    group.turns.push(turn);
                    group.waiting.push((answer, space));
                }
                Job::Audit(job) => {
                    group.entries.push(job.entry);
                    group.auditors.push(job.answer);
                }
                Job::Chore(job) => {
                    self.group(&mut group).await;
                    self.chore(job).await;
                }
            }
        }
        self.group(&mut group).await;
    }

    async fn group(&mut self, group: &mut Group) {
        if group.turns.is_empty() && group.entries.is_empty() {
            return;
        }
        let (results, rows) = self.store(&group.turns, &group.entries).await;
        group.turns.clear();
        group.entries.clear();
        for ((answer, space), result) in group.waiting.drain(..).zip(results) {
            // A caller that has gone away loses nothing: the turn is stored or it is not.
            let _ = answer.send(result);
            drop(space);
        }
        match rows {
            Ok(rows) => {
                for (answer, row) in group.auditors.drain(..).zip(rows) {
                    let _ = answer.send(Ok(row));
                }
            }
            Err(error) => {
                for answer in group.auditors.drain(..) {
                    let _ = answer.send(Err(error.clone()));
                }
            }
        }
    }

    /// The result of each turn, and the entries in their places.
    async fn store(&mut self, turns: &[PreparedTurn], entries: &[AuditEntry]) -> Stored {
        match self.attempt(turns, entries).await {
            Ok(rows) => (vec![Ok(()); turns.len()], Ok(rows)),
            Err(Fault::Stale(_) | Fault::Duplicate(_) | Fault::Refused(_) | Fault::Full(_))
                if turns.len() + entries.len().min(1) > 1 =>
            {
                let mut results = Vec::with_capacity(turns.len());
                for turn in turns {
                    let alone = self.attempt(std::slice::from_ref(turn), &[]).await;
                    results.push(alone.map(|_| ()).map_err(CommitError::from));
                }
                let rows = match entries {
                    [] => Ok(Vec::new()),
                    _ => self.attempt(&[], entries).await.map_err(CommitError::from),
                };
                (results, rows)
            }
            Err(fault) => {
                let error = CommitError::from(fault);
                (vec![Err(error.clone()); turns.len()], Err(error))
            }
        }
    }

    /// Stores turns and entries, all or none; a connection that has died is replaced once.
    async fn attempt(
        &mut self,
        turns: &[PreparedTurn],
        entries: &[AuditEntry],
    ) -> Result<Vec<AuditRow>, Fault> {
        let mut last_try = false;
        loop {
            let fault = match self.once(turns, entries).await? {
                Ok(rows) => return Ok(rows),
                Err(fault) => fault,
            };
            if last_try || !matches!(fault, Fault::Lost(_)) {
                return Err(self.failed(fault));
            }
            last_try = true;
        }
    }

    /// The outer error is final; after the inner one, nothing is stored.
    async fn once(
        &mut self,
        turns: &[PreparedTurn],
        entries: &[AuditEntry],
    ) -> Result<Result<Vec<AuditRow>, Fault>, Fault> {
        let barred = |turn: &PreparedTurn| {
            let (key, fence) = (&turn.record.key, turn.record.revision.fence);
            !self.fences.passes(&key.channel, &key.user, fence)
        };
        if turns.iter().any(barred) {
            return Ok(Err(Fault::Stale(CommitError::Conflict)));
        }
        let rows = match self.transactor.chain(entries).await {
            Ok(rows) => rows,
            Err(fault) => return Ok(Err(fault)),
        };
        match self.transactor.attempt(Work::Group(turns, &rows)).await {
            Outcome::Done(done) => {
                for turn in turns {
                    publish::turn(&self.cache, turn);
                }
                self.done(done);
                Ok(Ok(rows))
            }
            Outcome::Failed(fault) => Ok(Err(fault)),
            Outcome::Unsure(fault) => match self.transactor.resolve(turns, &rows).await {
                Ok(true) => {
                    // What was cached before is gone; the next load reads it.
                    self.health.wrote();
                    Ok(Ok(rows))
                }
                Ok(false) => Ok(Err(fault)),
                Err(unknown) => {
                    let text = format!("{fault}; {unknown}").into();
                    Err(self.failed(Fault::Stale(CommitError::Unknown(text))))
                }
            },
        }
    }

    async fn chore(&mut self, job: ChoreJob) {
        let mut outcome = self.chore_once(&job.chore).await;
        if let Outcome::Failed(Fault::Lost(_)) = outcome {
            outcome = self.chore_once(&job.chore).await;
        }
        let result = match outcome {
            Outcome::Done(done) => Ok(self.done(done)),
            // Where doing it again would do no harm, there is no more to say.
            Outcome::Unsure(fault) if !job.chore.is_repeatable() => {
                Err(Fault::Stale(CommitError::Unknown(fault.to_string().into())))
            }
            Outcome::Failed(fault) | Outcome::Unsure(fault) => Err(fault),
        };
        if let Chore::Detach(subject) = &job.chore {
            // After the cache has forgotten the user; also when it is not known whether it holds.
            self.fences.raise(&subject.channel, &subject.user);
        }
        let result = result.map_err(|fault| CommitError::from(self.failed(fault)));
        // Nobody waits any more: nothing to tell.
        let _ = job.answer.send(result);
    }

    async fn chore_once(&mut self, chore: &Chore) -> Outcome<Done> {
        match chore {
            Chore::CutLog => {
                let rows = self.transactor.cut_log().into();
                Outcome::Done(Done { rows, ..Done::default() })
            }
            Chore::Patch(patch)
                if !self.fences.passes(
                    &patch.key.channel,
                    &patch.key.user,
                    patch.revision.fence,
                ) =>
            {
                Outcome::Failed(Fault::Stale(CommitError::Conflict))
            }
            _ => self.transactor.attempt(Work::Chore(chore)).await,
        }
    }

    /// Tells the cache what has changed.
    fn done(&self, done: Done) -> Finding {
        self.health.wrote();
        let Done { rows, forgotten, published, memory: changes, erased } = done;
        self.cache.publish(forgotten.into_iter().map(|key| (key, None)));
        self.cache.publish(published.into_iter().map(|(key, entry)| (key, Some(entry))));
        self.cache.publish(memory::published(changes));
        Finding { rows, erased }
    }

    fn failed(&self, fault: Fault) -> Fault {
        self.health.refused(&CommitError::from(fault.clone()));
        fault
    }
}

/// Jobs that share a transaction, and who waits for them.
#[derive(Default)]
struct Group {
    turns: Vec<PreparedTurn>,
    waiting: Vec<(oneshot::Sender<Result<(), CommitError>>, OwnedSemaphorePermit)>,
    entries: Vec<AuditEntry>,
    auditors: Vec<oneshot::Sender<Result<AuditRow, CommitError>>>,
}

/// What became of a group.
type Stored = (Vec<Result<(), CommitError>>, Result<Vec<AuditRow>, CommitError>);
