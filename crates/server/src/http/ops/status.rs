//! `GET /status`: the parts of the server and how they do (`spec` http 3.4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::json;

use super::super::headers::JSON;
use super::super::{App, Server};
use crate::ops::health::NotReady;

/// 200, whatever the parts do, as in v12. Parts that this server does not have are `n/a`.
pub(in super::super) async fn status<S: Server>(
    State(app): State<Arc<App<S>>>,
) -> impl IntoResponse {
    let down = matches!(app.server.health().ready(), Err(NotReady::Database { .. }));
    let database = if down { "down" } else { "up" };
    let status =
        json!({ "botpress": "up", "database": database, "messaging": "n/a", "nlu": "n/a" });
    ([(header::CONTENT_TYPE, JSON)], status.to_string())
}
