//! How a request presents its token (`spec` http 2.3, 2.6).

use axum::http::{HeaderMap, HeaderName, header};

use super::error::HttpError;
use crate::auth::service::{Presented, bearer};

/// Ties a cookie to the page that may use it.
const CSRF: HeaderName = HeaderName::from_static("csrf-token");
/// The cookie that holds the token.
pub(super) const COOKIE: &str = "jwtToken";

/// The token of a request: from `Authorization`, or where `cookies` are in use from the cookie.
/// A header counts before a cookie, so that API keys work either way.
pub(super) fn presented(headers: &HeaderMap, cookies: bool) -> Result<Presented<'_>, HttpError> {
    match headers.get(header::AUTHORIZATION) {
        None if cookies => cookie(headers),
        value => {
            // What is no text is no token: checking it refuses it.
            let value = value.map(|value| value.to_str().unwrap_or("Bearer \u{fffd}"));
            Ok(Presented::Bearer(bearer(value)?))
        }
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
    Ok(Presented::Cookie { token, csrf })
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
    fn cookies_count_only_where_they_are_in_use() {
        let with = headers(&[("cookie", "a=b; jwtToken=abc; c=d"), ("csrf-token", "xyz")]);
        assert!(presented(&with, false).is_err());
        let found = presented(&with, true).unwrap();
        assert!(matches!(found, Presented::Cookie { token: "abc", csrf: Some("xyz") }));
        let without = headers(&[("cookie", "jwtToken=abc")]);
        let found = presented(&without, true).unwrap();
        assert!(matches!(found, Presented::Cookie { token: "abc", csrf: None }));
        let error = presented(&headers(&[("cookie", "x=abc")]), true).unwrap_err();
        assert!(error.body().contains("Unauthorized: jwtToken cookie is missing"));
        let both = headers(&[("cookie", "jwtToken=abc"), ("authorization", "Bearer key")]);
        assert!(matches!(presented(&both, true).unwrap(), Presented::Bearer("key")));
    }
}
