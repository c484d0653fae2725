//! The audit trail: who did what to the server, in a chain.
//!
//! Each row carries the hash of the row before it, so that a row that was changed, left out or put in
//! later breaks the chain ([`audit_break`]). The writer numbers and chains the entries in the order in
//! which it stores them, in the same transactions as turns. What a chain cannot show is that its end
//! was cut off: for that, somebody has to know the newest hash.

use sha2::{Digest as _, Sha256};

use crate::accounts::PAGE_ROWS;
use crate::engine::{Param, Row, RowsSql, Session, params};
use crate::error::{CommitError, Fault, ReadError};
use crate::reader::values;
use crate::store::Store;

/// Most bytes of one text of an entry; the rest is cut off.
const TEXT_BYTES: usize = 1024;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When, in milliseconds since 1970.
    pub on: i64,
    /// Who: `account:a@b.c/default`, `key:ID`, `anonymous`, `server`, `cli`.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub target: String,
    /// Hex SHA-256 of the thing before.
    pub before: Option<String>,
    /// Hex SHA-256 of the thing after.
    pub after: Option<String>,
    /// The address from which it was asked.
    pub from: String,
    /// HTTP status.
    pub result: i64,
    /// Id of the request.
    pub request_id: String,
    /// For people.
    pub note: String,
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// From 1, without gaps.
    pub number: i64,
    /// What was done.
    pub entry: AuditEntry,
    /// The hash of the row before; empty for the first.
    pub previous_hash: String,
    /// [`audit_hash`] of all that.
    pub hash: String,
}

/// The newest row's number and hash.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head {
    number: i64,
    hash: String,
}

/// The hash of a row: hex SHA-256 over the previous hash, the number and all fields, each text with its
/// length before it, so that no two rows are written alike.
pub fn audit_hash(previous: &str, number: i64, entry: &AuditEntry) -> String {
    let AuditEntry { on, actor, action, target, before, after, from, result, request_id, note } =
        entry;
    let mut bytes = Vec::with_capacity(512);
    bytes.extend_from_slice(b"parlance audit 1");
    put_text(&mut bytes, previous);
    for number in [number, *on, *result] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    for text in [actor, action, target, from, request_id, note] {
        put_text(&mut bytes, text);
    }
    for hash in [before, after] {
        bytes.push(u8::from(hash.is_some()));
        put_text(&mut bytes, hash.as_deref().unwrap_or_default());
    }
    hex(&Sha256::digest(&bytes))
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The number of the first row that does not follow from the one before it. `before` is the row that
/// comes before them all; `None` when the first of them must be the first of the trail.
pub fn audit_break(before: Option<&AuditRow>, rows: &[AuditRow]) -> Option<i64> {
    let mut head = before.map_or_else(Head::default, Head::of);
    for row in rows {
        let follows = row.number == head.number.saturating_add(1)
            && row.previous_hash == head.hash
            && row.hash == audit_hash(&row.previous_hash, row.number, &row.entry);
        if !follows {
            return Some(row.number);
        }
        head = Head::of(row);
    }
    None
}

impl Head {
    pub(crate) fn of(row: &AuditRow) -> Self {
        Self { number: row.number, hash: row.hash.clone() }
    }

    /// The newest row of the database.
    pub(crate) async fn read(session: &mut Session) -> Result<Self, Fault> {
        const SQL: &str = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";
        let rows = session.fetch(SQL, &[]).await?;
        let Some(mut row) = rows.into_iter().next() else {
            return Ok(Self::default());
        };
        Ok(Self { number: row.int()?, hash: row.text()?.to_string() })
    }

    /// Puts entries behind this row.
    pub(crate) fn chain(&self, entries: &[AuditEntry]) -> Vec<AuditRow> {
        let mut head = self.clone();
        let mut rows = Vec::with_capacity(entries.len());
        for entry in entries {
            let (number, previous_hash) = (head.number.saturating_add(1), head.hash);
            let hash = audit_hash(&previous_hash, number, entry);
            let row = AuditRow { number, entry: entry.clone(), previous_hash, hash };
            head = Self::of(&row);
            rows.push(row);
        }
        rows
    }
}

impl AuditEntry {
    /// What the tables take: a trail that refuses entries has gaps just where somebody wants them.
    fn storable(mut self) -> Self {
        for text in [
            &mut self.actor,
            &mut self.action,
            &mut self.target,
            &mut self.from,
            &mut self.request_id,
            &mut self.note,
        ] {
            cut(text);
        }
        for hash in [&mut self.before, &mut self.after].into_iter().flatten() {
            cut(hash);
        }
        self
    }
}

fn cut(text: &mut String) {
    text.truncate(text.floor_char_boundary(TEXT_BYTES));
    if text.contains('\0') {
        *text = text.replace('\0', "\u{fffd}");
    }
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

const NEWEST: &str =
    concat!("SELECT ", columns!(), " FROM audit WHERE number < $1 ORDER BY number DESC LIMIT $2");

const AFTER: &str =
    concat!("SELECT ", columns!(), " FROM audit WHERE number > $1 ORDER BY number LIMIT $2");

/// Writes rows inside the session's transaction.
pub(crate) async fn write(session: &mut Session, rows: &[AuditRow]) -> Result<(), Fault> {
    let values: Vec<Param<'_>> = rows.iter().flat_map(params_of).collect();
    session.write_rows(&INSERT, &values).await.map(|_| ())
}

/// Whether a row is stored.
pub(crate) async fn is_stored(session: &mut Session, row: &AuditRow) -> Result<bool, Fault> {
    const SQL: &str = "SELECT number FROM audit WHERE number = $1 AND hash = $2";
    Ok(!session.fetch(SQL, &params![row.number, &row.hash]).await?.is_empty())
}

impl Store {
    /// Adds an entry to the trail. When this returns `Ok`, it is on disk.
    ///
    /// Texts are cut off after a kilobyte, and a NUL character is replaced.
    pub async fn audit(&self, entry: AuditEntry) -> Result<AuditRow, CommitError> {
        self.queue.audit(entry.storable()).await
    }

    /// The rows before a number, or the newest, newest first; at most `limit` and at most
    /// [`PAGE_ROWS`].
    pub async fn audit_rows(
        &self,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<AuditRow>, ReadError> {
        let values = values![before.unwrap_or(i64::MAX), limit.clamp(0, PAGE_ROWS)];
        let rows = self.queries.fetch(NEWEST, values).await?;
        Ok(rows.into_iter().map(row).collect::<Result<_, Fault>>()?)
    }

    /// The rows after a number, oldest first; at most `limit` and at most [`PAGE_ROWS`].
    pub async fn audit_rows_after(
        &self,
        number: i64,
        limit: i64,
    ) -> Result<Vec<AuditRow>, ReadError> {
        let values = values![number, limit.clamp(0, PAGE_ROWS)];
        let rows = self.queries.fetch(AFTER, values).await?;
        Ok(rows.into_iter().map(row).collect::<Result<_, Fault>>()?)
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry() -> impl Strategy<Value = AuditEntry> {
        let text = || "[ab]{0,2}";
        let hash = || proptest::option::of("[ab]{0,1}");
        let texts = (text(), text(), text(), text(), text(), text());
        (0..2_i64, 0..2_i64, texts, hash(), hash()).prop_map(
            |(on, result, (actor, action, target, from, request_id, note), before, after)| {
                AuditEntry {
                    on,
                    actor,
                    action,
                    target,
                    before,
                    after,
                    from,
                    result,
                    request_id,
                    note,
                }
            },
        )
    }

    fn trail(entries: &[AuditEntry]) -> Vec<AuditRow> {
        Head::default().chain(entries)
    }

    proptest! {
        #[test]
        fn different_entries_have_different_hashes(
            a in (entry(), 0..2_i64, "[ab]{0,2}"),
            b in (entry(), 0..2_i64, "[ab]{0,2}"),
        ) {
            let same = audit_hash(&a.2, a.1, &a.0) == audit_hash(&b.2, b.1, &b.0);
            prop_assert_eq!(a == b, same);
        }

        #[test]
        fn a_trail_that_nobody_touched_is_whole(
            entries in proptest::collection::vec(entry(), 0..10),
            cut in 0..10_usize,
        ) {
            let rows = trail(&entries);
            prop_assert_eq!(audit_break(None, &rows), None);
            // The same in two pieces.
            let (first, second) = rows.split_at(cut.min(rows.len()));
            prop_assert_eq!(audit_break(first.last(), second), None);
        }

        #[test]
        fn a_row_that_was_changed_is_found(
            entries in proptest::collection::vec(entry(), 1..10),
            which in 0..10_usize,
            other in entry(),
        ) {
            let mut rows = trail(&entries);
            let which = which % rows.len();
            prop_assume!(rows[which].entry != other);
            rows[which].entry = other;
            prop_assert_eq!(audit_break(None, &rows), Some(rows[which].number));
            // Also when its own hash was made to fit.
            let row = &mut rows[which];
            row.hash = audit_hash(&row.previous_hash, row.number, &row.entry);
            let next = rows.get(which + 1).map(|row| row.number);
            prop_assert_eq!(audit_break(None, &rows), next);
        }

        #[test]
        fn a_row_that_is_missing_is_found(
            entries in proptest::collection::vec(entry(), 2..10),
            which in 0..10_usize,
        ) {
            let mut rows = trail(&entries);
            let which = which % (rows.len() - 1);
            rows.remove(which);
            prop_assert_eq!(audit_break(None, &rows), Some(rows[which].number));
        }
    }

    #[test]
    fn the_encoding_stays_as_it_is() {
        let entry = AuditEntry {
            on: 1_700_000_000_000,
            actor: "account:a@b.c/default".to_owned(),
            action: "bot.create".to_owned(),
            target: "welcome-bot".to_owned(),
            before: None,
            after: Some("00ff".to_owned()),
            from: "127.0.0.1".to_owned(),
            result: 200,
            request_id: "r1".to_owned(),
            note: "é".to_owned(),
        };
        let hash = audit_hash("", 1, &entry);
        assert_eq!(hash, "170bd649a8fbc2ce3d7539d03a6c8c0288150169494af80bc90e94644d1ef390");
    }

    #[test]
    fn an_entry_that_no_table_takes_is_made_to_fit() {
        let entry = AuditEntry {
            on: 0,
            actor: "é".repeat(TEXT_BYTES),
            action: String::new(),
            target: "a\0b".to_owned(),
            before: None,
            after: Some("x".repeat(2 * TEXT_BYTES)),
            from: String::new(),
            result: 0,
            request_id: String::new(),
            note: String::new(),
        };
        let stored = entry.storable();
        assert_eq!(stored.actor, "é".repeat(TEXT_BYTES / 2));
        assert_eq!(stored.target, "a\u{fffd}b");
        assert_eq!(stored.after.map(|hash| hash.len()), Some(TEXT_BYTES));
    }
}
