//! The one place where a failure becomes a status and a body; `failures` says which one each
//! failure of accounts and workspaces is.
//!
//! v12's routes answer with v12's envelope (`spec` http 1.5, 1.15), some of them with plain text
//! (1.3, 1.12); routes of our own answer with problem details (RFC 9457).

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::headers::{JSON, TEXT};
use crate::turn::TurnError;

/// When to come back where nothing better is known, in seconds.
const RETRY_SECS: u64 = 1;

/// A failed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HttpError {
    status: StatusCode,
    form: Form,
    /// Boxed, as few failures have any.
    headers: Option<Box<HeaderMap>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// v12's envelope.
    Envelope { code: Option<&'static str>, kind: &'static str, message: Cow<'static, str> },
    /// Plain text.
    Text(Cow<'static, str>),
    /// Problem details.
    Problem { title: &'static str, detail: String },
}

/// v12's error body, in the order in which v12 writes it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Error")]
pub(super) struct Envelope<'a> {
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(rename = "type")]
    kind: &'static str,
    message: Cow<'a, str>,
    details: &'static str,
    docs: &'static str,
}

#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
}

impl HttpError {
    /// An envelope with a status, v12's error type and a message.
    pub(super) fn envelope(
        status: StatusCode,
        kind: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        let form = Form::Envelope { code: None, kind, message: message.into() };
        Self { status, form, headers: None }
    }

    /// The same with v12's error code.
    pub(super) fn coded(
        status: StatusCode,
        code: &'static str,
        kind: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        let form = Form::Envelope { code: Some(code), kind, message: message.into() };
        Self { status, form, headers: None }
    }

    /// 400 with v12's error type of the message.
    pub(super) fn bad(kind: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::envelope(StatusCode::BAD_REQUEST, kind, message)
    }

    /// A body that breaks the route's schema (`spec` http 1.5).
    pub(super) fn invalid_payload(reason: &str) -> Self {
        Self::bad("StandardError", format!("Invalid payload: {reason}"))
    }

    /// 400 for what v12 does not know: the additions of our own on its routes.
    pub(super) fn bad_request(reason: &str) -> Self {
        let message = format!("Bad Request: {reason}");
        Self::coded(StatusCode::BAD_REQUEST, "BP_0040", "BadRequestError", message)
    }

    /// 404 (`spec` http 1.2).
    pub(super) fn not_found(reason: &str) -> Self {
        let message = format!("Not Found: {reason}");
        Self::coded(StatusCode::NOT_FOUND, "BP_0044", "NotFoundError", message)
    }

    /// 401 (`spec` http 2.6).
    pub(super) fn unauthorized(reason: &str) -> Self {
        let message = format!("Unauthorized: {reason}");
        Self::coded(StatusCode::UNAUTHORIZED, "BP_0041", "UnauthorizedError", message)
    }

    /// 403 (`spec` http 2.6, 2.7).
    pub(super) fn forbidden(reason: &str) -> Self {
        let message = format!("Forbidden: {reason}");
        Self::coded(StatusCode::FORBIDDEN, "BP_0043", "ForbiddenError", message)
    }

    /// 409 (`spec` http 1.15).
    pub(super) fn conflict(reason: &str) -> Self {
        let message = format!("Conflict: {reason}");
        Self::coded(StatusCode::CONFLICT, "BP_0049", "ConflictError", message)
    }

    /// 400 for what the state of things does not allow (`spec` http 1.15).
    pub(super) fn invalid_operation(reason: &str) -> Self {
        let message = format!("Invalid operation: {reason}");
        Self::coded(StatusCode::BAD_REQUEST, "BP_0006", "InvalidOperationError", message)
    }

    /// 400 where a workspace must be named and is not (`spec` http 2.6).
    pub(super) fn workspace_missing() -> Self {
        Self::invalid_operation("Workspace is missing. Set header X-BP-Workspace")
    }

    /// 503 for a change that happened and could not be recorded.
    pub(super) fn not_recorded() -> Self {
        let message = "what was done could not be recorded; look whether it happened before you \
                       try again";
        Self::envelope(StatusCode::SERVICE_UNAVAILABLE, "StorageError", message)
            .retry_after(RETRY_SECS)
    }

    /// Whether somebody was kept from something: 401 or 403.
    pub(super) fn is_denial(&self) -> bool {
        matches!(self.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
    }

    /// 429 (`spec` http 1.12).
    pub(super) fn too_many() -> Self {
        Self::too_many_tries("Too many requests, please slow down.")
    }

    /// 503 until bots can talk.
    pub(super) fn not_ready(reason: &str) -> Self {
        let message = format!("Service Not Ready: {reason}");
        Self::coded(StatusCode::SERVICE_UNAVAILABLE, "BP_0140", "NotReadyError", message)
            .retry_after(RETRY_SECS)
    }

    /// 429 for who has tried too often; a text, as all that are answered so.
    pub(super) fn too_many_tries(text: impl Into<Cow<'static, str>>) -> Self {
        Self::text(StatusCode::TOO_MANY_REQUESTS, text)
    }

    /// 500 without a word about the inside.
    pub(super) fn internal() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::coded(status, "BP_0050", "InternalServerError", "Internal server error")
    }

    /// A plain text.
    pub(super) fn text(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status, form: Form::Text(text.into()), headers: None }
    }

    /// Problem details, for routes of our own.
    pub(super) fn problem(status: StatusCode, title: &'static str, detail: String) -> Self {
        let form = Form::Problem { title, detail };
        Self { status, form, headers: None }
    }

    /// With the time after which to come back.
    pub(super) fn retry_after(self, secs: u64) -> Self {
        self.with(|headers| {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
        })
    }

    /// With the end of the connection, whose request was not read to its end.
    pub(super) fn closing(self) -> Self {
        self.with(|headers| {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        })
    }

    /// With more headers.
    pub(super) fn with(mut self, write: impl FnOnce(&mut HeaderMap)) -> Self {
        write(self.headers.get_or_insert_default());
        self
    }

    /// The body of the answer.
    pub(super) fn body(&self) -> String {
        let status = self.status.as_u16();
        match &self.form {
            Form::Envelope { code, kind, message } => json(&Envelope {
                status_code: status,
                error_code: *code,
                kind,
                message: escape(message),
                details: "",
                docs: "https://botpress.com/docs",
            }),
            Form::Text(text) => text.to_string(),
            Form::Problem { title, detail } => {
                json(&Problem { kind: "about:blank", title, status, detail })
            }
        }
    }
}

/// The four fields are plain strings and numbers, which always serialise.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        let content_type = match self.form {
            Form::Envelope { .. } => JSON,
            Form::Text(_) => TEXT,
            Form::Problem { .. } => HeaderValue::from_static("application/problem+json"),
        };
        headers.insert(header::CONTENT_TYPE, content_type);
        if let Some(more) = self.headers {
            headers.extend(*more);
        }
        response
    }
}

impl From<TurnError> for HttpError {
    fn from(error: TurnError) -> Self {
        let message = error.to_string();
        match error {
            TurnError::TimedOut => Self::bad("Error", "Request timed out."),
            TurnError::Overloaded { retry_after_secs } => {
                Self::envelope(StatusCode::SERVICE_UNAVAILABLE, "OverloadedError", message)
                    .retry_after(retry_after_secs)
            }
            TurnError::KeyReused => {
                Self::envelope(StatusCode::UNPROCESSABLE_ENTITY, "IdempotencyError", message)
            }
            TurnError::Refused(reason) => Self::bad("Error", reason),
            TurnError::NotStored(reason) => {
                tracing::error!(reason, "a turn could not be stored");
                let message = "the message could not be stored, nothing of it happened; try again";
                Self::envelope(StatusCode::SERVICE_UNAVAILABLE, "StorageError", message)
                    .retry_after(RETRY_SECS)
            }
        }
    }
}

/// Escapes the five characters that v12 escapes in messages; quotes stay (`spec` http 1.5).
fn escape(text: &str) -> Cow<'_, str> {
    let special = |c: char| matches!(c, '<' | '>' | '/' | '\\' | '`');
    if !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '/' => escaped.push_str("&#x2F;"),
            '\\' => escaped.push_str("&#x5C;"),
            '`' => escaped.push_str("&#96;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_characters_are_escaped_and_quotes_stay() {
        assert_eq!(escape("<a> / \\ ` \" ' &"), "&lt;a&gt; &#x2F; &#x5C; &#96; \" ' &");
        assert!(matches!(escape("plain \"text\""), Cow::Borrowed(_)));
    }

    #[test]
    fn the_envelope_has_exactly_v12s_members_in_order() {
        assert_eq!(
            HttpError::invalid_payload("\"a/b\" is not allowed").body(),
            "{\"statusCode\":400,\"type\":\"StandardError\",\
             \"message\":\"Invalid payload: \\\"a&#x2F;b\\\" is not allowed\",\
             \"details\":\"\",\"docs\":\"https://botpress.com/docs\"}"
        );
        assert_eq!(
            HttpError::not_found("Invalid Bot ID").body(),
            "{\"statusCode\":404,\"errorCode\":\"BP_0044\",\"type\":\"NotFoundError\",\
             \"message\":\"Not Found: Invalid Bot ID\",\
             \"details\":\"\",\"docs\":\"https://botpress.com/docs\"}"
        );
    }

    #[test]
    fn turn_errors_tell_when_to_come_back_and_nothing_of_the_inside() {
        let overloaded = HttpError::from(TurnError::Overloaded { retry_after_secs: 7 });
        assert_eq!(overloaded.clone().into_response().headers()["retry-after"], "7");
        assert_eq!(overloaded.into_response().status(), 503);
        let stored = HttpError::from(TurnError::NotStored("SELECT secret".to_owned()));
        assert!(!stored.body().contains("SELECT"));
        assert_eq!(stored.into_response().headers()["retry-after"], "1");
        assert_eq!(HttpError::from(TurnError::KeyReused).into_response().status(), 422);
        assert_eq!(HttpError::from(TurnError::TimedOut).into_response().status(), 400);
        let refused = HttpError::from(TurnError::Refused("user id has 600 bytes".to_owned()));
        assert!(refused.body().contains("user id has 600 bytes"));
        assert_eq!(refused.into_response().status(), 400);
    }
}
