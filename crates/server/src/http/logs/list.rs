//! `GET /api/v2/admin/workspace/logs`: the log entries of a time.

use std::collections::HashSet;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::super::answer::json;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::MAX_ENTRIES;
use super::entry::Entry;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    from_date: Option<i64>,
    to_date: Option<i64>,
    only_workspace: Option<bool>,
}

pub(in super::super) fn list_doc() -> Doc {
    Doc::new(Tag::Operation, "The log entries of a time")
        .about(
            "Newest first, at most 2,000. Members of a workspace see those of its bots; super admins see \
             all, also those that are about no bot. Those that the server has written since it started, \
             the newest 5,000.",
        )
        .query::<i64>("fromDate", "Not before this, in milliseconds since 1970.")
        .query::<i64>("toDate", "Not after this, in milliseconds since 1970.")
        .query::<bool>("onlyWorkspace", "For super admins, too, only those of the workspace's bots.")
        .gives::<Vec<Entry>>(200, "The entries")
}

/// 200 with a list, without an envelope as in v12.
pub(in super::super) async fn list(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let Wanted { from_date, to_date, only_workspace } = call.query()?;
    let (from, to) = (from_date.unwrap_or(i64::MIN), to_date.unwrap_or(i64::MAX));
    let sees_all = call.caller().is_super_admin() && only_workspace != Some(true);
    let workspace = call.workspace()?.to_owned();
    let bots = services.blocking(move |services| services.workspaces.get(&workspace)).await;
    let bots: HashSet<String> = bots.ok_or_else(HttpError::internal)??.bots.into_iter().collect();
    let entries = services.logs.newest(MAX_ENTRIES, |entry| {
        let is_seen = sees_all || entry.bot.as_ref().is_some_and(|bot| bots.contains(bot));
        is_seen && (from..=to).contains(&entry.on)
    });
    let entries: Vec<Entry> = entries.iter().map(|entry| Entry::from(&**entry)).collect();
    Ok(json(&entries))
}
