//! `GET /health/ready`: whether bots can talk, so that traffic may come.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::{App, Server};

/// What the endpoint gives.
pub(in super::super) fn ready_doc() -> Doc {
    Doc::new(Tag::Operation, "Whether bots can talk")
        .gives_other(200, "text/plain", "They can")
        .gives_other(503, "application/problem+json", "Not yet, or no longer")
}

/// 200 `ready`, or 503 with the reason.
pub(in super::super) async fn ready<S: Server>(State(app): State<Arc<App<S>>>) -> Response {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut response = match app.server.health().ready() {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => HttpError::problem(status, "Not ready", reason.to_string())
            .retry_after(1)
            .into_response(),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
