//! A call that is sent on: where to, and what of it goes along (RFC 9110 15.4). Every hop is checked
//! like the first.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, header};
use url::Url;

use super::error::{OutboundError, Rule};
use super::headers;
use super::policy::{Policy, Target};

/// One hop of a call.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    pub(super) method: Method,
    pub(super) target: Target,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Whether an answer sends the call on, and where to.
pub(super) fn location(status: u16, headers: &HeaderMap) -> Option<String> {
    let location = headers.get(header::LOCATION)?;
    let sends_on = matches!(status, 301 | 302 | 303 | 307 | 308);
    sends_on.then(|| String::from_utf8_lossy(location.as_bytes()).into_owned())
}

impl Hop {
    /// The next hop, after an answer of this status and `Location`.
    pub(super) fn next(
        mut self,
        status: u16,
        location: &str,
        policy: &Policy,
    ) -> Result<Self, OutboundError> {
        let from = &self.target.url;
        let to = from.join(location).map_err(|error| {
            let problem = format!("it sends the call on to no URL: {error}");
            OutboundError::Broken { host: self.target.host.clone(), problem }
        })?;
        let target = policy.check(to)?;
        if from.scheme() == "https" && target.url.scheme() == "http" {
            return Err(OutboundError::Refused { host: target.host, rule: Rule::Downgrade });
        }
        if !is_same_origin(from, &target.url) {
            headers::keep_for_strangers(&mut self.headers);
        }
        let becomes_get = match status {
            303 => self.method != Method::HEAD,
            301 | 302 => self.method == Method::POST,
            _ => false,
        };
        if becomes_get {
            self.method = Method::GET;
            self.body = Bytes::new();
            headers::drop_body(&mut self.headers);
        }
        Ok(Self { target, ..self })
    }
}

fn is_same_origin(a: &Url, b: &Url) -> bool {
    a.origin() == b.origin()
}

#[cfg(test)]
mod tests {
    use crate::config::OutboundConfig;

    use super::*;

    fn hop(method: Method, url: &str) -> Hop {
        let policy = Policy::new(&OutboundConfig::default());
        let text = |name: &str| (name.to_owned(), "x".to_owned());
        let headers = headers::read(&["authorization", "accept", "content-type"].map(text));
        let (headers, body) = (headers.unwrap(), Bytes::from_static(b"secret"));
        Hop { method, target: policy.read(url).unwrap(), headers, body }
    }

    fn sent_on(from: Hop, status: u16, location: &str) -> Result<Hop, OutboundError> {
        from.next(status, location, &Policy::new(&OutboundConfig::default()))
    }

    #[test]
    fn secrets_stay_with_their_origin() {
        for (location, kept) in [
            ("/other", true),
            ("https://a.example/other", true),
            ("https://a.example:443/", true),
            ("https://a.example:8443/", false),
            ("https://b.example/", false),
            ("//b.example/", false),
        ] {
            let next = sent_on(hop(Method::GET, "https://a.example/x"), 307, location).unwrap();
            assert_eq!(next.headers.contains_key("authorization"), kept, "{location}");
            assert!(next.headers.contains_key("accept"));
        }
    }

    #[test]
    fn methods_and_bodies_follow_the_standard() {
        let table = [
            (301, Method::POST, Method::GET),
            (302, Method::POST, Method::GET),
            (302, Method::PUT, Method::PUT),
            (303, Method::PUT, Method::GET),
            (303, Method::HEAD, Method::HEAD),
            (307, Method::POST, Method::POST),
            (308, Method::DELETE, Method::DELETE),
        ];
        for (status, before, after) in table {
            let next = sent_on(hop(before.clone(), "http://a.example/"), status, "/b").unwrap();
            let changed = before != after;
            assert_eq!(next.method, after, "{status} {before}");
            assert_eq!(next.body.is_empty(), changed, "{status} {before}");
            assert_eq!(next.headers.contains_key("content-type"), !changed, "{status} {before}");
        }
    }

    #[test]
    fn every_hop_keeps_to_the_rules() {
        for (location, rule) in [
            ("file:///etc/passwd", Rule::Scheme),
            ("gopher://a.example/", Rule::Scheme),
            ("http://a.example/", Rule::Downgrade),
            ("https://169.254.169.254/latest", Rule::Address),
            ("https://[::ffff:7f00:1]/", Rule::Address),
            ("https://u:p@b.example/", Rule::Credentials),
            ("https://b.example:6379/", Rule::Port(6379)),
        ] {
            let refused = sent_on(hop(Method::GET, "https://a.example/"), 302, location);
            match refused {
                Err(OutboundError::Refused { rule: found, .. }) => {
                    assert_eq!(found, rule, "{location}");
                }
                other => panic!("{location}: {other:?}"),
            }
        }
        assert!(sent_on(hop(Method::GET, "http://a.example/"), 302, "https://a.example/").is_ok());
        assert!(sent_on(hop(Method::GET, "http://a.example/"), 302, "http://[/").is_err());
    }

    #[test]
    fn only_redirects_with_a_place_send_a_call_on() {
        let place: HeaderMap = [(header::LOCATION, "/x".parse().unwrap())].into_iter().collect();
        for (status, on) in [(200, false), (300, false), (302, true), (304, false), (308, true)] {
            assert_eq!(location(status, &place).is_some(), on, "{status}");
        }
        assert_eq!(location(302, &HeaderMap::new()), None);
    }
}
