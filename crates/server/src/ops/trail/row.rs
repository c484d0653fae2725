//! A row of the audit trail as it is shown.

use std::fmt;

use parlance_core::dialog::Moment;
use parlance_store::AuditRow;
use schemars::JsonSchema;
use serde::Serialize;

/// What was done to the server.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AuditRow")]
pub struct ShownRow {
    /// From 1, without gaps.
    number: i64,
    /// When, in UTC.
    time: String,
    /// Who: `account:a@b.c/default`, `key:…`, `anonymous`, `server` or `cli`.
    actor: String,
    /// What was done: the name of the operation.
    action: String,
    /// To what.
    target: String,
    /// SHA-256 of the thing before.
    before: Option<String>,
    /// SHA-256 of the thing after.
    after: Option<String>,
    /// The address from which it was asked.
    from: String,
    /// The status of the answer.
    result: i64,
    /// Id of the request, as in the answer and in the log.
    request_id: String,
    /// For people.
    note: String,
    /// The hash of the row before; empty for the first.
    previous_hash: String,
    /// SHA-256 of all that.
    hash: String,
}

impl From<AuditRow> for ShownRow {
    fn from(row: AuditRow) -> Self {
        let AuditRow { number, entry, previous_hash, hash } = row;
        Self {
            number,
            time: Moment::from_millis(entry.on).iso,
            actor: entry.actor,
            action: entry.action,
            target: entry.target,
            before: entry.before,
            after: entry.after,
            from: entry.from,
            result: entry.result,
            request_id: entry.request_id,
            note: entry.note,
            previous_hash,
            hash,
        }
    }
}

/// A line for people.
impl fmt::Display for ShownRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, time, actor, action, target, from, result, note, .. } = self;
        write!(f, "{number:>6}  {time}  {result}  {actor}  {action}")?;
        for (before, text) in [("  ", target), ("  from ", from), ("  – ", note)] {
            if !text.is_empty() {
                write!(f, "{before}{text}")?;
            }
        }
        Ok(())
    }
}
