//! What surrounds every endpoint: request id, rate limit, panics, headers, compression, metrics.
//!
//! One layer does it all, so that a request pays for one.

use std::any::Any;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use tower::{Layer, Service};

use super::client_ip::{client_ip, client_number};
use super::error::HttpError;
use super::gzip;
use super::headers::{NOSNIFF, REQUEST_ID, RESPONSE_TIME, RequestId, configured, request_id};
use super::limits::{Limiter, Verdict};
use super::settings::{Settings, SettingsError};
use crate::clock::instant;
use crate::ops::metrics::{Endpoint, Limit};

/// What all endpoints share.
struct Shared {
    headers: Vec<(HeaderName, HeaderValue)>,
    limiter: Option<Limiter>,
    trusted_hops: usize,
    gzip: bool,
}

/// Makes the layer of each endpoint.
#[derive(Clone)]
pub(super) struct Edge {
    shared: Arc<Shared>,
}

impl Edge {
    /// The edge for these settings.
    pub(super) fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let shared = Shared {
            headers: configured(&settings.headers)?,
            limiter: settings.rate_limits.ip.map(|limit| Limiter::new(Limit::Ip, limit)),
            trusted_hops: settings.trusted_hops,
            gzip: settings.gzip,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The layer of one endpoint, called `name` in the log. Probes are not `limited`.
    pub(super) fn around(
        &self,
        name: &'static str,
        endpoint: Arc<Endpoint>,
        limited: bool,
    ) -> EdgeLayer {
        let shared = Arc::clone(&self.shared);
        EdgeLayer { shared, name, endpoint, limited, guarded: false }
    }
}

/// The layer of one endpoint.
#[derive(Clone)]
pub(super) struct EdgeLayer {
    shared: Arc<Shared>,
    name: &'static str,
    endpoint: Arc<Endpoint>,
    limited: bool,
    guarded: bool,
}

impl EdgeLayer {
    /// With a guard inside, who wants to know the request's id.
    pub(super) fn guarded(mut self) -> Self {
        self.guarded = true;
        self
    }
}

impl<I> Layer<I> for EdgeLayer {
    type Service = EdgeService<I>;

    fn layer(&self, inner: I) -> Self::Service {
        EdgeService { inner, layer: self.clone() }
    }
}

/// An endpoint with its surroundings.
#[derive(Clone)]
pub(super) struct EdgeService<I> {
    inner: I,
    layer: EdgeLayer,
}

impl<I> Service<Request> for EdgeService<I>
where
    I: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    I::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The clone may not be ready, the service that was asked is: it answers.
        let spare = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, spare);
        let layer = self.layer.clone();
        Box::pin(async move { Ok(layer.answer(&mut inner, request).await) })
    }
}

impl EdgeLayer {
    async fn answer<I>(&self, inner: &mut I, mut request: Request) -> Response
    where
        I: Service<Request, Response = Response, Error = Infallible>,
    {
        let started = instant();
        let id = request_id(request.headers());
        let gzip = self.shared.gzip && gzip::accepted(request.headers());
        let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
        let verdict = self.verdict(&request);
        if self.guarded {
            request.extensions_mut().insert(RequestId(id.clone()));
        }
        let refused = verdict.as_ref().is_some_and(|verdict| !verdict.allowed);
        let mut response = if refused {
            HttpError::too_many().into_response()
        } else {
            // Nothing that a panic left half-changed is used again: the request is gone with it.
            let answer = AssertUnwindSafe(async { inner.call(request).await }).catch_unwind().await;
            match answer {
                Ok(Ok(response)) => response,
                Err(panic) => panicked(&*panic, self.name, &id),
            }
        };
        if let Some(verdict) = verdict {
            verdict.write(response.headers_mut());
        }
        if gzip {
            response = gzip::compress(response).await;
        }
        if chunked {
            // A length beside it was dropped on the way in; a proxy may have believed that one
            // (RFC 9112 section 6.1).
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        self.finish(&mut response, id, started.elapsed());
        response
    }

    fn verdict(&self, request: &Request) -> Option<Verdict> {
        let limiter = self.shared.limiter.as_ref().filter(|_| self.limited)?;
        let hops = self.shared.trusted_hops;
        let address = client_ip(request.extensions(), request.headers(), hops);
        Some(limiter.check(client_number(address)))
    }

    fn finish(&self, response: &mut Response, id: HeaderValue, took: Duration) {
        let status = response.status();
        self.endpoint.answered(status.as_u16(), took);
        if status.is_server_error() {
            tracing::warn!(endpoint = self.name, status = status.as_u16(), ?id, "request failed");
        } else {
            tracing::debug!(
                endpoint = self.name,
                status = status.as_u16(),
                ?id,
                ?took,
                "request answered"
            );
        }
        let headers = response.headers_mut();
        headers.reserve(self.shared.headers.len() + 3);
        for (name, value) in &self.shared.headers {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        headers.insert(RESPONSE_TIME, millis(took));
        headers.insert(REQUEST_ID, id);
    }
}

/// `1.234ms`.
fn millis(took: Duration) -> HeaderValue {
    let mut text = String::with_capacity(12);
    let micros = took.as_micros();
    // A `String` takes all that is written to it.
    let _ = write!(text, "{}.{:03}ms", micros / 1000, micros % 1000);
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("0ms"))
}

fn panicked(panic: &(dyn Any + Send), endpoint: &str, id: &HeaderValue) -> Response {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(endpoint, ?id, message, "a handler panicked: this is a bug");
    HttpError::internal().into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_time_is_in_milliseconds() {
        assert_eq!(millis(Duration::from_micros(1_234)), "1.234ms");
        assert_eq!(millis(Duration::from_micros(7)), "0.007ms");
        assert_eq!(millis(Duration::from_secs(5)), "5000.000ms");
    }
}
