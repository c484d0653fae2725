//! The HTTP surface: one folder per resource, one file per endpoint.
//!
//! Data flows connection ([`serve`](fn@serve)) → `edge` (request id, rate limit, headers, panics) →
//! `routes` (the flat table of methods and paths) → endpoint → [`Server`] → answer. `error` is the
//! one place where a failure becomes a status and a body. Turns, bots and health live elsewhere;
//! endpoints see them through the small traits of this file.

mod body;
mod client_ip;
mod converse;
mod cors;
mod edge;
mod error;
mod gate;
mod gzip;
mod headers;
mod limits;
mod media;
mod meter;
mod not_found;
mod ops;
mod path;
mod routes;
mod serve;
mod settings;
mod stall;
#[cfg(test)]
mod surface_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod wire_tests;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde_json::Value;

use crate::bots::Lookup;
use crate::turn::{Answer, Incoming, TurnError};

pub use client_ip::Peer;
pub use serve::{BindError, Connections, Lifecycle, bind, serve};
pub use settings::{Settings, SettingsError};

/// Runs turns.
pub trait Conversations: Send + Sync + 'static {
    /// Runs one turn and gives its answer once it is on disk, or fails with
    /// [`TurnError::TimedOut`] after `timeout`. Dropping the future does not stop the turn.
    fn converse(
        &self,
        incoming: Incoming,
        timeout: Duration,
    ) -> impl Future<Output = Result<Answer, TurnError>> + Send;
}

/// Knows the bots.
pub trait Bots: Send + Sync + 'static {
    /// What there is under this id, which may be any text.
    fn lookup(&self, id: &str) -> Lookup;
}

/// Knows how the server does.
pub trait Health: Send + Sync + 'static {
    /// Whether bots can talk.
    fn readiness(&self) -> Readiness;
    /// The body of `/status` (`spec` http 3.4): parts of the server, each `up`, `down`, `error` or
    /// `n/a`.
    fn status(&self) -> Value;
    /// The body of `/metrics`, in Prometheus' text format.
    fn metrics(&self) -> String;
}

/// Whether bots can talk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// They can.
    Ready,
    /// Not yet, for this reason: messages are refused with 503.
    Starting(String),
    /// The server is on its way down: the probe fails, so that no new traffic comes; messages that
    /// still arrive are answered.
    Stopping,
}

/// All that the endpoints need.
pub trait Server: Conversations + Bots + Health {}

impl<S: Conversations + Bots + Health> Server for S {}

/// What every endpoint gets.
pub(crate) struct App<S> {
    server: S,
    settings: Settings,
    limits: limits::ConverseLimits,
}

/// Builds the whole surface. Fails where a header, an origin or the root path cannot be used.
pub fn router<S: Server>(server: S, settings: Settings) -> Result<Router, SettingsError> {
    let limits = limits::ConverseLimits::new(&settings.rate_limits);
    routes::build(Arc::new(App { server, settings, limits }))
}
