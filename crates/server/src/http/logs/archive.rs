//! `GET /api/v2/admin/workspace/logs/bots/{bot}/archive`: the log of a bot as a text file.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::super::error::HttpError;
use super::super::headers::TEXT;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::MAX_ENTRIES;
use super::entry::line;
use crate::services::Services;

/// What a browser saves it as (v12's name).
const ATTACHMENT: HeaderValue = HeaderValue::from_static("attachment; filename=logs.txt");

pub(in super::super) fn archive_doc() -> Doc {
    Doc::new(Tag::Operation, "The log of a bot as a text file")
        .about("One entry a line, the oldest first.")
        .gives_other(200, "text/plain", "The file")
}

/// 200 with an attachment.
pub(in super::super) async fn archive(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let bot = call.parameter("bot")?;
    let entries = services.logs.newest(MAX_ENTRIES, |entry| entry.bot.as_deref() == Some(&*bot));
    let text: String = entries.iter().rev().map(|entry| line(entry)).collect();
    let headers = [(header::CONTENT_TYPE, TEXT), (header::CONTENT_DISPOSITION, ATTACHMENT)];
    Ok((headers, text).into_response())
}
