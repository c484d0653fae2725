//! The route table: every method and path that is answered, one row each, and nothing else.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::edge::Edge;
use super::settings::SettingsError;
use super::{App, Server, converse, cors, media, not_found, ops};
use crate::ops::metrics::Endpoint;

/// Where a route is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Below the root path.
    Root,
    /// Below the root path and without it, for a supervisor that knows no root path; not limited
    /// in how often it may ask.
    Probe,
}

/// One row.
struct Route<S> {
    /// Name of the endpoint, in the log.
    name: &'static str,
    method: Method,
    path: &'static str,
    place: Place,
    handler: MethodRouter<Arc<App<S>>>,
}

fn table<S: Server>() -> Vec<Route<S>> {
    use Place::{Probe, Root};
    vec![
        row("converse", Method::POST, "/api/v1/bots/{bot}/converse/{user}", Root, converse::post),
        row("bot media", Method::GET, "/api/v1/bots/{bot}/media/{file}", Root, media::get_of_bot),
        row("media", Method::GET, "/api/v1/media/{file}", Root, media::get_global),
        row("status", Method::GET, "/status", Root, ops::status),
        row("version", Method::GET, "/version", Root, ops::version),
        row("metrics", Method::GET, "/metrics", Root, ops::metrics),
        row("live", Method::GET, "/health/live", Probe, ops::live),
        row("ready", Method::GET, "/health/ready", Probe, ops::ready),
    ]
}

fn row<S, H, T>(
    name: &'static str,
    method: Method,
    path: &'static str,
    place: Place,
    handler: H,
) -> Route<S>
where
    S: Server,
    H: Handler<T, Arc<App<S>>>,
    T: 'static,
{
    // Every method of the table has a filter; `GET` answers `HEAD` too.
    let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
    Route { name, method, path, place, handler: on(filter, handler) }
}

/// The router of the whole table.
pub(super) fn build<S: Server>(app: Arc<App<S>>) -> Result<Router, SettingsError> {
    let settings = &app.settings;
    let root = root_pattern(&settings.root_path)?;
    let edge = Edge::new(settings)?;
    let mut router = Router::new();
    for route in table() {
        tracing::debug!(name = route.name, method = %route.method, path = route.path, "route");
        let probe = route.place == Place::Probe;
        let metrics = Endpoint::new(route.method.as_str(), route.path);
        let endpoint = route.handler.layer(edge.around(route.name, metrics, !probe));
        let path = format!("{root}{}", route.path);
        if probe && !root.is_empty() {
            router = router.route(route.path, endpoint.clone());
        }
        // Express takes a slash at the end of any path.
        router = router.route(&format!("{path}/"), endpoint.clone()).route(&path, endpoint);
    }
    let around = edge.around("none", Endpoint::other(), true);
    let mut router = router
        .fallback(not_found::not_found.layer(around.clone()))
        .method_not_allowed_fallback(not_found::not_found.layer(around));
    if let Some(config) = &settings.cors {
        router = router.layer(cors::layer(config)?);
    }
    Ok(router.with_state(app))
}

/// The root path as a literal of the router's pattern language.
fn root_pattern(root: &str) -> Result<String, SettingsError> {
    let valid = root.is_empty() || (root.starts_with('/') && !root.ends_with('/'));
    if !valid {
        return Err(SettingsError::RootPath(root.to_owned()));
    }
    Ok(root.replace('{', "{{").replace('}', "}}"))
}
