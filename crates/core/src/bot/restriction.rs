//! Restrictions of the Converse API that a bot or the server may set: how often may be asked, and
//! from which sites' pages.
//!
//! Does not live here: reading them from a file (`config_file`, and the server's `config`), counting
//! and refusing (the server's `http`).

use std::collections::BTreeSet;
use std::net::Ipv6Addr;
use std::ops::RangeInclusive;
use std::time::Duration;

/// So many requests in so long a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests in a window; at least one.
    pub limit: u32,
    /// Length of the window, one of [`RateLimit::WINDOWS`].
    pub window: Duration,
}

impl RateLimit {
    /// How long a window may be.
    pub const WINDOWS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);

    /// The least that a limit can allow. What cannot be read of a bot's limit counts as this, for
    /// who wrote it did not want the bot to be unlimited.
    pub const STRICTEST: Self = Self { limit: 1, window: Duration::from_hours(24) };
}

/// The sites whose pages may talk to a bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// All of them.
    Everybody,
    /// These, as browsers send them in `Origin`. None at all refuses every page.
    Only(BTreeSet<String>),
}

impl AllowedOrigins {
    /// Whether a page of `origin`, as its browser sends it, may talk to the bot.
    pub fn allows(&self, origin: &str) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only(origins) => origins.contains(origin),
        }
    }
}

/// An origin as browsers send it, such as `https://shop.example:8443`: scheme and host in lower
/// case, without the port that the scheme has anyway and without a slash at the end.
///
/// `None` for everything else: a host that is not ASCII (browsers send its `xn--` form), a path, a
/// wildcard, and `null`, which any page can make its browser send.
pub fn parse_origin(text: &str) -> Option<String> {
    let (scheme, rest) = text.trim().split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let valid =
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(in_scheme);
    if !valid || scheme == "file" {
        return None;
    }
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = if authority.starts_with('[') {
        let end = authority.find(']')?;
        authority.split_at_checked(end.checked_add(1)?)?
    } else {
        authority.split_at_checked(authority.find(':').unwrap_or(authority.len()))?
    };
    let host = host_name(host)?;
    if port.is_empty() {
        return Some(format!("{scheme}://{host}"));
    }
    let port = port_number(port)?;
    if default_port(&scheme) == Some(port) {
        return Some(format!("{scheme}://{host}"));
    }
    Some(format!("{scheme}://{host}:{port}"))
}

fn host_name(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().ok().map(|address| format!("[{address}]"));
    }
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (!host.is_empty() && host.chars().all(in_name)).then(|| host.to_ascii_lowercase())
}

/// The port of `:8080`.
fn port_number(text: &str) -> Option<u16> {
    let digits = text.strip_prefix(':')?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| plain && *port != 0)
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn origins_are_brought_to_the_form_that_browsers_send() {
        for (text, expected) in [
            ("https://shop.example", "https://shop.example"),
            (" HTTPS://Shop.Example/ ", "https://shop.example"),
            ("https://shop.example:443", "https://shop.example"),
            ("http://shop.example:443", "http://shop.example:443"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
            ("capacitor://localhost", "capacitor://localhost"),
            ("chrome-extension://abcdefgh", "chrome-extension://abcdefgh"),
        ] {
            assert_eq!(parse_origin(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_no_browser_sends_is_no_origin() {
        for text in [
            "",
            "null",
            "*",
            "shop.example",
            "//shop.example",
            "https://",
            "https:///",
            "https://shop.example/chat",
            "https://shop.example//",
            "https://shop.example?x",
            "https://shop.example#x",
            "https://user@shop.example",
            "https://*.shop.example",
            "https://bücher.example",
            "https://shop example",
            "https://shop.example:",
            "https://shop.example:0",
            "https://shop.example:+1",
            "https://shop.example:65536",
            "https://shop.example:1:2",
            "https://[::1",
            "https://[::1]x",
            "https://[shop.example]",
            "1x://shop.example",
            "file://shop.example",
        ] {
            assert_eq!(parse_origin(text), None, "{text}");
        }
    }

    #[test]
    fn a_list_admits_what_it_names_and_an_empty_one_nobody() {
        let only = |origins: &[&str]| {
            AllowedOrigins::Only(origins.iter().map(|origin| (*origin).to_owned()).collect())
        };
        let listed = only(&["https://a.example", "https://b.example"]);
        assert!(listed.allows("https://b.example"));
        for other in
            ["https://a.example.evil", "http://a.example", "https://a.example:8443", "null", ""]
        {
            assert!(!listed.allows(other), "{other}");
            assert!(!only(&[]).allows(other), "{other}");
            assert!(AllowedOrigins::Everybody.allows(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn an_origin_stays_as_it_is_once_it_is_one(text in "(https?|app)://[a-zA-Z0-9.:\\[\\]/@-]{0,20}") {
            if let Some(origin) = parse_origin(&text) {
                prop_assert_eq!(parse_origin(&origin), Some(origin));
            }
        }
    }
}
