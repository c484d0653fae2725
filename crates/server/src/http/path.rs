//! Parameters of the path, decoded as strictly as JavaScript's `decodeURIComponent`.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::error::HttpError;

/// The segment of `path` at `position` below `root`, decoded; the first is 0.
///
/// A segment that is not well encoded is v12's `URIError` (400).
pub(super) fn parameter<'a>(
    path: &'a str,
    root: &str,
    position: usize,
) -> Result<Cow<'a, str>, HttpError> {
    let below = path.get(root.len()..).unwrap_or_default();
    let raw = below.split('/').nth(position + 1).unwrap_or_default();
    decode(raw).ok_or_else(|| HttpError::bad("URIError", format!("Failed to decode param '{raw}'")))
}

fn decode(raw: &str) -> Option<Cow<'_, str>> {
    let mut escapes = raw.split('%').skip(1);
    let digits = |escape: &str| {
        let digits = escape.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !escapes.all(digits) {
        return None;
    }
    percent_decode_str(raw).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_is_that_of_javascript() {
        for (raw, decoded) in [
            ("u1", Some("u1")),
            ("odd%20user%2Fwith%3Fchars", Some("odd user/with?chars")),
            ("%C3%A9l%C3%A8ve-%F0%9F%98%80", Some("élève-😀")),
            ("a+b", Some("a+b")),
            ("'%3B--", Some("';--")),
            ("%E0%A4%A", None),
            ("100%", None),
            ("%zz", None),
            ("%ff", None),
            ("%ED%A0%80", None),
            ("%C0%80", None),
        ] {
            assert_eq!(decode(raw).as_deref(), decoded, "{raw}");
        }
    }

    #[test]
    fn positions_count_below_the_root_path() {
        let at = |path, root, position| parameter(path, root, position).unwrap().into_owned();
        assert_eq!(at("/api/v1/bots/b/converse/u", "", 3), "b");
        assert_eq!(at("/chat/x/api/v1/bots/b/converse/u%20v", "/chat/x", 5), "u v");
        let error = parameter("/a/%E0%A4%A", "", 1).unwrap_err();
        assert!(error.body().contains("\"Failed to decode param '%E0%A4%A'\""));
    }
}
