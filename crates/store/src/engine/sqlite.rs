//! SQLite: an embedded file in WAL mode that syncs at every commit.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, InterruptHandle, OpenFlags};

use crate::engine::cell::{Cell, Param, Row};
use crate::engine::log::LogKeeper;
use crate::engine::rows::RowsSql;
use crate::error::Fault;

/// SQLite's default.
const PAGE_BYTES: u64 = 4096;

/// Prepared statements kept.
const STATEMENTS: usize = 64;

/// Page cache of a reading connection. It is emptied whenever the writer commits, so more is of
/// no use.
const READER_CACHE_BYTES: usize = 1 << 20;

/// How long a connection waits for a lock: somebody may have opened the file with another tool.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// One connection.
#[derive(Debug)]
pub(crate) struct SqliteSession {
    connection: Connection,
    /// Only the writer's.
    log: Option<LogKeeper>,
}

impl SqliteSession {
    /// The connection that writes; creates the file.
    pub(crate) fn writer(
        path: &Path,
        cache_bytes: usize,
        max_bytes: Option<u64>,
    ) -> Result<Self, Fault> {
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_CREATE, cache_bytes)?;
        // Sets the mode of the file; all other connections find it so.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        // What is deleted, or replaced, is overwritten: a user who was forgotten is not to be found in
        // gaps of the file.
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "journal_size_limit", LogKeeper::LIMIT_BYTES)?;
        if let Some(bytes) = max_bytes {
            let pages = i64::try_from(bytes / PAGE_BYTES).unwrap_or(i64::MAX);
            connection.pragma_update(None, "max_page_count", pages)?;
        }
        let log = LogKeeper::start(&mut connection, connect(path, OpenFlags::empty(), 1 << 16)?)?;
        Ok(Self { connection, log: Some(log) })
    }

    /// A connection that reads.
    pub(crate) fn reader(path: &Path) -> Result<Self, Fault> {
        let connection = connect(path, OpenFlags::empty(), READER_CACHE_BYTES)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(Self { connection, log: None })
    }

    /// A connection that reads a file and leaves it, and what lies beside it, as it is, also as the last
    /// one: somebody else's file, or one whose log a crash left for the next server to find.
    pub(crate) fn foreign(path: &Path) -> Result<Self, Fault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        Ok(Self { connection, log: None })
    }

    /// Stops a running statement from another thread.
    pub(crate) fn interrupt_handle(&self) -> InterruptHandle {
        self.connection.get_interrupt_handle()
    }

    pub(crate) fn begin(&mut self) -> Result<(), Fault> {
        self.execute("BEGIN IMMEDIATE", &[]).map(|_| ())
    }

    pub(crate) fn commit(&mut self) -> Result<(), Fault> {
        self.execute("COMMIT", &[]).map(|_| ())
    }

    pub(crate) fn rollback(&mut self) -> Result<(), Fault> {
        // Some errors, such as a full disk, have taken the transaction back already.
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.execute("ROLLBACK", &[]).map(|_| ())
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, Fault> {
        let mut statement = self.prepare(sql)?;
        bind(&mut statement, params)?;
        Ok(statement.raw_execute()? as u64)
    }

    pub(crate) fn fetch(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Fault> {
        let mut statement = self.prepare(sql)?;
        let mut found = Vec::new();
        bind(&mut statement, params)?;
        collect(&mut statement, &mut found)?;
        Ok(found)
    }

    pub(crate) fn write_rows(&mut self, sql: &RowsSql, values: &[Param<'_>]) -> Result<u64, Fault> {
        let mut statement = self.connection.prepare_cached(sql.one())?;
        let mut changed = 0;
        for row in values.chunks_exact(sql.columns()) {
            bind(&mut statement, row)?;
            changed += statement.raw_execute()? as u64;
        }
        Ok(changed)
    }

    pub(crate) fn read_rows(
        &mut self,
        sql: &RowsSql,
        values: &[Param<'_>],
    ) -> Result<Vec<Row>, Fault> {
        // One snapshot, and its locks taken once.
        let transaction = self.connection.unchecked_transaction()?;
        let mut statement = transaction.prepare_cached(sql.one())?;
        let mut found = Vec::new();
        for key in values.chunks_exact(sql.columns()) {
            bind(&mut statement, key)?;
            collect(&mut statement, &mut found)?;
        }
        Ok(found)
    }

    pub(crate) fn script(&mut self, sql: &str) -> Result<(), Fault> {
        Ok(self.connection.execute_batch(sql)?)
    }

    pub(crate) fn tend(&mut self) {
        if let Some(log) = &mut self.log {
            log.tend(&self.connection);
        }
    }

    pub(crate) fn cut_log(&mut self) -> bool {
        self.log.as_mut().is_some_and(|log| log.cut(&self.connection))
    }

    pub(crate) fn close(mut self) {
        // The last connection to close moves the log into the file and removes it.
        drop(self.log.take());
        if let Err((_, error)) = self.connection.close() {
            tracing::warn!(%error, "closing the database");
        }
    }

    /// `$1` means a name in SQLite and a number in PostgreSQL; `?1` is SQLite's number.
    fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>, Fault> {
        Ok(if sql.contains('$') {
            self.connection.prepare_cached(&sql.replace('$', "?"))?
        } else {
            self.connection.prepare_cached(sql)?
        })
    }
}

fn connect(path: &Path, flags: OpenFlags, cache_bytes: usize) -> Result<Connection, Fault> {
    // Each connection has one user at a time, so SQLite needs no locks of its own.
    let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    let kibibytes = i64::try_from(cache_bytes / 1024).unwrap_or(i64::MAX);
    // A negative size counts kibibytes instead of pages.
    connection.pragma_update(None, "cache_size", -kibibytes)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Int(Some(value)) => ValueRef::Integer(*value),
            Param::Text(Some(value)) => ValueRef::Text(value.as_bytes()),
            Param::Int(None) | Param::Text(None) => ValueRef::Null,
        }))
    }
}

fn bind(statement: &mut CachedStatement<'_>, params: &[Param<'_>]) -> Result<(), Fault> {
    for (index, param) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, param)?;
    }
    Ok(())
}

fn collect(statement: &mut CachedStatement<'_>, found: &mut Vec<Row>) -> Result<(), Fault> {
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let mut cells = Vec::with_capacity(columns);
        for column in 0..columns {
            cells.push(match row.get_ref(column)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(value) => Cell::Int(value),
                ValueRef::Text(text) => match std::str::from_utf8(text) {
                    Ok(text) => Cell::Text(text.into()),
                    Err(error) => return Err(Fault::Refused(error.to_string().into())),
                },
                other => {
                    let text = format!("a column of type {}", other.data_type());
                    return Err(Fault::Refused(text.into()));
                }
            });
        }
        found.push(Row::new(cells));
    }
    Ok(())
}

/// SQLite's result codes; the low byte is the primary one.
impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string().into();
        let Some(code) = error.sqlite_error().map(|error| error.extended_code) else {
            return Self::Refused(text);
        };
        match (code & 0xff, code) {
            // Unique and primary keys.
            (_, 2067 | 1555) => Self::Duplicate(text),
            // BUSY, LOCKED.
            (5 | 6, _) => Self::Locked(text),
            (8, _) => Self::ReadOnly(text),
            (13, _) => Self::Full(text),
            // NOMEM, IOERR, CORRUPT, CANTOPEN, PROTOCOL, NOTADB: a fresh connection may do better.
            (7 | 10 | 11 | 14 | 15 | 26, _) => Self::Lost(text),
            _ => Self::Refused(text),
        }
    }
}
