//! The task that writes: group commit without a timer.
//!
//! It takes all jobs that are waiting when the previous transaction ended; the more load, the
//! larger the batch. When a batch fails because of one of its turns, each turn is tried alone, so that
//! no turn suffers for another.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::cache::{Cache, Entry, Key};
use crate::commit::transact::{Done, Outcome, Transactor, Work};
use crate::commit::{Chore, ChoreJob, Job, PreparedTurn, TurnJob, publish};
use crate::error::{CommitError, Fault};
use crate::health::Health;
use crate::memory::published;

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

    /// Does the jobs in order, turns that follow each other in one transaction.
    async fn work(&mut self, jobs: &mut Vec<Job>) {
        let mut turns = Vec::with_capacity(jobs.len());
        let mut waiting = Vec::with_capacity(jobs.len());
        for job in jobs.drain(..) {
            match job {
                Job::Turn(job) => {
                    let TurnJob { turn, answer, space } = *job;
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
        let mut last_try = false;
        loop {
            let fault = match self.transactor.attempt(Work::Turns(turns)).await {
                Outcome::Done(done) => {
                    for turn in turns {
                        publish::turn(&self.cache, turn);
                    }
                    self.done(done);
                    return Ok(());
                }
                Outcome::Failed(fault) => fault,
                Outcome::Unsure(fault) => match self.was_stored(turns).await {
                    Ok(true) => {
                        // What was cached before is gone; the next load reads it.
                        self.health.wrote();
                        return Ok(());
                    }
                    Ok(false) => fault,
                    Err(unknown) => {
                        let text = format!("{fault}; {unknown}").into();
                        return Err(self.failed(Fault::Stale(CommitError::Unknown(text))));
                    }
                },
            };
            if last_try || !matches!(fault, Fault::Lost(_)) {
                return Err(self.failed(fault));
            }
            last_try = true;
        }
    }

    /// A transaction holds all turns or none, so one of them tells about all.
    async fn was_stored(&mut self, turns: &[PreparedTurn]) -> Result<bool, Fault> {
        match turns.first() {
            Some(turn) => self.transactor.resolve(&turn.turn_id).await,
            None => Ok(true),
        }
    }

    async fn chore(&mut self, job: ChoreJob) {
        let mut outcome = self.transactor.attempt(Work::Chore(&job.chore)).await;
        if let Outcome::Failed(Fault::Lost(_)) = outcome {
            outcome = self.transactor.attempt(Work::Chore(&job.chore)).await;
        }
        let result = match outcome {
            Outcome::Done(done) => Ok(self.done(done)),
            // Doing a chore again does no harm, but for changes of memory; those may say more.
            Outcome::Unsure(fault) if matches!(job.chore, Chore::Memory(..)) => {
                Err(Fault::Stale(CommitError::Unknown(fault.to_string().into())))
            }
            Outcome::Failed(fault) | Outcome::Unsure(fault) => Err(fault),
        };
        let result = result.map_err(|fault| CommitError::from(self.failed(fault)));
        // Nobody waits any more: nothing to tell.
        let _ = job.answer.send(result);
    }

    /// Tells the cache what has changed.
    fn done(&self, done: Done) -> u64 {
        self.health.wrote();
        let conversations = done.conversations.into_iter();
        self.cache.publish(conversations.map(|id| (Key::Conversation(id), None)));
        self.cache.publish(done.users.into_iter().map(|(channel, user, attributes)| {
            (Key::User(channel, user), Some(Entry::User(Some(attributes))))
        }));
        self.cache.publish(published(done.memory));
        done.rows
    }

    fn failed(&self, fault: Fault) -> Fault {
        self.health.refused(&CommitError::from(fault.clone()));
        fault
    }
}

type Waiting =
    (tokio::sync::oneshot::Sender<Result<(), CommitError>>, tokio::sync::OwnedSemaphorePermit);
