//! The cookie of cookie mode, and `jwtToken.cookieOptions` (`spec` http 2.3, 2.4).

use std::fmt::Write as _;
use std::time::Duration;

use axum::http::HeaderValue;
use serde_json::{Map, Value};

use super::super::token::COOKIE;

/// What surrounds the token in its cookie. `HttpOnly` and `SameSite=Lax` unless the configuration says
/// otherwise, and `Secure` where the outside comes by https.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieRules {
    domain: Option<String>,
    path: String,
    /// In milliseconds; otherwise as long as the token holds.
    max_age: Option<u64>,
    secure: bool,
    http_only: bool,
    same_site: Option<&'static str>,
}

impl CookieRules {
    /// The rules of a server that is reached at `external_url`, with the options of the configuration laid over
    /// them. The error names the option that cannot be used, and what it may be.
    pub fn new(options: &Map<String, Value>, external_url: &str) -> Result<Self, String> {
        let mut rules = Self {
            domain: None,
            path: "/".to_owned(),
            max_age: None,
            secure: external_url.starts_with("https://"),
            http_only: true,
            same_site: Some("Lax"),
        };
        for (name, value) in options {
            rules.set(name, value).map_err(|allowed| format!("{name}: must be {allowed}"))?;
        }
        Ok(rules)
    }

    fn set(&mut self, name: &str, value: &Value) -> Result<(), &'static str> {
        const TEXT: &str = "a text of visible ASCII characters without a semicolon";
        const SWITCH: &str = "true or false";
        let text = || value.as_str().filter(|text| is_plain(text)).map(str::to_owned).ok_or(TEXT);
        match name {
            "domain" => self.domain = Some(text()?),
            "path" => self.path = text()?,
            "maxAge" => {
                self.max_age = Some(value.as_u64().ok_or("a number of milliseconds")?);
            }
            "secure" => self.secure = value.as_bool().ok_or(SWITCH)?,
            "httpOnly" => self.http_only = value.as_bool().ok_or(SWITCH)?,
            "sameSite" => self.same_site = same_site(value)?,
            _ => tracing::warn!(option = name, "jwtToken.cookieOptions: unknown, left out"),
        }
        Ok(())
    }

    /// The header field for a token that holds so long; `None` for one that no header can carry.
    pub(super) fn cookie(&self, token: &str, valid_for: Duration) -> Option<HeaderValue> {
        let seconds = self.max_age.map_or(valid_for.as_secs(), |millis| millis / 1000);
        let mut text = format!("{COOKIE}={token}; Max-Age={seconds}; Path={}", self.path);
        if let Some(domain) = &self.domain {
            // A `String` takes all that is written to it.
            let _ = write!(text, "; Domain={domain}");
        }
        if self.http_only {
            text.push_str("; HttpOnly");
        }
        if self.secure {
            text.push_str("; Secure");
        }
        if let Some(same_site) = self.same_site {
            let _ = write!(text, "; SameSite={same_site}");
        }
        HeaderValue::try_from(text).ok()
    }

    /// The header field that takes the cookie away.
    pub(super) fn removal(&self) -> Option<HeaderValue> {
        let rules = Self { max_age: Some(0), ..self.clone() };
        rules.cookie("", Duration::ZERO)
    }
}

/// Express' values: `true` is strict, `false` leaves it out.
fn same_site(value: &Value) -> Result<Option<&'static str>, &'static str> {
    match value {
        Value::Bool(true) => Ok(Some("Strict")),
        Value::Bool(false) => Ok(None),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "strict" => Ok(Some("Strict")),
            "lax" => Ok(Some("Lax")),
            "none" => Ok(Some("None")),
            _ => Err("strict, lax, none, true or false"),
        },
        _ => Err("strict, lax, none, true or false"),
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cookie(options: &Value, external_url: &str) -> Result<String, String> {
        let rules = CookieRules::new(options.as_object().unwrap(), external_url)?;
        let cookie = rules.cookie("a.b.c", Duration::from_hours(1)).unwrap();
        Ok(cookie.to_str().unwrap().to_owned())
    }

    #[test]
    fn scripts_and_other_sites_cannot_use_the_cookie_unless_the_operator_says_so() {
        let plain = "jwtToken=a.b.c; Max-Age=3600; Path=/; HttpOnly";
        for (options, url, expected) in [
            (json!({}), "http://a.b", "; SameSite=Lax"),
            (json!({}), "https://a.b", "; Secure; SameSite=Lax"),
            (json!({"secure": false}), "https://a.b", "; SameSite=Lax"),
            (json!({"sameSite": "none", "secure": true}), "http://a.b", "; Secure; SameSite=None"),
            (json!({"sameSite": true}), "http://a.b", "; SameSite=Strict"),
            (json!({"sameSite": false, "priority": "high"}), "http://a.b", ""),
        ] {
            assert_eq!(cookie(&options, url), Ok(format!("{plain}{expected}")));
        }
        let all = json!({"domain": "a.b", "path": "/x", "maxAge": 5000, "httpOnly": false});
        let expected = "jwtToken=a.b.c; Max-Age=5; Path=/x; Domain=a.b; SameSite=Lax";
        assert_eq!(cookie(&all, "http://a.b"), Ok(expected.to_owned()));
    }

    #[test]
    fn an_option_that_cannot_be_used_is_named() {
        for (options, name) in [
            (json!({"domain": "a; Secure"}), "domain: "),
            (json!({"path": ""}), "path: "),
            (json!({"maxAge": "1h"}), "maxAge: "),
            (json!({"secure": "yes"}), "secure: "),
            (json!({"httpOnly": 1}), "httpOnly: "),
            (json!({"sameSite": "loose"}), "sameSite: "),
        ] {
            let error = cookie(&options, "http://a.b").unwrap_err();
            assert!(error.starts_with(name), "{error}");
        }
    }

    #[test]
    fn a_cookie_is_taken_away_where_it_was_set() {
        let options = json!({"path": "/x", "maxAge": 5000});
        let rules = CookieRules::new(options.as_object().unwrap(), "https://a.b").unwrap();
        let expected = "jwtToken=; Max-Age=0; Path=/x; HttpOnly; Secure; SameSite=Lax";
        assert_eq!(rules.removal().unwrap(), expected);
    }
}
