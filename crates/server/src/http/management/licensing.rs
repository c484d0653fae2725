//! `GET /api/v2/admin/management/licensing/status`: that nothing here needs a licence.

use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::success;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;

/// What v12's tools look at before they offer what v12 sells.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LicensingStatus {
    is_pro: bool,
    is_built_with_pro: bool,
    status: &'static str,
}

pub(in super::super) fn licensing_doc() -> Doc {
    Doc::new(Tag::Operation, "That nothing here needs a licence")
        .about("For tools that ask v12 before they offer roles, workspaces or collaborators.")
        .gives_payload::<LicensingStatus>("Always the same")
}

/// 200: everything may be used.
pub(in super::super) async fn licensing(_: Call) -> Response {
    let status = LicensingStatus { is_pro: true, is_built_with_pro: true, status: "licensed" };
    success("No licence is needed", status)
}
