//! A call from its request to its answer.

use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::{HeaderValue, Method, header};
use reqwest::retry;
use tokio::time::timeout;

use crate::clock;
use crate::config::OutboundConfig;
use crate::ops::metrics::{self, CallOutcome};

use super::body::{self, BadBody, Body};
use super::error::OutboundError;
use super::gate::{Gate, GateLimits};
use super::headers;
use super::policy::{ForbiddenAddress, Policy};
use super::redirect::{self, Hop};
use super::resolve::{Guarded, Lookup, System};
use super::{OutboundAnswer, OutboundRequest};

/// Time for a connection: name, connection, encryption.
const CONNECT: Duration = Duration::from_secs(5);
/// Most headers of an answer.
const ANSWER_HEADERS: usize = 100;
const AGENT: &str = concat!("Parlance/", env!("CARGO_PKG_VERSION"));

/// Calls other servers. Cheap to clone; there is one for the whole server.
#[derive(Clone)]
pub struct Outbound {
    shared: Arc<Shared>,
}

struct Shared {
    policy: Arc<Policy>,
    lookup: Arc<dyn Lookup>,
    gate: Gate,
    /// Made for the first call, as it reads all certificate authorities of the machine.
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("policy", &self.shared.policy).finish_non_exhaustive()
    }
}

impl Outbound {
    /// A client that may call what is public, and what the operator allows.
    pub fn new(config: &OutboundConfig) -> Self {
        Self::with(config, Arc::new(System::default()), GateLimits::default())
    }

    pub(super) fn with(
        config: &OutboundConfig,
        lookup: Arc<dyn Lookup>,
        limits: GateLimits,
    ) -> Self {
        let policy = Arc::new(Policy::new(config));
        let (gate, client) = (Gate::new(limits), OnceLock::new());
        Self { shared: Arc::new(Shared { policy, lookup, gate, client }) }
    }

    /// Makes a call. Whatever goes wrong is the caller's to log; refusals alone are logged here, with
    /// what the caller must not know.
    pub async fn request(&self, request: OutboundRequest) -> Result<OutboundAnswer, OutboundError> {
        let started = clock::instant();
        let result = self.shared.call(request).await;
        metrics::called(outcome(&result), started.elapsed());
        result
    }
}

impl Shared {
    async fn call(&self, request: OutboundRequest) -> Result<OutboundAnswer, OutboundError> {
        let limits = request.limits;
        let first = self.first_hop(request)?;
        let host = first.target.host.clone();
        let hops = self.follow(first, limits.redirects, limits.max_bytes);
        let late = |_| OutboundError::TimedOut { host, after: limits.total };
        timeout(limits.total, hops).await.map_err(late)?
    }

    fn first_hop(&self, request: OutboundRequest) -> Result<Hop, OutboundError> {
        let OutboundRequest { method, url, headers, body, .. } = request;
        if matches!(method, Method::CONNECT | Method::TRACE) {
            return Err(OutboundError::BadMethod(method.to_string()));
        }
        let headers = headers::read(&headers)?;
        Ok(Hop { method, target: self.policy.read(&url)?, headers, body })
    }

    async fn follow(
        &self,
        mut hop: Hop,
        limit: u8,
        max_bytes: usize,
    ) -> Result<OutboundAnswer, OutboundError> {
        for left in (0..=limit).rev() {
            let host = hop.target.host.clone();
            let place = self.gate.enter(&host).await;
            let _place = place.map_err(|_| OutboundError::Busy { host: host.clone() })?;
            let response = self.send(&hop).await?;
            let status = response.status().as_u16();
            match redirect::location(status, response.headers()).filter(|_| limit > 0) {
                None => return take(&host, response, max_bytes).await,
                Some(_) if left == 0 => break,
                Some(to) => hop = hop.next(status, &to, &self.policy)?,
            }
        }
        Err(OutboundError::TooManyRedirects { host: hop.target.host, limit })
    }

    async fn send(&self, hop: &Hop) -> Result<reqwest::Response, OutboundError> {
        let host = &hop.target.host;
        let client = self.client().map_err(|problem| OutboundError::Unreachable {
            host: host.clone(),
            problem: problem.to_owned(),
        })?;
        let mut headers = hop.headers.clone();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(body::ACCEPTED));
        let call = client.request(hop.method.clone(), hop.target.url.clone()).headers(headers);
        let call = if hop.body.is_empty() { call } else { call.body(hop.body.clone()) };
        call.send().await.map_err(|error| failure(host, &error))
    }

    fn client(&self) -> Result<&reqwest::Client, &str> {
        self.client.get_or_init(|| self.build()).as_ref().map_err(String::as_str)
    }

    fn build(&self) -> Result<reqwest::Client, String> {
        // Fails only where a provider is there already.
        drop(rustls::crypto::ring::default_provider().install_default());
        let builder = || {
            let (policy, lookup) = (Arc::clone(&self.policy), Arc::clone(&self.lookup));
            reqwest::Client::builder()
                .dns_resolver(Arc::new(Guarded { policy, lookup }))
                .redirect(reqwest::redirect::Policy::none())
                .retry(retry::never())
                .referer(false)
                .no_proxy()
                .http1_only()
                .http1_max_headers(ANSWER_HEADERS)
                .pool_max_idle_per_host(0)
                .connect_timeout(CONNECT)
                .user_agent(AGENT)
        };
        builder().build().or_else(|error| {
            tracing::warn!(
                error = root_cause(&error),
                "no certificate authorities: calls to https URLs will fail; install the system's \
                 package of them (ca-certificates)"
            );
            let without = builder().tls_certs_only(std::iter::empty()).build();
            without.map_err(|error| root_cause(&error))
        })
    }
}

/// Reads an answer to its end.
async fn take(
    host: &str,
    mut response: reqwest::Response,
    max_bytes: usize,
) -> Result<OutboundAnswer, OutboundError> {
    let bad = |bad| match bad {
        BadBody::TooLarge => OutboundError::TooLarge { host: host.to_owned(), max_bytes },
        BadBody::Broken(problem) => OutboundError::Broken { host: host.to_owned(), problem },
    };
    let announced = response.content_length().unwrap_or_default();
    if usize::try_from(announced).map_or(true, |announced| announced > max_bytes) {
        return Err(bad(BadBody::TooLarge));
    }
    let mut body = Body::new(response.headers(), max_bytes).map_err(bad)?;
    while let Some(piece) = response.chunk().await.map_err(|error| failure(host, &error))? {
        body.take(&piece).map_err(bad)?;
    }
    let unpacked = matches!(body, Body::Packed { .. });
    let body = body.finish().map_err(bad)?;
    let mut headers = std::mem::take(response.headers_mut());
    if unpacked {
        headers.remove(header::CONTENT_ENCODING);
        headers.remove(header::CONTENT_LENGTH);
    }
    let (status, url) = (response.status().as_u16(), response.url().clone());
    Ok(OutboundAnswer { status, headers, body, url })
}

/// What went wrong between us and `host`.
fn failure(host: &str, error: &reqwest::Error) -> OutboundError {
    if let Some(forbidden) =
        causes(error).find_map(|cause| cause.downcast_ref::<ForbiddenAddress>())
    {
        return forbidden.tell();
    }
    let host = host.to_owned();
    if error.is_connect() {
        let late = error.is_timeout();
        let problem = if late { "no connection in time".to_owned() } else { root_cause(error) };
        OutboundError::Unreachable { host, problem }
    } else {
        OutboundError::Broken { host, problem: root_cause(error) }
    }
}

/// The innermost cause: the outer ones name the whole URL.
fn root_cause(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| "the call failed".to_owned(), ToString::to_string)
}

/// What lies below the client's own error.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    fn deeper<'e>(cause: &&'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
        let cause: &'e (dyn Error + 'static) = *cause;
        cause.source()
    }
    std::iter::successors(error.source(), deeper)
}

fn outcome(result: &Result<OutboundAnswer, OutboundError>) -> CallOutcome {
    match result {
        Ok(_) => CallOutcome::Answered,
        Err(
            OutboundError::BadUrl(_)
            | OutboundError::BadHeader { .. }
            | OutboundError::BadMethod(_)
            | OutboundError::Refused { .. },
        ) => CallOutcome::Refused,
        Err(OutboundError::Busy { .. }) => CallOutcome::Busy,
        Err(OutboundError::Unreachable { .. }) => CallOutcome::Unreachable,
        Err(OutboundError::TimedOut { .. }) => CallOutcome::TimedOut,
        Err(
            OutboundError::TooLarge { .. }
            | OutboundError::TooManyRedirects { .. }
            | OutboundError::Broken { .. },
        ) => CallOutcome::BadAnswer,
    }
}
