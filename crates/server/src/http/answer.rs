//! Answers that went well.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use super::error::HttpError;
use super::headers::{JSON, TEXT};

/// v12's envelope of what went well (`spec` http 1.15).
#[derive(Debug, Serialize)]
struct Success<'a, T> {
    status: &'static str,
    message: &'a str,
    payload: T,
}

/// 200 with a value as JSON.
pub(super) fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(text) => {
            let mut response = Response::new(Body::from(text));
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
            response
        }
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written as JSON");
            HttpError::internal().into_response()
        }
    }
}

/// A text.
pub(super) fn text(status: StatusCode, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, TEXT);
    response
}

/// 200 with v12's envelope around nothing.
pub(super) fn done(message: &str) -> Response {
    success(message, Map::<String, Value>::new())
}

/// 200 with v12's envelope.
pub(super) fn success(message: &str, payload: impl Serialize) -> Response {
    json(&Success { status: "success", message, payload })
}

/// 200 with the text `OK`, where v12 says no more.
pub(super) fn ok() -> Response {
    let mut response = Response::new(Body::from("OK"));
    response.headers_mut().insert(header::CONTENT_TYPE, TEXT);
    response
}
