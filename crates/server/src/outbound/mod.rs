//! The one client for calls to other servers, guarded against being turned on the inner network
//! (`spec` reliability 5.4).
//!
//! Data flows [`OutboundRequest`] → `headers` and `policy` (the URL, and an address in it) → `gate` (a
//! place among the calls under way) → `resolve` (the name, once; every address is checked, and the
//! connection goes to a checked one) → `body` (read and unpacked up to a limit) → [`OutboundAnswer`];
//! an answer that sends the call on goes through `redirect`, and from the start.
//!
//! Connections are not kept: whoever chooses a URL could make the server keep as many as it likes, and
//! a kept one would outlive the check of its name. Nothing here logs a header, a body or a query.
//! What is done with answers does not live here.

mod address;
mod body;
mod client;
mod error;
mod fetch_json;
mod gate;
mod headers;
mod policy;
mod redirect;
mod resolve;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use url::Url;

pub use client::Outbound;
pub use error::{OutboundError, Rule};
pub use policy::normal_host;

/// A call to another server.
#[derive(Clone)]
pub struct OutboundRequest {
    /// Any method but `CONNECT` and `TRACE`.
    pub method: Method,
    /// Where to: an absolute `http` or `https` URL.
    pub url: String,
    /// Names and values; those of the connection (`Host`, `Content-Length`, …) cannot be set.
    pub headers: Vec<(String, String)>,
    /// What is sent; may be empty.
    pub body: Bytes,
    /// How long, how much, how far.
    pub limits: Limits,
}

/// Bounds of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time for everything, waiting for a place included.
    pub total: Duration,
    /// Largest body of the answer in bytes, as it comes and unpacked.
    pub max_bytes: usize,
    /// How often the call may be sent on. At 0 an answer that would is an answer like any other.
    pub redirects: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: Duration::from_secs(15), max_bytes: 1 << 20, redirects: 0 }
    }
}

/// What another server answered; any status is an answer.
#[derive(Clone)]
pub struct OutboundAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers. A body that came packed is unpacked, and its `Content-Encoding` and `Content-Length`
    /// are gone.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// Where the answer came from: the URL of the last hop.
    pub url: Url,
}

impl OutboundRequest {
    /// A `GET` with the usual limits.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            headers: Vec::new(),
            body: Bytes::new(),
            limits: Limits::default(),
        }
    }
}

/// URLs, headers and bodies hold secrets: none of them is shown.
impl fmt::Debug for OutboundRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("OutboundRequest");
        shown.field("method", &self.method).field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// Headers and bodies hold secrets: neither is shown.
impl fmt::Debug for OutboundAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("OutboundAnswer");
        shown.field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}
