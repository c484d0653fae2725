//! `GET /health/ready`: whether bots can talk, so that traffic may come.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::super::error::HttpError;
use super::super::{App, Readiness, Server};

/// 200 `ready`, or 503 with the reason.
pub(in super::super) async fn ready<S: Server>(State(app): State<Arc<App<S>>>) -> Response {
    let reason = match app.server.readiness() {
        Readiness::Ready => None,
        Readiness::Starting(reason) => Some(reason),
        Readiness::Stopping => Some("the server is stopping".to_owned()),
    };
    let mut response = match reason {
        None => "ready\n".into_response(),
        Some(reason) => HttpError::problem(StatusCode::SERVICE_UNAVAILABLE, "Not ready", reason)
            .retry_after(1)
            .into_response(),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
