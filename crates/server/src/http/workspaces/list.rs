//! `GET /api/v2/admin/workspace/workspaces`.

use axum::extract::State;
use axum::response::Response;

use super::super::answer::json;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::shape::Shape;
use crate::services::Services;
use crate::team::Team;

pub(in super::super) fn list_doc() -> Doc {
    Doc::new(Tag::Workspaces, "All workspaces").gives::<Vec<Shape>>(200, "The workspaces")
}

/// 200 with a list, without an envelope as in v12.
pub(in super::super) async fn list(
    State(services): State<Services>,
    _: Call,
) -> Result<Response, HttpError> {
    let all = Team::new(&services).spaces().await?;
    Ok(json(&all.into_iter().map(Shape::from).collect::<Vec<_>>()))
}
