//! How a request presents its token (`spec` http 2.3, 2.6).

use axum::http::{HeaderMap, HeaderName, header};

use super::error::HttpError;

/// Ties a cookie to the page that may use it.
const CSRF: HeaderName = HeaderName::from_static("csrf-token");
/// The cookie that holds the token.
const COOKIE: &str = "jwtToken";

/// What a request presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Presented<'a> {
    /// A login's token or an API key.
    pub(super) token: &'a str,
    /// Present where the token came in a cookie: what the header says must be in the token.
    pub(super) csrf: Option<&'a str>,
}

/// The token of a request: from `Authorization`, or where `cookies` are in use from the cookie.
/// A header counts before a cookie, so that API keys work either way.
pub(super) fn presented(headers: &HeaderMap, cookies: bool) -> Result<Presented<'_>, HttpError> {
    match headers.get(header::AUTHORIZATION) {
        Some(value) => bearer(value.as_bytes()),
        None if cookies => cookie(headers),
        None => Err(HttpError::unauthorized("Authorization header is missing")),
    }
}

fn bearer(value: &[u8]) -> Result<Presented<'_>, HttpError> {
    let invalid = || HttpError::unauthorized("Invalid authentication token");
    let value = std::str::from_utf8(value).map_err(|_| invalid())?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(HttpError::unauthorized(&format!("Unknown scheme \"{scheme}\"")));
    }
    match token.split(' ').next() {
        None | Some("") => Err(HttpError::unauthorized("Authentication token is missing")),
        Some(token) => Ok(Presented { token, csrf: None }),
    }
}

fn cookie(headers: &HeaderMap) -> Result<Presented<'_>, HttpError> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';'));
    let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    let token = pairs.find(|(name, _)| *name == COOKIE).map(|(_, token)| token);
    let token = token.filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| HttpError::unauthorized("jwtToken cookie is missing"))?;
    let csrf = headers.get(CSRF).and_then(|value| value.to_str().ok());
    Ok(Presented { token, csrf: Some(csrf.unwrap_or_default()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            (HeaderName::from_static(name), axum::http::HeaderValue::from_static(value))
        });
        pairs.collect()
    }

    #[test]
    fn a_refusal_names_what_is_wrong_with_the_header() {
        let error = presented(&HeaderMap::new(), false).unwrap_err();
        assert!(error.body().contains("Unauthorized: Authorization header is missing"));
        for (value, reason) in [
            ("Basic abc", "Unknown scheme \\\"Basic\\\""),
            ("bearer", "Authentication token is missing"),
            ("Bearer ", "Authentication token is missing"),
        ] {
            let error = presented(&headers(&[("authorization", value)]), true).unwrap_err();
            assert!(error.body().contains(reason), "{value}: {}", error.body());
        }
    }

    #[test]
    fn the_scheme_is_of_any_case() {
        for value in ["Bearer abc", "bearer abc", "BEARER abc"] {
            let headers = headers(&[("authorization", value)]);
            assert_eq!(presented(&headers, false), Ok(Presented { token: "abc", csrf: None }));
        }
    }

    #[test]
    fn cookies_count_only_where_they_are_in_use() {
        let with = headers(&[("cookie", "a=b; jwtToken=abc; c=d"), ("csrf-token", "xyz")]);
        assert!(presented(&with, false).is_err());
        assert_eq!(presented(&with, true), Ok(Presented { token: "abc", csrf: Some("xyz") }));
        let without = headers(&[("cookie", "jwtToken=abc")]);
        assert_eq!(presented(&without, true).unwrap().csrf, Some(""));
        assert!(presented(&headers(&[("cookie", "x=abc")]), true).is_err());
    }
}
