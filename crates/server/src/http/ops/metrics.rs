//! `GET /metrics`: figures for Prometheus.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;

use super::super::openapi::{Doc, Tag};
use super::super::{App, Server};

/// Prometheus' text format.
const FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// What the endpoint gives.
pub(in super::super) fn metrics_doc() -> Doc {
    Doc::new(Tag::Operation, "Figures for Prometheus").gives_other(200, "text/plain", "All metrics")
}

/// 200 with all metrics.
pub(in super::super) async fn metrics<S: Server>(
    State(app): State<Arc<App<S>>>,
) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, FORMAT)], app.server.metrics())
}
