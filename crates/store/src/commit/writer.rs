//! The task that writes: group commit without a timer.
//!
//! It takes all jobs that are waiting when the previous transaction ended; the more load, the
//! larger the batch. When a batch fails because of one of its turns, each turn is tried alone, so that
//! no turn suffers for another.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::cache::{Cache, Key, Row};
use crate::commit::transact::{ChoreDone, Outcome, Transactor};
use crate::commit::{Chore, ChoreJob, Job, PreparedTurn, TurnJob, publish};
use crate::error::{CommitError, Fault};
use crate::health::Health;
use crate::memory::{MemoryChanges, published};

/// The writing task.
pub(crate) struct Writer {
    pub(crate) transactor: Transactor,
    pub(crate) cache: Arc<Cache>,
    pub(crate) health: Arc<Health>,
    pub(crate) jobs: mpsc::Receiver<Job>,
    pub(crate) batch_turns: usize,
    /// Becomes true when no more jobs shall be taken.
    pub(crate) closing: watch::Receiver<bool>,
}

impl Writer {
    /// Runs until the store closes; does what is in the queue first.
    pub(crate) async fn run(mut self) {
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
                }
            }
        }
        self.transactor.close().await;
    }

    /// Does the jobs in order, turns that follow each other in one transaction.
    async fn work(&mut self, jobs: &mut Vec<Job>) {
        let mut turns = Vec::with_capacity(jobs.len());
        let mut waiting = Vec::with_capacity(jobs.len());
        for job in jobs.drain(..) {
            match job {
                Job::Turn(TurnJob { turn, answer, space }) => {
                    turns.push(turn);
                    waiting.push((answer, space));
                }
                Job::Chore(job) => {
                    self.turns(&mut turns, &mut waiting).await;
                    self.chore(job).await;
                }
            }
        }
        self.turns(&mut turns, &mut waiting).await;
    }

    async fn turns(&mut self, turns: &mut Vec<PreparedTurn>, waiting: &mut Vec<Waiting>) {
        if turns.is_empty() {
            return;
        }
        let results = self.store(turns).await;
        turns.clear();
        for ((answer, space), result) in waiting.drain(..).zip(results) {
            // A caller that has gone away loses nothing: the turn is stored or it is not.
            let _ = answer.send(result);
            drop(space);
        }
    }

    /// The result of each turn.
    async fn store(&mut self, turns: &[PreparedTurn]) -> Vec<Result<(), CommitError>> {
        match self.attempt(turns).await {
            Ok(()) => vec![Ok(()); turns.len()],
            Err(Fault::Stale(_) | Fault::Duplicate(_) | Fault::Refused(_) | Fault::Full(_))
                if turns.len() > 1 =>
            {
                let mut results = Vec::with_capacity(turns.len());
                for turn in turns {
                    let alone = self.attempt(std::slice::from_ref(turn)).await;
                    results.push(alone.map_err(CommitError::from));
                }
                results
            }
            Err(fault) => {
                let error = CommitError::from(fault);
                vec![Err(error); turns.len()]
            }
        }
    }

    /// Stores the turns, all or none; a connection that has died is replaced once.
    async fn attempt(&mut self, turns: &[PreparedTurn]) -> Result<(), Fault> {
        for last_try in [false, true] {
            let fault = match self.transactor.turns(turns).await {
                Outcome::Done(memory) => return Ok(self.done(turns, memory)),
                Outcome::Failed(fault) => fault,
                Outcome::Unsure(fault) => match self.was_stored(turns).await {
                    Ok(true) => return Ok(self.done_unseen()),
                    Ok(false) => fault,
                    Err(unknown) => {
                        let text = format!("{fault:?}; {unknown:?}").into();
                        return Err(self.failed(Fault::Stale(CommitError::Unknown(text))));
                    }
                },
            };
            if last_try || !matches!(fault, Fault::Lost(_)) {
                return Err(self.failed(fault));
            }
        }
        Err(Fault::Lost("no connection".into()))
    }

    /// A transaction holds all turns or none, so one of them tells about all.
    async fn was_stored(&mut self, turns: &[PreparedTurn]) -> Result<bool, Fault> {
        match turns.first() {
            Some(turn) => self.transactor.resolve(&turn.turn_id).await,
            None => Ok(true),
        }
    }

    fn done(&self, turns: &[PreparedTurn], memory: MemoryChanges) {
        self.health.wrote();
        for turn in turns {
            publish::turn(&self.cache, turn);
        }
        self.cache.publish(published(memory));
    }

    /// As [`Self::done`], when the cache was emptied in between.
    fn done_unseen(&self) {
        self.health.wrote();
        self.cache.clear();
    }

    fn failed(&self, fault: Fault) -> Fault {
        self.health.refused(&CommitError::from(fault.clone()));
        fault
    }

    async fn chore(&mut self, job: ChoreJob) {
        let result = match self.transactor.chore(&job.chore).await {
            Outcome::Failed(Fault::Lost(_)) => self.transactor.chore(&job.chore).await,
            other => other,
        };
        let result = match result {
            Outcome::Done(done) => Ok(self.chore_done(done)),
            // Doing a chore again does no harm, but for changes of memory; those may say more.
            Outcome::Unsure(fault) if matches!(job.chore, Chore::Memory(..)) => {
                Err(Fault::Stale(CommitError::Unknown(format!("{fault:?}").into())))
            }
            Outcome::Failed(fault) | Outcome::Unsure(fault) => Err(fault),
        };
        let result = result.map_err(|fault| CommitError::from(self.failed(fault)));
        // Nobody waits any more: nothing to tell.
        let _ = job.answer.send(result);
    }

    fn chore_done(&self, done: ChoreDone) -> u64 {
        self.health.wrote();
        let conversations =
            done.conversations.iter().map(|id| (Key::Conversation(id.as_str().into()), None));
        self.cache.publish(conversations);
        self.cache.publish(done.users.into_iter().map(|(channel, user, attributes)| {
            (Key::User(channel, user), Some(Row::User(Some(attributes))))
        }));
        self.cache.publish(published(done.memory));
        done.rows
    }
}

type Waiting =
    (tokio::sync::oneshot::Sender<Result<(), CommitError>>, tokio::sync::OwnedSemaphorePermit);
