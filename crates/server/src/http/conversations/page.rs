//! Pages of lists, newest first.

use schemars::JsonSchema;

use super::super::error::HttpError;

/// Things of a page where the request does not say how many, and at most.
const PAGE: u16 = 20;
const LARGEST_PAGE: u16 = 200;

/// A number of things.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape for the documentation; queries are read by hand")]
pub(super) struct Limit(#[schemars(range(min = 1, max = 200))] u16);

/// How many things a page has.
pub(super) fn limit(wanted: Option<u16>) -> Result<u16, HttpError> {
    let limit = wanted.unwrap_or(PAGE);
    if (1..=LARGEST_PAGE).contains(&limit) {
        Ok(limit)
    } else {
        Err(HttpError::bad_request("limit: from 1 to 200"))
    }
}

/// A turn's id.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape for the documentation; queries are read by hand")]
pub(super) struct TurnId(#[schemars(regex(pattern = "^[0-9a-f-]{1,64}$"))] String);

/// Whether a text can be a turn's id.
pub(super) fn is_turn_id(text: &str) -> bool {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(hex)
}

/// 400 for a `before` that no page gave.
pub(super) fn no_such_place() -> HttpError {
    HttpError::bad_request("before: the `next` of the page before")
}
