//! `GET /api/v2/admin/workspace/logs/bots/{bot}`: the newest log entries of a bot.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::super::answer::json;
use super::super::between::Between;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::entry::Entry;
use crate::services::Services;

/// Entries where no number is asked for (`spec` http 3.4).
const ENTRIES: usize = 25;

type Limit = Between<1, 2000>;

#[derive(Debug, Deserialize)]
struct Wanted {
    limit: Option<Limit>,
}

pub(in super::super) fn of_bot_doc() -> Doc {
    Doc::new(Tag::Operation, "The newest log entries of a bot")
        .about("Newest first. Those that the server has written since it started, the newest 5,000 of all bots.")
        .query::<Limit>("limit", "At most so many; 25 if nothing is said.")
        .gives::<Vec<Entry>>(200, "The entries")
}

/// 200 with a list, without an envelope as in v12.
pub(in super::super) async fn of_bot(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let Wanted { limit } = call.query()?;
    let limit = limit.and_then(|limit| usize::try_from(limit.get()).ok()).unwrap_or(ENTRIES);
    let bot = call.parameter("bot")?;
    let entries = services.logs.newest(limit, |entry| entry.bot.as_deref() == Some(&*bot));
    let entries: Vec<Entry> = entries.iter().map(|entry| Entry::from(&**entry)).collect();
    Ok(json(&entries))
}
