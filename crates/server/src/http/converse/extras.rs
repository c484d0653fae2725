//! What callers may ask for and v12 does not know: an idempotency key, a timeout, a stream of
//! events (`spec` http 9.3). Off unless asked for.

use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use parlance_core::duration::parse_ms;

use super::super::error::HttpError;

/// Longest idempotency key, in bytes.
const LONGEST_KEY: usize = 255;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extras {
    /// `Idempotency-Key`.
    pub(super) idempotency_key: Option<String>,
    /// `?timeout=`.
    pub(super) timeout: Option<Duration>,
    /// Whether `Accept` names a stream of events.
    pub(super) events: bool,
}

impl Extras {
    /// What this request asks for; 400 for what cannot be given.
    pub(super) fn of(parts: &Parts, max_timeout: Duration) -> Result<Self, HttpError> {
        Ok(Self {
            idempotency_key: idempotency_key(&parts.headers)?,
            timeout: parts.uri.query().map_or(Ok(None), |query| timeout(query, max_timeout))?,
            events: accepts_events(&parts.headers),
        })
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, HttpError> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    let valid = keys.next().is_none()
        && (1..=LONGEST_KEY).contains(&key.len())
        && key.as_bytes().iter().all(u8::is_ascii_graphic);
    match key.to_str() {
        Ok(key) if valid => Ok(Some(key.to_owned())),
        _ => Err(HttpError::bad_request(&format!(
            "Idempotency-Key must be given once, as 1 to {LONGEST_KEY} visible ASCII characters"
        ))),
    }
}

fn timeout(query: &str, longest: Duration) -> Result<Option<Duration>, HttpError> {
    let mut given = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "timeout");
    let Some((_, text)) = given.next() else {
        return Ok(None);
    };
    let once = given.next().is_none();
    let timeout = parse_ms(&text).filter(|millis| once && *millis > 0).map(Duration::from_millis);
    match timeout {
        Some(timeout) if timeout <= longest => Ok(Some(timeout)),
        Some(_) => Err(HttpError::bad_request(&format!(
            "timeout must be at most {} ms",
            longest.as_millis()
        ))),
        None => Err(HttpError::bad_request(
            "timeout must be given once, as a duration like 20s, 1500ms or 1500",
        )),
    }
}

/// Whether a stream of events is named; whoever takes anything gets JSON.
fn accepts_events(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|value| {
        value.to_str().is_ok_and(|value| {
            value.split(',').any(|item| {
                let mut parts = item.split(';').map(str::trim);
                let named =
                    parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/event-stream"));
                // A weight of zero means "not this one" (RFC 9110 section 12.4.2).
                let weight = parts.find_map(|part| part.strip_prefix("q="));
                named && weight.and_then(|weight| weight.parse::<f32>().ok()) != Some(0.0)
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn extras(uri: &str, headers: &[(&str, &str)]) -> Result<Extras, String> {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Extras::of(&parts, Duration::from_mins(1)).map_err(|error| error.body())
    }

    #[test]
    fn nothing_is_on_unless_asked_for() {
        let extras = extras("/?include=responses", &[("accept", "*/*")]).unwrap();
        assert_eq!(extras, Extras { idempotency_key: None, timeout: None, events: false });
    }

    #[test]
    fn a_timeout_is_a_duration_up_to_the_maximum() {
        for (text, millis) in [("20s", 20_000), ("1500", 1500), ("1m", 60_000), ("1.5s", 1500)] {
            let timeout = extras(&format!("/?timeout={text}"), &[]).unwrap().timeout;
            assert_eq!(timeout, Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "0", "soon", "-5s", "5s&timeout=6s", "1e9", "61s", "NaN"] {
            let error = extras(&format!("/?timeout={text}"), &[]).unwrap_err();
            assert!(error.contains("Bad Request: timeout must be "), "{text}: {error}");
        }
    }

    #[test]
    fn an_idempotency_key_is_short_and_visible() {
        let key = |values: &[&str]| {
            let headers: Vec<_> = values.iter().map(|value| ("idempotency-key", *value)).collect();
            extras("/", &headers).map(|extras| extras.idempotency_key)
        };
        assert_eq!(key(&["a-1"]), Ok(Some("a-1".to_owned())));
        assert!(key(&[&"x".repeat(255)]).is_ok());
        for bad in [&[""][..], &["a b"], &["é"], &[&"x".repeat(256)], &["a", "a"]] {
            assert!(key(bad).unwrap_err().contains("Idempotency-Key must be"), "{bad:?}");
        }
    }

    #[test]
    fn events_are_sent_to_who_names_them() {
        for (accept, events) in [
            ("text/event-stream", true),
            ("application/json, Text/Event-Stream;q=0.9", true),
            ("application/json, text/event-stream;q=0", false),
            ("text/*", false),
            ("*/*", false),
            ("application/json", false),
        ] {
            assert_eq!(extras("/", &[("accept", accept)]).unwrap().events, events, "{accept}");
        }
    }
}
