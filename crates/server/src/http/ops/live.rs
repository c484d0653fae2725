//! `GET /health/live`: whether the process answers at all; restart it if it does not.

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;

use super::super::openapi::{Doc, Tag};

/// What the endpoint gives.
pub(in super::super) fn live_doc() -> Doc {
    Doc::new(Tag::Operation, "Whether the process answers at all").gives_other(
        200,
        "text/plain",
        "It does",
    )
}

/// 200 `live`, always.
pub(in super::super) async fn live() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], "live\n")
}
