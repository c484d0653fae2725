//! What the headers say of a body: kind, charset, packing.

use std::borrow::Cow;

use axum::http::{HeaderMap, StatusCode, header};

use super::super::error::HttpError;

/// The form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    /// How its text is read.
    pub(super) kind: Kind,
    /// How its bytes become text.
    pub(super) charset: Charset,
    /// How it was packed.
    pub(super) packing: Packing,
}

/// Content types that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `application/json`, and `application/merge-patch+json` of RFC 7396.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// Charsets of JSON; forms have UTF-8 only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// The default.
    Utf8,
    /// By its byte order mark, little endian without one.
    Utf16,
    /// Big endian.
    Utf16Be,
}

/// `Content-Encoding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// Not packed.
    Plain,
    /// `gzip`.
    Gzip,
    /// `deflate`, which is the zlib format.
    Zlib,
}

impl Format {
    /// The format, `None` for content types that are not read; fails with 415 for a charset or an
    /// encoding that is not known.
    pub(super) fn of(headers: &HeaderMap) -> Option<Result<Self, HttpError>> {
        let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let mut parts = content_type.split(';');
        let essence = parts.next().unwrap_or_default().trim();
        let json = ["application/json", "application/merge-patch+json"];
        let kind = if json.iter().any(|json| essence.eq_ignore_ascii_case(json)) {
            Kind::Json
        } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Kind::Form
        } else {
            return None;
        };
        let charset = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            let named = name.trim().eq_ignore_ascii_case("charset");
            named.then(|| value.trim().trim_matches('"').to_ascii_lowercase())
        });
        Some(Self::checked(kind, charset.as_deref(), headers))
    }

    fn checked(kind: Kind, charset: Option<&str>, headers: &HeaderMap) -> Result<Self, HttpError> {
        let charset = match (charset, kind) {
            (None | Some("utf-8"), _) => Charset::Utf8,
            (Some("utf-16" | "utf-16le"), Kind::Json) => Charset::Utf16,
            (Some("utf-16be"), Kind::Json) => Charset::Utf16Be,
            (Some(other), _) => {
                let message = format!("unsupported charset \"{}\"", other.to_ascii_uppercase());
                return Err(unsupported("charset.unsupported", message));
            }
        };
        let packing = headers
            .get(header::CONTENT_ENCODING)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase());
        let packing = match packing.as_deref() {
            None | Some("identity") => Packing::Plain,
            Some("gzip") => Packing::Gzip,
            Some("deflate") => Packing::Zlib,
            Some(other) => {
                let message = format!("unsupported content encoding \"{other}\"");
                return Err(unsupported("encoding.unsupported", message));
            }
        };
        Ok(Self { kind, charset, packing })
    }
}

fn unsupported(kind: &'static str, message: String) -> HttpError {
    HttpError::envelope(StatusCode::UNSUPPORTED_MEDIA_TYPE, kind, message)
}

impl Charset {
    /// The text, without a byte order mark; what is malformed becomes U+FFFD.
    pub(super) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Utf8 => {
                String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes))
            }
            Self::Utf16 => match bytes {
                [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
                [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
                _ => utf16(bytes, u16::from_le_bytes),
            },
            Self::Utf16Be => {
                utf16(bytes.strip_prefix(b"\xFE\xFF").unwrap_or(bytes), u16::from_be_bytes)
            }
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Cow<'_, str> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let characters = char::decode_utf16(units);
    Cow::Owned(characters.map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}
