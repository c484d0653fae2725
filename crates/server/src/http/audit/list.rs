//! `GET /api/v2/admin/audit`: what was done to the server, newest first.

use axum::extract::State;
use axum::response::Response;
use parlance_store::AuditFilter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::success;
use super::super::between::Between;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use crate::ops::trail::ShownRow;
use crate::services::Services;

/// Rows of a page where none is asked for.
const ROWS: i64 = 100;

type Number = Between<1, { i64::MAX }>;
type Limit = Between<1, 1000>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    before: Option<Number>,
    limit: Option<Limit>,
    actor: Option<String>,
    action: Option<String>,
}

/// A page of the log.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditPage")]
struct Page {
    /// Newest first.
    rows: Vec<ShownRow>,
    /// What `before` has to be for the next page; none where there is no further row.
    next: Option<i64>,
}

pub(in super::super) fn list_doc() -> Doc {
    Doc::new(Tag::Operation, "What was done to the server, newest first")
        .query::<Number>("before", "Only rows with a lower number.")
        .query::<Limit>("limit", "At most so many rows; 100 if nothing is said.")
        .query::<String>("actor", "Only what this actor did, such as `account:a@b.c/default`.")
        .query::<String>("action", "Only this operation, such as `audit list`.")
        .gives_payload::<Page>("The rows")
}

/// 200 with a page.
pub(in super::super) async fn list(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let wanted: Wanted = call.query()?;
    let filter = AuditFilter { actor: wanted.actor, action: wanted.action };
    let limit = wanted.limit.map_or(ROWS, Between::get);
    let before = wanted.before.map(Between::get);
    let rows = services.store.audit_rows(&filter, before, limit).await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|count| count == limit);
    let next = rows.last().map(|row| row.number).filter(|number| is_full && *number > 1);
    let rows = rows.into_iter().map(ShownRow::from).collect();
    Ok(success("Audit log", Page { rows, next }))
}
