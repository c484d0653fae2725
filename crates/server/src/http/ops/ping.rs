//! `GET /api/v2/admin/ping`: whether one is logged in (`spec` http 3.4).

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::success;
use super::super::openapi::{Doc, Tag};
use crate::services::Services;

/// Who answers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Pong<'a> {
    /// Another one after every start.
    server_id: &'a str,
}

/// What the endpoint gives.
pub(in super::super) fn ping_doc() -> Doc {
    Doc::new(Tag::Operation, "See whether one is logged in")
        .gives_payload::<Pong<'_>>("Which server answers")
}

/// 200.
pub(in super::super) async fn ping(State(services): State<Services>) -> Response {
    success("Pong", Pong { server_id: &services.server_id })
}
