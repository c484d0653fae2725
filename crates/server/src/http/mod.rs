//! The HTTP surface: one folder per resource, one file per endpoint.
//!
//! Data flows connection ([`serve`](fn@serve)) → `edge` (request id, rate limit, headers, panics) →
//! `routes` (the flat table; who may, what is recorded) → endpoint → [`Server`] or [`Services`] →
//! answer. `error` is the
//! one place where a failure becomes a status and a body. Turns, bots and health live elsewhere;
//! endpoints see them through the small traits of this file.

mod account;
mod answer;
mod audit;
mod between;
mod body;
mod bots;
mod chat_users;
mod client_ip;
mod collaborators;
mod conversations;
mod converse;
mod cors;
#[cfg(test)]
mod cors_tests;
mod credentials;
mod edge;
mod error;
mod failures;
mod file_failures;
mod gate;
mod gzip;
mod headers;
mod keys;
mod limits;
mod login;
mod logs;
mod management;
mod media;
mod memory;
mod not_found;
mod openapi;
mod ops;
mod path;
mod roles;
mod routes;
mod serve;
mod settings;
mod stall;
#[cfg(test)]
mod surface_tests;
#[cfg(test)]
pub(crate) mod testing;
mod token;
#[cfg(test)]
mod wire_tests;
mod workspaces;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::FromRef;

use crate::bots::Lookup;
use crate::ops::health::Health;
use crate::services::Services;
use crate::turn::{Answer, Incoming, TurnError};

pub use client_ip::Peer;
pub use serve::{BindError, Connections, bind, serve};
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
pub trait Operation: Send + Sync + 'static {
    /// Whether it can answer. While it starts, or without its database, messages are refused with
    /// 503; while it stops, those that still arrive are answered.
    fn health(&self) -> &Health;
    /// The body of `/metrics`, in Prometheus' text format.
    fn metrics(&self) -> String;
}

/// All that the endpoints need.
pub trait Server: Conversations + Bots + Operation {}

impl<S: Conversations + Bots + Operation> Server for S {}

/// What every endpoint gets.
pub(crate) struct App<S> {
    server: S,
    settings: Settings,
    limits: limits::ConverseLimits,
    tokens: limits::TokenLimits,
    services: Services,
    description: openapi::Rendered,
}

impl<S> FromRef<Arc<App<S>>> for Services {
    fn from_ref(app: &Arc<App<S>>) -> Self {
        app.services.clone()
    }
}

impl<S: Server> App<S> {
    fn new(server: S, services: Services, settings: Settings) -> Self {
        let limits = limits::ConverseLimits::new(&settings.rate_limits, &settings.converse);
        let tokens = limits::TokenLimits::new(settings.rate_limits.token);
        let description = routes::describe::<S>(&settings.external_url);
        Self { server, settings, limits, tokens, services, description }
    }
}

/// Builds the whole surface. Fails where a header, an origin or the root path cannot be used.
pub fn router<S: Server>(
    server: S,
    services: Services,
    settings: Settings,
) -> Result<Router, SettingsError> {
    routes::build(Arc::new(App::new(server, services, settings)))
}
