//! Somebody else's database: opened for reading only, with tables that are known when they are seen.

use std::collections::BTreeSet;

use crate::engine::cell::{Row, params};
use crate::engine::{PgSession, Session, SqliteSession, postgres};
use crate::error::Fault;
use crate::{Database, StoreError};

/// One connection.
#[derive(Debug)]
pub(crate) struct Foreign(Session);

impl Foreign {
    /// Opens it. An SQLite file is not created.
    pub(crate) async fn open(database: &Database) -> Result<Self, StoreError> {
        let session = match database {
            Database::File(path) => {
                SqliteSession::foreign(path).map(|session| Session::Sqlite(Box::new(session)))
            }
            Database::Postgres(url) => {
                let options = postgres::options(database, url)?
                    .options([("default_transaction_read_only", "on")]);
                PgSession::connect(&options)
                    .await
                    .map(|session| Session::Postgres(Box::new(session)))
            }
        };
        session.map(Self).map_err(|fault| StoreError::Open {
            database: database.to_string(),
            reason: fault.to_string(),
        })
    }

    /// Names of the tables.
    pub(crate) async fn tables(&mut self) -> Result<BTreeSet<String>, Fault> {
        let sql = match self.0 {
            Session::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table'",
            Session::Postgres(_) => {
                "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
                 WHERE table_schema = current_schema()"
            }
        };
        names(self.0.fetch(sql, &[]).await?)
    }

    /// Names of a table's columns.
    pub(crate) async fn columns(&mut self, table: &str) -> Result<BTreeSet<String>, Fault> {
        let sql = match self.0 {
            Session::Sqlite(_) => "SELECT name FROM pragma_table_info($1)",
            Session::Postgres(_) => {
                "SELECT CAST(column_name AS TEXT) FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name = $1"
            }
        };
        names(self.0.fetch(sql, &params![table]).await?)
    }

    /// Rows as texts, in the order of the first column. A column that is not `there` is NULL.
    pub(crate) async fn texts(
        &mut self,
        table: &str,
        columns: &[&str],
        there: &BTreeSet<String>,
        limit: usize,
    ) -> Result<Vec<Row>, Fault> {
        let column = |name: &&str| {
            let column = if there.contains(*name) { quoted(name) } else { "NULL".to_owned() };
            format!("CAST({column} AS TEXT)")
        };
        let columns: Vec<String> = columns.iter().map(column).collect();
        let (columns, table) = (columns.join(", "), quoted(table));
        let sql = format!("SELECT {columns} FROM {table} ORDER BY 1 LIMIT {limit}");
        match &mut self.0 {
            Session::Sqlite(session) => session.fetch(&sql, &[]),
            Session::Postgres(session) => session.fetch_foreign(sql).await,
        }
    }

    /// Closes the connection.
    pub(crate) async fn close(self) {
        self.0.close().await;
    }
}

/// A name in SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn names(rows: Vec<Row>) -> Result<BTreeSet<String>, Fault> {
    rows.into_iter().map(|mut row| row.text().map(|name| name.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_more_than_a_name() {
        assert_eq!(
            quoted("strategy_a\"; DROP TABLE x; --"),
            "\"strategy_a\"\"; DROP TABLE x; --\""
        );
    }
}
