//! The two engines: how a connection is made and what it must be like.
//!
//! SQL has one text for both; [`on!`] type-checks an expression once per engine. What differs is
//! here (settings, checks), in `lock` and in `wal`.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, PgConnection, PgPool, SqliteConnection, SqlitePool};

use crate::lock::take_session_lock;
use crate::{Database, StoreError, StoreOptions};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Evaluates `$body` with `$name` bound to what the engine's variant of `$kind` holds.
macro_rules! on {
    ($kind:ident: $value:expr, $name:ident => $body:expr) => {
        match $value {
            $kind::Sqlite($name) => $body,
            $kind::Postgres($name) => $body,
        }
    };
}
pub(crate) use on;

/// Connections for reading.
#[derive(Debug, Clone)]
pub(crate) enum Readers {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The connection that writes.
#[derive(Debug)]
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// A transaction of the connection that writes.
pub(crate) enum Tx<'c> {
    Sqlite(sqlx::Transaction<'c, sqlx::Sqlite>),
    Postgres(sqlx::Transaction<'c, sqlx::Postgres>),
}

impl Connection {
    /// Starts a transaction that may write.
    pub(crate) async fn begin(&mut self) -> Result<Tx<'_>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(connection) => Tx::Sqlite(connection.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(connection) => Tx::Postgres(connection.begin().await?),
        })
    }

    /// Closes the connection; SQLite moves the log into the file when it is the last one.
    pub(crate) async fn close(self) -> Result<(), sqlx::Error> {
        on!(Connection: self, connection => connection.close().await)
    }
}

impl Tx<'_> {
    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        on!(Tx: self, tx => tx.commit().await)
    }

    pub(crate) async fn rollback(self) -> Result<(), sqlx::Error> {
        on!(Tx: self, tx => tx.rollback().await)
    }
}

/// How connections to one database are made.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Sqlite { options: SqliteConnectOptions, writer_cache: usize, max_bytes: Option<u64> },
    Postgres { options: PgConnectOptions },
}

/// Page size of SQLite, its default.
pub(crate) const PAGE_BYTES: usize = 4096;

impl Source {
    /// Nothing is opened yet.
    pub(crate) fn new(database: &Database, options: &StoreOptions) -> Result<Self, StoreError> {
        Ok(match database {
            Database::File(path) => Self::Sqlite {
                options: sqlite_options(path),
                writer_cache: options.sqlite_cache_bytes,
                max_bytes: options.sqlite_max_bytes,
            },
            Database::Postgres(url) => Self::Postgres { options: postgres_options(database, url)? },
        })
    }

    /// Opens the connection that writes.
    pub(crate) async fn connect(&self) -> Result<Connection, sqlx::Error> {
        Ok(match self {
            Self::Sqlite { options, writer_cache, max_bytes, .. } => {
                let options = options
                    .clone()
                    .pragma("cache_size", kibibytes(*writer_cache))
                    .thread_name(|_| "store-writer".to_owned());
                let mut connection = options.connect().await?;
                if let Some(bytes) = max_bytes {
                    let pages = i64::try_from(bytes / PAGE_BYTES as u64).unwrap_or(i64::MAX);
                    let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
                    sqlx::raw_sql(sql).execute(&mut connection).await?;
                }
                Connection::Sqlite(connection)
            }
            Self::Postgres { options } => Connection::Postgres(options.connect().await?),
        })
    }

    /// Connections for reading, opened when they are first needed.
    pub(crate) fn readers(&self) -> Readers {
        match self {
            Self::Sqlite { options, .. } => {
                let options = options
                    .clone()
                    .create_if_missing(false)
                    .pragma("cache_size", kibibytes(1 << 20))
                    .pragma("query_only", "ON")
                    .thread_name(|id| format!("store-reader-{id}"));
                Readers::Sqlite(
                    SqlitePoolOptions::new()
                        .max_connections(3)
                        .acquire_timeout(Duration::from_secs(5))
                        .max_lifetime(None)
                        .test_before_acquire(false)
                        .connect_lazy_with(options),
                )
            }
            Self::Postgres { options } => Readers::Postgres(
                PgPoolOptions::new()
                    .max_connections(4)
                    .acquire_timeout(Duration::from_secs(5))
                    .test_before_acquire(false)
                    .connect_lazy_with(options.clone()),
            ),
        }
    }
}

fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        .pragma("mmap_size", "0")
        .pragma("journal_size_limit", (64 << 20).to_string())
        .disable_statement_logging()
}

/// The value of `cache_size` that means bytes instead of pages.
fn kibibytes(bytes: usize) -> String {
    format!("-{}", bytes / 1024)
}

fn postgres_options(database: &Database, url: &str) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(url).map_err(|error| StoreError::Open {
        database: database.to_string(),
        reason: error.to_string(),
    })?;
    // A server that lost its client must not keep the lock, nor a statement run for ever.
    let bounds = [
        ("statement_timeout", "20s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("tcp_keepalives_idle", "15"),
        ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "3"),
    ];
    Ok(options.application_name("parlance").options(bounds).disable_statement_logging())
}

/// Takes the lock of a PostgreSQL database and checks that the server keeps what it acknowledges.
pub(crate) async fn claim(
    database: &Database,
    connection: &mut PgConnection,
    allow_unsafe: bool,
) -> Result<(), StoreError> {
    let open = |error: sqlx::Error| StoreError::Open {
        database: database.to_string(),
        reason: error.to_string(),
    };
    if !take_session_lock(connection).await.map_err(open)? {
        return Err(StoreError::InUse(database.to_string()));
    }
    let mut show = async |sql: &'static str| -> Result<String, StoreError> {
        sqlx::query_scalar(sql).fetch_one(&mut *connection).await.map_err(open)
    };
    let encoding = show("SHOW server_encoding").await?;
    if encoding != "UTF8" {
        let reason = format!("its encoding is {encoding}: create it with ENCODING 'UTF8'");
        return Err(StoreError::Open { database: database.to_string(), reason });
    }
    if show("SHOW fsync").await? == "off" {
        if !allow_unsafe {
            return Err(StoreError::Unsafe { setting: "fsync=off".to_owned() });
        }
        tracing::warn!("PostgreSQL runs with fsync=off: a power failure destroys the database");
    }
    if show("SHOW synchronous_commit").await? == "off" {
        tracing::warn!(
            "PostgreSQL runs with synchronous_commit=off: a crash of its server may lose the \
             last acknowledged turns"
        );
    }
    Ok(())
}

/// Brings the tables up to date.
pub(crate) async fn migrate(
    database: &Database,
    connection: &mut Connection,
) -> Result<(), StoreError> {
    let result = on!(Connection: connection, c => MIGRATIONS.run(&mut *c).await);
    result.map_err(|error| match error {
        MigrateError::VersionMissing(version) => {
            StoreError::Newer { database: database.to_string(), version }
        }
        other => {
            StoreError::Migration { database: database.to_string(), reason: other.to_string() }
        }
    })
}
