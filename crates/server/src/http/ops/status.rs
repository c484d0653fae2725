//! `GET /status`: the parts of the server and how they do (`spec` http 3.4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::super::headers::JSON;
use super::super::{App, Server};

/// 200, whatever the parts do, as in v12.
pub(in super::super) async fn status<S: Server>(
    State(app): State<Arc<App<S>>>,
) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, JSON)], app.server.status().to_string())
}
