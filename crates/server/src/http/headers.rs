//! Headers that every answer carries, and the request id.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::settings::SettingsError;
use crate::clock::request_number;

/// Content type of JSON answers, as v12 writes it.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
/// Content type of plain texts.
pub(super) const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// Content type of pages.
pub(super) const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// Forbids browsers to guess content types.
pub(super) const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// Ties an answer to the log; taken from the request if it brings a usable one.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Time between request and answer, in milliseconds.
pub(super) const RESPONSE_TIME: HeaderName = HeaderName::from_static("x-response-time");

/// The id of a request, for those inside who ask; an extension of it.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) HeaderValue);

/// Longest request id that is taken over.
const MAX_REQUEST_ID: usize = 128;

/// `httpServer.headers`, checked.
pub(super) fn configured(
    headers: &[(String, String)],
) -> Result<Vec<(HeaderName, HeaderValue)>, SettingsError> {
    let check = |(name, value): &(String, String)| {
        let header = HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok());
        header.ok_or_else(|| SettingsError::Header(name.clone()))
    };
    headers.iter().map(check).collect()
}

/// The request's own id, or a new one of 16 hexadecimal digits.
pub(super) fn request_id(headers: &HeaderMap) -> HeaderValue {
    if let Some(given) = headers.get(REQUEST_ID)
        && (1..=MAX_REQUEST_ID).contains(&given.len())
        && given.as_bytes().iter().all(u8::is_ascii_graphic)
    {
        return given.clone();
    }
    let id = format!("{:016x}", request_number());
    HeaderValue::try_from(id).unwrap_or_else(|_| HeaderValue::from_static("0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_cannot_be_sent_are_refused_by_name() {
        let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        assert!(configured(&header("X-Powered-By", "Botpress")).is_ok());
        for (name, value) in [("a b", "c"), ("x-a", "a\nb")] {
            let error = configured(&header(name, value)).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn a_request_id_is_taken_over_if_it_is_harmless() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(value).unwrap());
            request_id(&headers)
        };
        assert_eq!(with("abc-1"), "abc-1");
        for bad in ["", "a b", &"x".repeat(129)] {
            let id = with(bad);
            assert_eq!(id.len(), 16, "{id:?}");
        }
        assert_ne!(request_id(&HeaderMap::new()), request_id(&HeaderMap::new()));
    }
}
