//! One transaction: begun, filled, committed, and its fate known.
//!
//! When a connection breaks during COMMIT, the change may hold or not. Then the writer connects
//! anew and looks: on PostgreSQL it first gets the session lock again, which the server gives only
//! after the old session, and with it the old transaction, is over. Either way the cache is emptied,
//! because nobody knows what happened in between.

use std::sync::Arc;
use std::time::Duration;

use crate::cache::Cache;
use crate::commit::batch::{self, Texts};
use crate::commit::{Chore, PreparedTurn};
use crate::db::{Connection, Source, Tx, on};
use crate::error::Fault;
use crate::expiry;
use crate::idempotency;
use crate::lock::take_session_lock;
use crate::memory::{self, MemoryChanges};
use crate::retention::{self, Forgotten};

/// Longest time for one transaction.
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(30);

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How often, and how long apart, a new connection is tried to learn the fate of a commit.
const RESOLVE_TRIES: u32 = 40;
const RESOLVE_PAUSE: Duration = Duration::from_millis(250);

/// What became of a transaction.
#[derive(Debug)]
pub(crate) enum Outcome<T> {
    /// It holds.
    Done(T),
    /// Nothing was changed.
    Failed(Fault),
    /// The connection broke during the commit.
    Unsure(Fault),
}

/// What the chores report.
#[derive(Debug, Default)]
pub(crate) struct ChoreDone {
    /// Rows that the chore has dealt with.
    pub(crate) rows: u64,
    /// Conversations that changed.
    pub(crate) conversations: Vec<String>,
    /// Chat users that changed.
    pub(crate) users: Vec<Forgotten>,
    /// Memory that changed.
    pub(crate) memory: MemoryChanges,
}

/// The writer's connection and what belongs to it.
#[derive(Debug)]
pub(crate) struct Transactor {
    source: Source,
    connection: Option<Connection>,
    cache: Arc<Cache>,
    texts: Texts,
}

impl Transactor {
    pub(crate) fn new(source: Source, connection: Connection, cache: Arc<Cache>) -> Self {
        Self { source, connection: Some(connection), cache, texts: Texts::default() }
    }

    /// Stores the turns, all or none.
    pub(crate) async fn turns(&mut self, turns: &[PreparedTurn]) -> Outcome<MemoryChanges> {
        let texts = &mut self.texts;
        let connection = match connected(&self.source, &mut self.connection, &self.cache).await {
            Ok(connection) => connection,
            Err(fault) => return Outcome::Failed(fault),
        };
        let work = async {
            let mut tx = connection.begin().await.map_err(Fault::from)?;
            let result = batch::write(&mut tx, texts, turns).await;
            finish(tx, result).await
        };
        let outcome = bounded(work).await;
        self.settle(&outcome);
        outcome
    }

    /// Does a chore.
    pub(crate) async fn chore(&mut self, chore: &Chore) -> Outcome<ChoreDone> {
        let connection = match connected(&self.source, &mut self.connection, &self.cache).await {
            Ok(connection) => connection,
            Err(fault) => return Outcome::Failed(fault),
        };
        let work = async {
            let mut tx = connection.begin().await.map_err(Fault::from)?;
            let result = run(&mut tx, chore).await;
            finish(tx, result).await
        };
        let outcome = bounded(work).await;
        self.settle(&outcome);
        outcome
    }

    /// Drops a connection that is of no further use.
    fn settle<T>(&mut self, outcome: &Outcome<T>) {
        if let Outcome::Failed(Fault::Lost(_)) | Outcome::Unsure(_) = outcome {
            self.connection = None;
            self.cache.clear();
        }
    }

    /// Whether a turn is stored, once that is certain.
    pub(crate) async fn resolve(&mut self, turn_id: &str) -> Result<bool, Fault> {
        const SQL: &str = "SELECT COUNT(*) FROM turn WHERE id = $1";
        let mut last = Fault::Lost("not tried".into());
        for _ in 0..RESOLVE_TRIES {
            match connected(&self.source, &mut self.connection, &self.cache).await {
                Ok(connection) => {
                    let count: Result<i64, sqlx::Error> = on!(Connection: connection, c => {
                        sqlx::query_scalar(SQL).bind(turn_id).fetch_one(&mut *c).await
                    });
                    match count {
                        Ok(count) => return Ok(count > 0),
                        Err(error) => {
                            last = error.into();
                            self.connection = None;
                        }
                    }
                }
                Err(fault) => last = fault,
            }
            tokio::time::sleep(RESOLVE_PAUSE).await;
        }
        Err(last)
    }

    /// Closes the connection.
    pub(crate) async fn close(self) {
        if let Some(connection) = self.connection
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "closing the database");
        }
    }
}

/// The connection, made anew when it was lost.
async fn connected<'c>(
    source: &Source,
    connection: &'c mut Option<Connection>,
    cache: &Cache,
) -> Result<&'c mut Connection, Fault> {
    if connection.is_none() {
        let connecting = async {
            let mut fresh = source.connect().await.map_err(Fault::from)?;
            if let Connection::Postgres(session) = &mut fresh
                && !take_session_lock(session).await?
            {
                return Err(Fault::Lost("another session holds the lock of the database".into()));
            }
            Ok(fresh)
        };
        let fresh = match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
            Ok(result) => result?,
            Err(_) => return Err(Fault::Lost("no connection in time".into())),
        };
        // Another server may have written while this one was not connected.
        cache.clear();
        *connection = Some(fresh);
    }
    connection.as_mut().ok_or_else(|| Fault::Lost("no connection".into()))
}

/// Gives up on a transaction that takes too long.
async fn bounded<T>(work: impl Future<Output = Result<Outcome<T>, Fault>>) -> Outcome<T> {
    match tokio::time::timeout(TRANSACTION_TIMEOUT, work).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(fault)) => Outcome::Failed(fault),
        Err(_) => Outcome::Unsure(Fault::Lost("no answer in time".into())),
    }
}

/// Commits what went well, takes back what did not.
async fn finish<T>(tx: Tx<'_>, result: Result<T, Fault>) -> Result<Outcome<T>, Fault> {
    match result {
        Ok(value) => match tx.commit().await {
            Ok(()) => Ok(Outcome::Done(value)),
            Err(error) => Ok(Outcome::Unsure(error.into())),
        },
        Err(fault) => match tx.rollback().await {
            Ok(()) => Err(fault),
            // Some errors end the transaction by themselves, and then there is none to take back;
            // a fresh connection is certain to have none.
            Err(error) => {
                tracing::debug!(%error, "rollback");
                Ok(Outcome::Failed(match fault {
                    Fault::Full(_) | Fault::ReadOnly(_) => fault,
                    _ => Fault::Lost(format!("{fault:?}").into()),
                }))
            }
        },
    }
}

async fn run(tx: &mut Tx<'_>, chore: &Chore) -> Result<ChoreDone, Fault> {
    let mut done = ChoreDone::default();
    match chore {
        Chore::ExpireSessions(now) => done.conversations = expiry::expire(tx, *now).await?,
        Chore::Rearm(now) => done.conversations = expiry::rearm(tx, *now).await?,
        Chore::PurgeIdempotency(before) => {
            done.rows = idempotency::purge(tx, *before, expiry::CHORE_ROWS).await?;
        }
        Chore::ForgetAttributes(now) => {
            (done.rows, done.users) = retention::forget(tx, *now).await?;
        }
        Chore::Memory(ops, now) => {
            for op in ops {
                memory::apply(tx, op, *now, &mut done.memory).await?;
            }
        }
        Chore::Probe => {
            const SQL: &str = "UPDATE write_probe SET probed = probed + 1 WHERE id = $1";
            on!(Tx: tx, c => sqlx::query(SQL).bind(1_i64).execute(&mut **c).await.map(|_| ()))?;
        }
    }
    if !done.conversations.is_empty() {
        done.rows = done.conversations.len() as u64;
    }
    Ok(done)
}
