//! `GET /api/v2/admin/license`: whether v12's paid features are there (`spec` http 3.4).

use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::json;
use super::super::openapi::{Doc, Tag};

/// What clients of v12 ask before they show workspaces, roles and collaborators.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct License {
    is_pro: bool,
}

/// What the endpoint gives.
pub(in super::super) fn license_doc() -> Doc {
    Doc::new(Tag::Operation, "See whether v12's paid features are there")
        .gives::<License>(200, "They are: nothing here needs a licence")
}

/// 200.
pub(in super::super) async fn license() -> Response {
    json(&License { is_pro: true })
}
