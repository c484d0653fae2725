//! PostgreSQL: one server, reached over a socket.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::query::Query;
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, PgConnection, Postgres,
    Row as _, TypeInfo as _,
};

use crate::engine::cell::{Cell, Param, Row};
use crate::engine::rows::RowsSql;
use crate::error::Fault;
use crate::lock::take_session_lock;
use crate::{Database, StoreError};

/// How often, and how long apart, the lock is tried: the session of a server that was killed a
/// moment ago, or whose connection broke, may still have it.
const LOCK_TRIES: u32 = 40;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// One connection.
#[derive(Debug)]
pub(crate) struct PgSession(PgConnection);

impl PgSession {
    pub(crate) async fn connect(options: &PgConnectOptions) -> Result<Self, Fault> {
        Ok(Self(options.connect().await?))
    }

    pub(crate) async fn begin(&mut self) -> Result<(), Fault> {
        self.script("BEGIN").await
    }

    pub(crate) async fn commit(&mut self) -> Result<(), Fault> {
        self.script("COMMIT").await
    }

    pub(crate) async fn rollback(&mut self) -> Result<(), Fault> {
        self.script("ROLLBACK").await
    }

    pub(crate) async fn execute(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<u64, Fault> {
        Ok(query(sql, params).execute(&mut self.0).await?.rows_affected())
    }

    pub(crate) async fn fetch(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, Fault> {
        let rows = query(sql, params).fetch_all(&mut self.0).await?;
        rows.iter().map(row).collect()
    }

    pub(crate) async fn write_rows(
        &mut self,
        sql: &'static RowsSql,
        values: &[Param<'_>],
    ) -> Result<u64, Fault> {
        let mut changed = 0;
        for piece in sql.pieces(values) {
            let Some(text) = sql.many(piece.len() / sql.columns()) else {
                continue;
            };
            changed += self.execute(text, piece).await?;
        }
        Ok(changed)
    }

    pub(crate) async fn read_rows(
        &mut self,
        sql: &'static RowsSql,
        values: &[Param<'_>],
    ) -> Result<Vec<Row>, Fault> {
        let mut found = Vec::new();
        for piece in sql.pieces(values) {
            let Some(text) = sql.many(piece.len() / sql.columns()) else {
                continue;
            };
            found.append(&mut self.fetch(text, piece).await?);
        }
        Ok(found)
    }

    /// Runs a query whose text was made of names found in the database.
    pub(super) async fn fetch_foreign(&mut self, sql: String) -> Result<Vec<Row>, Fault> {
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut self.0).await?;
        rows.iter().map(row).collect()
    }

    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<(), Fault> {
        sqlx::raw_sql(sql).execute(&mut self.0).await?;
        Ok(())
    }

    /// Takes the lock of the database; `false` when another session keeps it.
    pub(crate) async fn lock(&mut self) -> Result<bool, Fault> {
        for _ in 0..LOCK_TRIES {
            if take_session_lock(self).await? {
                return Ok(true);
            }
            tokio::time::sleep(LOCK_PAUSE).await;
        }
        Ok(false)
    }

    pub(crate) async fn close(mut self) {
        // The server notices the end of a session some time later; the next one may be waiting.
        if let Err(fault) = self.script("SELECT pg_advisory_unlock_all()").await {
            tracing::debug!(%fault, "giving up the lock of the database");
        }
        if let Err(error) = self.0.close().await {
            tracing::debug!(%error, "closing the connection to PostgreSQL");
        }
    }
}

fn query<'q>(sql: &'static str, params: &[Param<'q>]) -> Query<'q, Postgres, PgArguments> {
    params.iter().fold(sqlx::query(sql), |query, param| match *param {
        Param::Int(value) => query.bind(value),
        Param::Text(value) => query.bind(value),
    })
}

fn row(row: &PgRow) -> Result<Row, Fault> {
    let cell = |(index, column): (usize, &sqlx::postgres::PgColumn)| {
        Ok(match column.type_info().name() {
            "INT8" => row.try_get::<Option<i64>, _>(index)?.map_or(Cell::Null, Cell::Int),
            "TEXT" => {
                let text = row.try_get::<Option<&str>, _>(index)?;
                text.map_or(Cell::Null, |text| Cell::Text(text.into()))
            }
            other => return Err(Fault::Refused(format!("a column of type {other}").into())),
        })
    };
    let cells = row.columns().iter().enumerate().map(cell).collect::<Result<_, Fault>>()?;
    Ok(Row::new(cells))
}

/// Reads the URL.
pub(super) fn options(database: &Database, url: &str) -> Result<PgConnectOptions, StoreError> {
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

/// Takes the lock of a database and checks that its server keeps what it acknowledges.
pub(crate) async fn claim(
    database: &Database,
    session: &mut PgSession,
    allow_unsafe: bool,
) -> Result<(), StoreError> {
    let open = |fault: Fault| StoreError::Open {
        database: database.to_string(),
        reason: fault.to_string(),
    };
    if !session.lock().await.map_err(open)? {
        return Err(StoreError::InUse(database.to_string()));
    }
    let mut show = async |sql: &'static str| {
        let rows = session.fetch(sql, &[]).await.map_err(open)?;
        rows.into_iter().next().map_or(Ok("".into()), |mut row| row.text().map_err(open))
    };
    let encoding = show("SHOW server_encoding").await?;
    if &*encoding != "UTF8" {
        let reason = format!("its encoding is {encoding}: create it with ENCODING 'UTF8'");
        return Err(StoreError::Open { database: database.to_string(), reason });
    }
    if &*show("SHOW fsync").await? == "off" {
        if !allow_unsafe {
            return Err(StoreError::Unsafe { setting: "fsync=off".to_owned() });
        }
        tracing::warn!("PostgreSQL runs with fsync=off: a power failure destroys the database");
    }
    if &*show("SHOW synchronous_commit").await? == "off" {
        tracing::warn!(
            "PostgreSQL runs with synchronous_commit=off: a crash of its server may lose the last \
             acknowledged turns"
        );
    }
    Ok(())
}

/// SQLSTATE codes.
impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = &error else {
            let text = error.to_string().into();
            return match error {
                sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                    Self::Lost(text)
                }
                _ => Self::Refused(text),
            };
        };
        by_code(&database.code().unwrap_or_default(), database.message())
    }
}

fn by_code(code: &str, message: &str) -> Fault {
    let text = format!("{message} ({code})").into();
    match code {
        "23505" => Fault::Duplicate(text),
        "53100" => Fault::Full(text),
        "25006" => Fault::ReadOnly(text),
        "40001" | "40P01" | "55P03" | "57014" => Fault::Locked(text),
        _ => match code.get(..2) {
            Some("08" | "25" | "28" | "3D" | "53" | "57" | "58" | "XX") => Fault::Lost(text),
            _ => Fault::Refused(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_whether_the_server_or_the_statement_is_at_fault() {
        assert!(matches!(by_code("57P01", "shutting down"), Fault::Lost(_)));
        assert!(matches!(by_code("08006", "connection failure"), Fault::Lost(_)));
        assert!(matches!(by_code("53100", "disk full"), Fault::Full(_)));
        assert!(matches!(by_code("25006", "read only"), Fault::ReadOnly(_)));
        assert!(matches!(by_code("57014", "timeout"), Fault::Locked(_)));
        assert!(matches!(by_code("23505", "unique"), Fault::Duplicate(_)));
        assert!(matches!(by_code("22021", "encoding"), Fault::Refused(_)));
    }
}
