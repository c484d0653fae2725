//! Request bodies: bytes of a known content type → JSON value, with v12's errors
//! (`spec` http 1.1, 1.5).
//!
//! Data flows headers → [`Format`] → `receive` (bytes within limits) → `text` (charset) → `json` or
//! `form` → value. A body of any other content type counts as empty, as in v12.

mod form;
mod format;
mod json;
mod pieces;
mod receive;
mod syntax;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::error::HttpError;
use format::{Format, Kind};

pub(super) use pieces::{Pieces, Unread};

/// The body as a value; `{}` where there is none.
///
/// `limit` is the largest number of bytes, as sent and as unpacked. Fails with 400 for malformed
/// JSON, 408 for a body that does not arrive, 413 for one that is too large, 415 for a charset or
/// an encoding that is not known.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Value, HttpError> {
    let empty = || Value::Object(Map::new());
    let present = headers.contains_key(header::CONTENT_LENGTH)
        || headers.contains_key(header::TRANSFER_ENCODING);
    let format = Format::of(headers).filter(|_| present);
    let Some(format) = format.transpose()? else {
        return Ok(empty());
    };
    let bytes = receive::receive(headers, body, format.packing, limit).await?;
    if bytes.is_empty() {
        return Ok(empty());
    }
    let text = format.charset.decode(&bytes);
    match format.kind {
        Kind::Json => json::parse(&text),
        Kind::Form => form::parse(&text),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use axum::http::HeaderValue;
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use serde_json::json;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("content-length", HeaderValue::from_static("1"));
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        headers
    }

    async fn sent(pairs: &[(&'static str, &str)], body: &[u8]) -> Result<Value, String> {
        let body = Body::from(body.to_vec());
        read(&headers(pairs), body, 1000).await.map_err(|error| error.body())
    }

    const JSON: (&str, &str) = ("content-type", "application/json");

    #[tokio::test]
    async fn only_json_and_forms_are_read() {
        let object = br#"{"text":"hi"}"#;
        for (content_type, read) in [
            ("application/json", true),
            ("Application/JSON ; charset=UTF-8", true),
            ("application/json;charset=\"utf-8\"", true),
            ("application/json;", true),
            ("text/plain", false),
            ("application/vnd.api+json", false),
            ("application/jsonp", false),
            ("", false),
        ] {
            let expected = if read { json!({"text": "hi"}) } else { json!({}) };
            let value = sent(&[("content-type", content_type)], object).await;
            assert_eq!(value, Ok(expected), "{content_type}");
        }
        let form = [("content-type", "application/x-www-form-urlencoded")];
        assert_eq!(sent(&form, b"text=hi+you").await, Ok(json!({"text": "hi you"})));
        assert_eq!(sent(&[], object).await, Ok(json!({})));
    }

    #[tokio::test]
    async fn packed_bodies_are_unpacked_up_to_the_limit() {
        let gzip = |bytes: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        let object = br#"{"text":"hi"}"#;
        let packed = [JSON, ("content-encoding", "GZIP")];
        assert_eq!(sent(&packed, &gzip(object)).await, Ok(json!({"text": "hi"})));
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(object).unwrap();
        let deflated = [JSON, ("content-encoding", "deflate")];
        assert_eq!(sent(&deflated, &zlib.finish().unwrap()).await, Ok(json!({"text": "hi"})));
        let bomb = sent(&packed, &gzip(&vec![b' '; 1_000_000])).await.unwrap_err();
        assert!(bomb.contains("\"statusCode\":413"), "{bomb}");
        let broken = sent(&packed, object).await.unwrap_err();
        assert!(broken.contains("incorrect header check"), "{broken}");
        let cut = gzip(object);
        let cut = sent(&packed, &cut[..cut.len() - 9]).await.unwrap_err();
        assert!(cut.contains("unexpected end of file"), "{cut}");
    }

    #[tokio::test]
    async fn unknown_charsets_and_encodings_are_named() {
        let charset = [("content-type", "application/json; charset=latin1")];
        let error = sent(&charset, b"{}").await.unwrap_err();
        assert!(error.starts_with("{\"statusCode\":415,\"type\":\"charset.unsupported\""));
        assert!(error.contains(r#"unsupported charset \"LATIN1\""#), "{error}");
        let error = sent(&[JSON, ("content-encoding", "br")], b"{}").await.unwrap_err();
        assert!(error.starts_with("{\"statusCode\":415,\"type\":\"encoding.unsupported\""));
        assert!(error.contains(r#"unsupported content encoding \"br\""#), "{error}");
    }

    #[tokio::test]
    async fn texts_arrive_in_every_charset_of_unicode() {
        let text = "{\"text\":\"é😀\"}";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked: Vec<u8> = [0xFE, 0xFF].into_iter().chain(be.iter().copied()).collect();
        let bom: Vec<u8> = [0xEF, 0xBB, 0xBF].into_iter().chain(text.bytes()).collect();
        for (charset, bytes) in [
            ("utf-16", &le),
            ("utf-16le", &le),
            ("utf-16be", &be),
            ("utf-16", &marked),
            ("utf-8", &bom),
        ] {
            let content_type = format!("application/json; charset={charset}");
            let value = sent(&[("content-type", &content_type)], bytes).await;
            assert_eq!(value, Ok(json!({"text": "é😀"})), "{charset}");
        }
    }

    #[tokio::test]
    async fn a_body_may_have_exactly_the_limit() {
        let body = |size: usize| format!("{{\"text\":\"{}\"}}", "x".repeat(size - 11));
        assert!(sent(&[JSON], body(1000).as_bytes()).await.is_ok());
        let error = sent(&[JSON], body(1001).as_bytes()).await.unwrap_err();
        let expected = "{\"statusCode\":413,\"type\":\"entity.too.large\",\
                        \"message\":\"request entity too large\"";
        assert!(error.starts_with(expected), "{error}");
    }
}
