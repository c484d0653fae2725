//! `GET /health/live`: whether the process answers at all; restart it if it does not.

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;

/// 200 `live`, always.
pub(in super::super) async fn live() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], "live\n")
}
