//! Headers of a call: which may be set, and which go along when a call is sent on.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::error::OutboundError;

/// Headers that the client itself sets, or that belong to the connection: with them a caller could
/// pretend to call another host, or hide a second request inside the first.
const NOT_SETTABLE: [HeaderName; 13] = [
    header::ACCEPT_ENCODING,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// What another origin may see of a call that is sent on to it. Anything else may be a secret:
/// services give keys in headers of their own naming.
const FOR_STRANGERS: [HeaderName; 4] =
    [header::ACCEPT, header::ACCEPT_LANGUAGE, header::CONTENT_TYPE, header::USER_AGENT];

/// Headers that describe a body, and go when it goes.
const OF_BODY: [HeaderName; 3] =
    [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE];

/// Most headers of a call.
const MOST: usize = 100;
/// Longest name that is shown, in characters.
const SHOWN: usize = 40;

/// Checks a call's headers.
pub(super) fn read(headers: &[(String, String)]) -> Result<HeaderMap, OutboundError> {
    let mut read = HeaderMap::with_capacity(headers.len().min(MOST));
    for (index, (name, value)) in headers.iter().enumerate() {
        let bad = |problem| OutboundError::BadHeader {
            name: name.chars().take(SHOWN).collect(),
            problem,
        };
        if index == MOST {
            return Err(bad("there are too many headers"));
        }
        let known = HeaderName::try_from(name).map_err(|_| bad("it is no valid name"))?;
        if NOT_SETTABLE.contains(&known) {
            return Err(bad("it belongs to the connection"));
        }
        let value = HeaderValue::try_from(value)
            .map_err(|_| bad("its value holds a line break or another control character"))?;
        read.append(known, value);
    }
    Ok(read)
}

/// Takes out what another origin must not see.
pub(super) fn keep_for_strangers(headers: &mut HeaderMap) {
    retain(headers, |name| FOR_STRANGERS.contains(name));
}

/// Takes out what describes a body.
pub(super) fn drop_body(headers: &mut HeaderMap) {
    retain(headers, |name| !OF_BODY.contains(name));
}

fn retain(headers: &mut HeaderMap, keep: impl Fn(&HeaderName) -> bool) {
    let gone: Vec<HeaderName> = headers.keys().filter(|name| !keep(name)).cloned().collect();
    for name in gone {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, value: &str) -> Result<HeaderMap, OutboundError> {
        read(&[(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn nothing_can_be_injected_through_a_header() {
        for (name, value) in [
            ("x", "a\r\nHost: b"),
            ("x", "a\nb"),
            ("x", "a\rb"),
            ("x", "a\0b"),
            ("x\r\nHost", "b"),
            ("x y", "b"),
            ("x:", "b"),
            ("", "b"),
            ("Host", "b"),
            ("content-length", "0"),
            ("Transfer-Encoding", "chunked"),
            ("Proxy-Connection", "keep-alive"),
            ("Accept-Encoding", "br"),
        ] {
            let refused = one(name, value).unwrap_err();
            assert!(matches!(refused, OutboundError::BadHeader { .. }), "{name:?}: {value:?}");
            assert!(!refused.to_string().contains(['\r', '\n']), "{refused}");
        }
        let many: Vec<_> = (0..=MOST).map(|n| (format!("x-{n}"), String::new())).collect();
        assert!(read(&many).is_err() && read(&many[..MOST]).is_ok());
    }

    #[test]
    fn other_headers_pass_as_they_are() {
        for (name, value) in [("X-Api-Key", "s3cret"), ("Authorization", "Bearer é"), ("x", "")] {
            let headers = one(name, value).unwrap();
            assert_eq!(headers[name].as_bytes(), value.as_bytes());
        }
    }

    #[test]
    fn strangers_see_no_secrets() {
        let mut headers = HeaderMap::new();
        for name in ["authorization", "cookie", "x-api-key", "accept", "content-type"] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static("x"));
        }
        keep_for_strangers(&mut headers);
        let mut left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["accept", "content-type"]);
        drop_body(&mut headers);
        assert!(!headers.contains_key("content-type"));
    }
}
