//! `GET /openapi.json` and `GET /docs/api`: the description of the surface.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use serde_json::Value;

use super::super::headers::{HTML, JSON};
use super::super::{App, Server};
use super::doc::{Doc, Tag};
use super::page as render;

/// What the page may do in a browser: nothing but look as it does.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'");

/// The description, written once.
pub(in super::super) struct Rendered {
    json: Bytes,
    page: Bytes,
}

impl Rendered {
    /// Writes the document and its page.
    pub(in super::super) fn new(document: &Value) -> Self {
        let json = document.to_string().into();
        Self { json, page: render::page(document).into() }
    }
}

/// 200 with the OpenAPI document.
pub(in super::super) async fn json<S: Server>(State(app): State<Arc<App<S>>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, JSON)], app.description.json.clone())
}

/// 200 with the page.
pub(in super::super) async fn page<S: Server>(State(app): State<Arc<App<S>>>) -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, HTML), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (headers, app.description.page.clone())
}

pub(in super::super) fn json_doc() -> Doc {
    Doc::new(Tag::Operation, "This description, for machines")
        .gives::<serde_json::Map<String, Value>>(200, "OpenAPI 3.1")
}

pub(in super::super) fn page_doc() -> Doc {
    Doc::new(Tag::Operation, "This description, for people").gives_other(200, "text/html", "A page")
}
