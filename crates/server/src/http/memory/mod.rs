//! What bots remember: of a conversation (session, temporary memory, position) and of all of them (scope
//! `bot`).
//!
//! Patches are JSON Merge Patches (RFC 7396). What they bring is text from outside: no template is ever
//! made of it.

mod bot;
mod conversation;

pub(super) use bot::{get_bot, get_bot_doc, patch_bot, patch_bot_doc};
pub(super) use conversation::{get, get_doc, patch, patch_doc};

use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};

use super::error::HttpError;
use super::routes::Call;

/// Largest memory of one scope that a patch may make, in bytes as JSON.
pub(super) const LARGEST_SCOPE: usize = 256 * 1024;

/// The patch that a request brings: without one it is a mistake, not a patch of nothing.
pub(super) async fn patch_of(call: &mut Call) -> Result<Map<String, Value>, HttpError> {
    let headers = &call.parts().headers;
    if !is_json(headers) {
        let message = "the patch has to be JSON: Content-Type: application/merge-patch+json";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(HttpError::envelope(status, "UnsupportedMediaTypeError", message));
    }
    let has_length = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    if !has_length && !headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(HttpError::bad_request("the patch is missing"));
    }
    call.json().await
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    ["application/merge-patch+json", "application/json"]
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
}

/// 400 for a patch after which a scope is too large, unless it was larger before.
pub(super) fn check_size(scope: &str, before: usize, after: usize) -> Result<(), HttpError> {
    if after <= LARGEST_SCOPE || after <= before {
        return Ok(());
    }
    let message =
        format!("{scope} would have {after} bytes, more than the allowed {LARGEST_SCOPE}");
    Err(HttpError::bad_request(&message))
}
