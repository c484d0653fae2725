//! The trail's rows in the database.

use super::chain::{AuditHead, MalformedHead};
use super::entry::{AuditEntry, AuditRow};
use crate::accounts::PAGE_ROWS;
use crate::engine::{Param, Row, RowsSql, Session, params};
use crate::error::{CommitError, Fault, ReadError};
use crate::reader::values;
use crate::store::Store;

/// Which rows; none of its fields set means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Done by this actor.
    pub actor: Option<String>,
    /// This was done.
    pub action: Option<String>,
}

/// The columns of [`row`].
macro_rules! columns {
    () => {
        "number, happened_on, actor, action, target, before_hash, after_hash, address, result, \
         request_id, note, previous_hash, hash"
    };
}

static INSERT: RowsSql =
    RowsSql::write(concat!("INSERT INTO audit (", columns!(), ") VALUES "), 13, "");

const NEWEST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM audit WHERE number < $1 AND ($2 = '' OR actor = $2) AND ($3 = '' OR action = $3) \
     ORDER BY number DESC LIMIT $4"
);

pub(super) const AFTER: &str =
    concat!("SELECT ", columns!(), " FROM audit WHERE number > $1 ORDER BY number LIMIT $2");

pub(super) const NEWEST_HEAD: &str = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";

/// The newest row's number and hash, kept apart from the rows.
pub(super) const KEPT_HEAD: &str = "SELECT value FROM setting WHERE name = 'audit.head'";

const KEEP_HEAD: &str = "INSERT INTO setting (name, value) VALUES ('audit.head', $1) \
     ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/// The head that the next row goes behind. It is not the newest row's where that was removed: a new row
/// must not take its place.
pub(crate) async fn head(session: &mut Session) -> Result<AuditHead, Fault> {
    let newest = session.fetch(NEWEST_HEAD, &[]).await?;
    let kept = session.fetch(KEPT_HEAD, &[]).await?;
    let heads = heads(newest, kept)?.into_iter().filter_map(Result::ok);
    Ok(heads.max_by_key(|head| head.number).unwrap_or_default())
}

/// The answers to [`NEWEST_HEAD`] and [`KEPT_HEAD`].
pub(super) fn heads(
    newest: Vec<Row>,
    kept: Vec<Row>,
) -> Result<Vec<Result<AuditHead, MalformedHead>>, Fault> {
    let mut heads = Vec::with_capacity(2);
    for mut row in newest {
        heads.push(Ok(AuditHead { number: row.int()?, hash: row.text()?.to_string() }));
    }
    for mut row in kept {
        heads.push(row.text()?.parse());
    }
    Ok(heads)
}

/// Writes rows inside the session's transaction.
pub(crate) async fn write(session: &mut Session, rows: &[AuditRow]) -> Result<(), Fault> {
    let Some(newest) = rows.last() else {
        return Ok(());
    };
    let values: Vec<Param<'_>> = rows.iter().flat_map(params_of).collect();
    session.write_rows(&INSERT, &values).await?;
    session.execute(KEEP_HEAD, &params![&AuditHead::of(newest).to_string()]).await?;
    Ok(())
}

/// Whether a row is stored.
pub(crate) async fn is_stored(session: &mut Session, row: &AuditRow) -> Result<bool, Fault> {
    const SQL: &str = "SELECT number FROM audit WHERE number = $1 AND hash = $2";
    Ok(!session.fetch(SQL, &params![row.number, &row.hash]).await?.is_empty())
}

impl Store {
    /// Adds an entry to the trail. When this returns `Ok`, it is on disk.
    ///
    /// Control characters, and others that deceive readers, are written as `\u{a}`; texts are cut off
    /// after a kilobyte.
    pub async fn audit(&self, entry: AuditEntry) -> Result<AuditRow, CommitError> {
        self.queue.audit(entry.storable()).await
    }

    /// The rows before a number, or the newest, newest first; at most `limit` and at most
    /// [`PAGE_ROWS`].
    pub async fn audit_rows(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<AuditRow>, ReadError> {
        // No entry has an empty actor or action, and PostgreSQL knows no NUL.
        let text =
            |text: &Option<String>| text.clone().unwrap_or_default().replace('\0', "\u{fffd}");
        let (actor, action) = (text(&filter.actor), text(&filter.action));
        let before = before.unwrap_or(i64::MAX);
        let values = values![before, &*actor, &*action, limit.clamp(0, PAGE_ROWS)];
        rows(self.queries.fetch(NEWEST, values).await?)
    }

    /// The rows after a number, oldest first; at most `limit` and at most [`PAGE_ROWS`].
    pub async fn audit_rows_after(
        &self,
        number: i64,
        limit: i64,
    ) -> Result<Vec<AuditRow>, ReadError> {
        rows(self.queries.fetch(AFTER, values![number, limit.clamp(0, PAGE_ROWS)]).await?)
    }
}

pub(super) fn rows(rows: Vec<Row>) -> Result<Vec<AuditRow>, ReadError> {
    Ok(rows.into_iter().map(row).collect::<Result<_, Fault>>()?)
}

fn params_of(row: &AuditRow) -> [Param<'_>; 13] {
    let entry = &row.entry;
    params![
        row.number,
        entry.on,
        &entry.actor,
        &entry.action,
        &entry.target,
        entry.before.as_deref(),
        entry.after.as_deref(),
        &entry.from,
        entry.result,
        &entry.request_id,
        &entry.note,
        &row.previous_hash,
        &row.hash,
    ]
}

fn row(mut row: Row) -> Result<AuditRow, Fault> {
    let number = row.int()?;
    let entry = AuditEntry {
        on: row.int()?,
        actor: row.text()?.to_string(),
        action: row.text()?.to_string(),
        target: row.text()?.to_string(),
        before: row.maybe_text()?.map(|hash| hash.to_string()),
        after: row.maybe_text()?.map(|hash| hash.to_string()),
        from: row.text()?.to_string(),
        result: row.int()?,
        request_id: row.text()?.to_string(),
        note: row.text()?.to_string(),
    };
    let (previous_hash, hash) = (row.text()?.to_string(), row.text()?.to_string());
    Ok(AuditRow { number, entry, previous_hash, hash })
}
