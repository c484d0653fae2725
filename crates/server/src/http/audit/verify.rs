//! `GET /api/v2/admin/audit/verify`: whether somebody has meddled with the audit log.

use axum::extract::State;
use axum::response::Response;
use parlance_store::AuditHead;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    head: Option<String>,
}

/// A row as a log line of the server names it.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape for the documentation; `AuditHead` reads it")]
struct Head(#[schemars(regex(pattern = r"^[1-9][0-9]{0,17}:[0-9a-fA-F]{64}$"))] String);

/// What was found.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditFinding")]
struct Finding {
    /// Whether no row was changed, removed or put in since it was written.
    whole: bool,
    /// The newest row's number and hash, where the log is whole.
    head: Option<String>,
    /// The first row that is in doubt.
    row: Option<i64>,
    /// What is wrong, in words.
    problem: Option<String>,
}

pub(in super::super) fn verify_doc() -> Doc {
    Doc::new(Tag::Operation, "Whether the audit log is as it was written")
        .about("Looks at every row: some hundred thousand a second.")
        .query::<Head>(
            "head",
            "A row that the log must hold, such as a log line of the server names.",
        )
        .gives_payload::<Finding>("What was found, good or bad")
}

/// 200 with the finding.
pub(in super::super) async fn verify(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let Wanted { head } = call.query()?;
    let known = head.as_deref().map(str::parse::<AuditHead>).transpose();
    let known = known.map_err(|error| HttpError::bad_request(&format!("head: {error}")))?;
    let finding = match services.store.verify_audit(known.into_iter().collect()).await? {
        Ok(head) => {
            let head = (head.number > 0).then(|| head.to_string());
            Finding { whole: true, head, row: None, problem: None }
        }
        Err(found) => {
            Finding { whole: false, head: None, row: found.row(), problem: Some(found.to_string()) }
        }
    };
    let message = if finding.whole { "The audit log is whole" } else { "The audit log is broken" };
    Ok(success(message, finding))
}
