//! `GET /status`: the parts of the server and how they do (`spec` http 3.4).

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::json;
use super::super::openapi::{Doc, Tag};
use super::super::{App, Server};
use crate::ops::health::NotReady;

/// The parts, each `up`, `down`, `error` or `n/a`.
#[derive(Serialize, JsonSchema)]
pub(in super::super) struct Status {
    botpress: &'static str,
    database: &'static str,
    messaging: &'static str,
    nlu: &'static str,
}

/// What the endpoint gives.
pub(in super::super) fn status_doc() -> Doc {
    Doc::new(Tag::Operation, "The parts of the server and how they do")
        .gives::<Status>(200, "Always, whatever the parts do")
}

/// 200, whatever the parts do, as in v12. Parts that this server does not have are `n/a`.
pub(in super::super) async fn status<S: Server>(
    State(app): State<Arc<App<S>>>,
) -> impl IntoResponse {
    let down = matches!(app.server.health().ready(), Err(NotReady::Database { .. }));
    let database = if down { "down" } else { "up" };
    json(&Status { botpress: "up", database, messaging: "n/a", nlu: "n/a" })
}
