//! `httpServer` (`spec` runtime 1.4, http 1.12, 3.8).

use std::net::IpAddr;
use std::ops::RangeInclusive;

use axum::http::{HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use super::problem::Problem;
use super::reader::{Reader, parse_switch, shown};
use super::{CorsConfig, HttpConfig, limits};

const DEFAULT_HOST: &str = "127.0.0.1";
const DEFAULT_PORT: u16 = 3000;
/// v12's `10mb`.
const DEFAULT_BODY_LIMIT: usize = 10 << 20;
const BODY_LIMITS: RangeInclusive<u64> = 1_024..=1 << 30;

/// More proxies than this in a row are a mistake.
const MAX_HOPS: usize = 16;

/// Headers that belong to the connection: setting them would break answers.
const NOT_SETTABLE: [&str; 6] =
    ["connection", "content-encoding", "content-length", "te", "transfer-encoding", "upgrade"];

/// Reads the section and the variables that belong to it.
pub(super) fn read(reader: &mut Reader<'_>) -> HttpConfig {
    let host = reader
        .text("httpServer.host", "an address or a host name; 0.0.0.0 for all interfaces", host)
        .unwrap_or_else(|| DEFAULT_HOST.to_owned());
    let port = reader.whole("httpServer.port", 0..=u64::from(u16::MAX));
    let port = port.and_then(|port| u16::try_from(port).ok()).unwrap_or(DEFAULT_PORT);
    let body_limit = reader.bytes("httpServer.bodyLimit", BODY_LIMITS);
    let (external_url, root_path) = match external_url(reader) {
        Some(configured) => configured,
        None => (HttpConfig::own_url(&host, port), String::new()),
    };
    HttpConfig {
        body_limit: body_limit
            .and_then(|bytes| usize::try_from(bytes).ok())
            .unwrap_or(DEFAULT_BODY_LIMIT),
        cors: cors(reader),
        external_url,
        root_path,
        headers: headers(reader),
        rate_limits: limits::of_server(reader),
        trusted_hops: reader
            .variable(
                "REVERSE_PROXY",
                "yes, no, or how many proxies stand in front (not their addresses)",
                hops,
            )
            .unwrap_or(0),
        gzip: !reader
            .variable("BP_HTTP_DISABLE_GZIP", "true or false", parse_switch)
            .unwrap_or(false),
        host,
        port,
    }
}

/// v12 takes `localhost` for all interfaces; here it means what it says.
fn host(text: &str) -> Option<String> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let valid = bare.parse::<IpAddr>().is_ok() || !bare.is_empty() && bare.chars().all(in_name);
    let localhost = bare.eq_ignore_ascii_case("localhost");
    valid.then(|| if localhost { DEFAULT_HOST } else { bare }.to_owned())
}

fn hops(text: &str) -> Option<usize> {
    let counted = text.trim().parse().ok().filter(|hops| *hops <= MAX_HOPS);
    counted.or_else(|| parse_switch(text).map(usize::from))
}

/// The configured URL and the path in it, both without a slash at their ends.
fn external_url(reader: &mut Reader<'_>) -> Option<(String, String)> {
    const KEY: &str = "httpServer.externalUrl";
    if reader.value(KEY)?.as_str().is_some_and(|text| text.trim().is_empty()) {
        return None;
    }
    let allowed = "an http or https URL, such as \"https://example.com/chat\": no query, no \
                   credentials, in its path only letters, digits and . _ ~ -";
    reader.text(KEY, allowed, |text| {
        let url = Url::parse(text.trim()).ok()?;
        let path = url.path().trim_end_matches('/');
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '~' | '-');
        let usable = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && path.chars().all(plain)
            && !path.contains("//");
        usable.then(|| (url.as_str().trim_end_matches('/').to_owned(), path.to_owned()))
    })
}

fn cors(reader: &mut Reader<'_>) -> Option<CorsConfig> {
    let enabled = reader.switch("httpServer.cors.enabled").unwrap_or(true);
    let credentials = reader.switch("httpServer.cors.credentials").unwrap_or(false);
    let origins = origins(reader)?;
    if enabled && credentials && origins.is_empty() {
        reader.warn(
            reader.origin("httpServer.cors.credentials"),
            "httpServer.cors.credentials: without effect while every site may call; name the \
             sites in httpServer.cors.origin",
        );
    }
    enabled.then_some(CorsConfig { origins, credentials })
}

/// The origins that may call; none means all, `None` that no one may.
fn origins(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    const KEY: &str = "httpServer.cors.origin";
    let any = || Some(Vec::new());
    let listed = match reader.value(KEY) {
        None | Some(Value::Bool(true)) => return any(),
        Some(Value::Bool(false)) => return None,
        Some(Value::Array(items)) => items.iter().map(Value::as_str).collect(),
        Some(value) => value.as_str().map(|origin| vec![origin]),
    };
    let origins: Option<Vec<String>> =
        listed.and_then(|origins: Vec<&str>| origins.into_iter().map(origin).collect());
    match origins {
        Some(origins) if origins.is_empty() => None,
        Some(origins) if origins.iter().any(|origin| origin == "*") => any(),
        Some(origins) => Some(origins),
        None => {
            reader.refuse(
                KEY,
                "true, false, \"*\", an origin such as \"https://example.com\", or a list of them",
            );
            any()
        }
    }
}

/// One origin, as browsers send it.
fn origin(text: &str) -> Option<String> {
    let text = text.trim();
    if text == "*" {
        return Some(text.to_owned());
    }
    let url = Url::parse(text).ok()?;
    let bare = matches!(url.scheme(), "http" | "https")
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    bare.then(|| url.origin().ascii_serialization())
}

fn headers(reader: &mut Reader<'_>) -> Vec<(String, String)> {
    const KEY: &str = "httpServer.headers";
    let Some(value) = reader.value(KEY) else {
        return Vec::new();
    };
    let Value::Object(fields) = value else {
        reader.refuse(KEY, "an object of header names and their values");
        return Vec::new();
    };
    let mut headers = Vec::new();
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        match header(name, value) {
            Ok(header) => headers.push(header),
            Err(allowed) => reader.problem(Problem {
                origin: reader.origin_of(&["httpServer", "headers", name]),
                key: Some(format!("{KEY}.{name}")),
                found: shown(value),
                allowed: allowed.to_owned(),
            }),
        }
    }
    headers
}

fn header(name: &str, value: &Value) -> Result<(String, String), &'static str> {
    let name = HeaderName::try_from(name).map_err(|_| "a valid header name")?;
    if NOT_SETTABLE.contains(&name.as_str()) {
        return Err("any header but those of the connection itself");
    }
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return Err("a text"),
    };
    HeaderValue::try_from(&text).map_err(|_| "a text without line breaks or control characters")?;
    Ok((name.as_str().to_owned(), text))
}

impl HttpConfig {
    /// The URL of a server that no outside URL was configured for.
    fn own_url(host: &str, port: u16) -> String {
        match host.parse::<IpAddr>() {
            Ok(ip) if ip.is_unspecified() => format!("http://{DEFAULT_HOST}:{port}"),
            Ok(IpAddr::V6(ip)) => format!("http://[{ip}]:{port}"),
            _ => format!("http://{host}:{port}"),
        }
    }

    /// Takes over the port that the listener got: it differs from the configured one when that is
    /// 0. The external URL follows, unless it was configured.
    pub fn listening_on(&mut self, port: u16) {
        if self.external_url == Self::own_url(&self.host, self.port) {
            self.external_url = Self::own_url(&self.host, port);
        }
        self.port = port;
    }
}
