//! The two engines behind one interface: SQLite through rusqlite, PostgreSQL through sqlx.
//!
//! A statement has one text for both, with `$1`, `$2`, … for its parameters, and columns are text
//! or 64-bit integers. A [`Session`] is one connection. Its operations are `async`; those of SQLite
//! block, so a session lives on a thread of its own (see `thread`). What differs between the engines
//! is how they are opened (`sqlite`, `postgres`) and how SQLite's log is kept small (`log`).
//!
//! Why not one driver: the `turns` example, its own work of some 25 µs included, took 45 µs of CPU
//! time per turn with 50 users and 120 with 100,000 through sqlx-sqlite, where each statement and
//! each row crosses threads, and 38 and 80 this way.

mod cell;
mod foreign;
mod log;
mod postgres;
mod rows;
mod sqlite;

use std::path::PathBuf;

use sqlx::postgres::PgConnectOptions;

pub(crate) use cell::{Param, Row, params};
pub(crate) use foreign::Foreign;
pub(crate) use postgres::{PgSession, claim};
pub(crate) use rows::RowsSql;
pub(crate) use sqlite::SqliteSession;

use crate::error::Fault;
use crate::{Database, StoreError, StoreOptions};

/// One connection.
#[derive(Debug)]
pub(crate) enum Session {
    Sqlite(Box<SqliteSession>),
    Postgres(Box<PgSession>),
}

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Write,
    Read,
    /// Reading beside a server that may have the database open.
    Look,
}

/// How sessions of one database are made.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Sqlite { path: PathBuf, cache_bytes: usize, max_bytes: Option<u64> },
    Postgres(Box<PgConnectOptions>),
}

impl Source {
    /// Nothing is opened yet.
    pub(crate) fn new(database: &Database, options: &StoreOptions) -> Result<Self, StoreError> {
        Ok(match database {
            Database::File(path) => Self::Sqlite {
                path: path.clone(),
                cache_bytes: options.sqlite_cache_bytes,
                max_bytes: options.sqlite_max_bytes,
            },
            Database::Postgres(url) => Self::Postgres(Box::new(postgres::options(database, url)?)),
        })
    }

    /// Opens a session.
    pub(crate) async fn connect(&self, purpose: Purpose) -> Result<Session, Fault> {
        match self {
            Self::Sqlite { path, cache_bytes, max_bytes } => {
                let session = match purpose {
                    Purpose::Write => SqliteSession::writer(path, *cache_bytes, *max_bytes)?,
                    Purpose::Read => SqliteSession::reader(path)?,
                    Purpose::Look => SqliteSession::foreign(path)?,
                };
                Ok(Session::Sqlite(Box::new(session)))
            }
            Self::Postgres(options) => {
                Ok(Session::Postgres(Box::new(PgSession::connect(options).await?)))
            }
        }
    }

    /// Whether a session needs a runtime that watches sockets.
    pub(crate) fn is_remote(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// Evaluates `$body` for the session of either engine; SQLite's result needs no `await`.
macro_rules! either {
    ($session:expr, $name:ident => $body:expr) => {
        match $session {
            Session::Sqlite($name) => $body,
            Session::Postgres($name) => $body.await,
        }
    };
}

impl Session {
    /// Starts a transaction that may write.
    pub(crate) async fn begin(&mut self) -> Result<(), Fault> {
        either!(self, session => session.begin())
    }

    /// Makes the transaction durable.
    pub(crate) async fn commit(&mut self) -> Result<(), Fault> {
        either!(self, session => session.commit())
    }

    /// Takes the transaction back.
    pub(crate) async fn rollback(&mut self) -> Result<(), Fault> {
        either!(self, session => session.rollback())
    }

    /// Runs a statement; returns how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<u64, Fault> {
        either!(self, session => session.execute(sql, params))
    }

    /// Runs a query.
    pub(crate) async fn fetch(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, Fault> {
        either!(self, session => session.fetch(sql, params))
    }

    /// Writes any number of rows; `values` are those of all rows. Returns how many rows changed.
    pub(crate) async fn write_rows(
        &mut self,
        sql: &'static RowsSql,
        values: &[Param<'_>],
    ) -> Result<u64, Fault> {
        either!(self, session => session.write_rows(sql, values))
    }

    /// Reads the rows that any number of keys name; `values` are the columns of all keys.
    pub(crate) async fn read_rows(
        &mut self,
        sql: &'static RowsSql,
        values: &[Param<'_>],
    ) -> Result<Vec<Row>, Fault> {
        either!(self, session => session.read_rows(sql, values))
    }

    /// Runs statements without parameters.
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<(), Fault> {
        either!(self, session => session.script(sql))
    }

    /// Called between transactions: keeps SQLite's log small.
    pub(crate) fn tend(&mut self) {
        if let Self::Sqlite(session) = self {
            session.tend();
        }
    }

    /// Cuts SQLite's log to nothing; `false` when somebody reads it. PostgreSQL has none to cut.
    pub(crate) fn cut_log(&mut self) -> bool {
        match self {
            Self::Sqlite(session) => session.cut_log(),
            Self::Postgres(_) => true,
        }
    }

    /// Closes the connection.
    pub(crate) async fn close(self) {
        match self {
            Self::Sqlite(session) => session.close(),
            Self::Postgres(session) => session.close().await,
        }
    }
}
