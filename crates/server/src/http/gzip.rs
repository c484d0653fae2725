//! Compression of answers that are large and in memory.
//!
//! Not with a middleware: it would wrap the body of every answer, and most are small.

use std::io::Write as _;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::error::HttpError;

/// Smaller bodies cost more than they save; v12's bound.
const WORTH_IT: usize = 1024;
/// Larger ones are files, which are streamed as they are.
const LARGEST: usize = 1024 * 1024;

/// Whether the client takes gzip.
pub(super) fn accepted(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .any(|value| value.to_str().is_ok_and(|value| value.split(',').any(names_gzip)))
}

fn names_gzip(item: &str) -> bool {
    let mut parts = item.split(';');
    let coding = parts.next().unwrap_or_default().trim();
    let refused = parts.any(|part| {
        let weight = part.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok());
        weight.is_some_and(|q| q <= 0.0)
    });
    !refused && (coding.eq_ignore_ascii_case("gzip") || coding == "*")
}

/// The answer, compressed if that pays.
pub(super) async fn compress(response: Response) -> Response {
    let size = response.body().size_hint().exact().and_then(|size| usize::try_from(size).ok());
    let pays = size.is_some_and(|size| (WORTH_IT..=LARGEST).contains(&size));
    if !pays || !compressible(response.headers()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(plain) = to_bytes(body, LARGEST).await else {
        // Only a body that failed half-way gets here; there is nothing whole to send.
        return HttpError::internal().into_response();
    };
    parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
    let packed = encoder.write_all(&plain).and_then(|()| encoder.finish());
    let Ok(packed) = packed else {
        return Response::from_parts(parts, Body::from(plain));
    };
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::ACCEPT_RANGES);
    Response::from_parts(parts, Body::from(packed))
}

fn compressible(headers: &HeaderMap) -> bool {
    if headers.contains_key(header::CONTENT_ENCODING) || headers.contains_key(header::CONTENT_RANGE)
    {
        return false;
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|text| {
        text.starts_with("application/json")
            || text.starts_with("image/svg")
            || (text.starts_with("text/") && !text.starts_with("text/event-stream"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_only_where_it_is_accepted() {
        for (value, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("*", true),
            ("br, *;q=0.1", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0", false),
            ("identity", false),
            ("", false),
            ("x-gzip-like", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            assert_eq!(accepted(&headers), expected, "{value}");
        }
        assert!(!accepted(&HeaderMap::new()));
    }
}
