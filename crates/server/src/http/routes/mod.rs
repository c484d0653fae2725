//! The routes: the flat table of all of them, who may use them, what they leave behind.
//!
//! `table` holds the rows; all else is made of them: routing ([`build`]), permission (`guard`),
//! the audit log (`audit`), the description (`openapi`). What is not in the table is not answered.

mod access;
mod aliases;
mod audit;
mod call;
mod guard;
mod route;
mod table;

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler as _;
use axum::middleware::from_fn_with_state;

pub(super) use access::{Access, Right};
pub(super) use audit::Recorded;
pub(super) use call::Call;

use super::edge::Edge;
use super::openapi::{Rendered, document};
use super::settings::SettingsError;
use super::{App, Server, cors, not_found};
use crate::ops::metrics::Endpoint;
use audit::Recorder;
use guard::{Post, guard};
use route::{Effect, Route};

/// The description of the whole table.
pub(super) fn describe<S: Server>(external_url: &str) -> Rendered {
    let rows: Vec<_> = table::table::<S>().iter().map(Route::described).collect();
    Rendered::new(&document(&rows, external_url))
}

/// The router of the whole table.
pub(super) fn build<S: Server>(app: Arc<App<S>>) -> Result<Router, SettingsError> {
    let settings = &app.settings;
    let root = root_pattern(&settings.root_path)?;
    let edge = Edge::new(settings)?;
    let recorder = Arc::new(Recorder::new(app.services.clone()));
    let mut router = Router::new();
    for route in table::table() {
        router = add(router, route, &root, &edge, &app, &recorder);
    }
    let around = edge.around("none", Arc::new(Endpoint::other()), true);
    let mut router = router
        .fallback(not_found::not_found.layer(around.clone()))
        .method_not_allowed_fallback(not_found::not_allowed.layer(around));
    if let Some(config) = &settings.cors {
        router = router.layer(cors::layer(&app, config)?);
    }
    Ok(router.with_state(app))
}

/// Adds a row at all its paths.
fn add<S: Server>(
    mut router: Router<Arc<App<S>>>,
    route: Route<S>,
    root: &str,
    edge: &Edge,
    app: &Arc<App<S>>,
    recorder: &Arc<Recorder>,
) -> Router<Arc<App<S>>> {
    let (name, access, effect, probe) =
        (route.name(), route.access(), route.effect(), route.is_probe());
    tracing::debug!(name, method = %route.method(), path = route.path(), "route");
    let paths: Vec<String> = route.paths().collect();
    let metrics = Arc::new(Endpoint::new(route.method().as_str(), route.path()));
    let handler = route.into_handler();
    for path in paths {
        let mut endpoint = handler.clone();
        let mut around = edge.around(name, Arc::clone(&metrics), !probe);
        if access != Access::Open || effect == Effect::Change {
            let (app, recorder) = (Arc::clone(app), Arc::clone(recorder));
            let pattern = path.as_str().into();
            let post = Arc::new(Post { app, recorder, name, access, effect, pattern });
            endpoint = endpoint.layer(from_fn_with_state(post, guard::<S>));
            around = around.guarded();
        }
        let endpoint = endpoint.layer(around);
        if probe && !root.is_empty() {
            router = router.route(&path, endpoint.clone());
        }
        let path = format!("{root}{path}");
        // Express takes a slash at the end of any path.
        router = router.route(&format!("{path}/"), endpoint.clone()).route(&path, endpoint);
    }
    router
}

/// The root path as a literal of the router's pattern language.
fn root_pattern(root: &str) -> Result<String, SettingsError> {
    let valid = root.is_empty() || (root.starts_with('/') && !root.ends_with('/'));
    if !valid {
        return Err(SettingsError::RootPath(root.to_owned()));
    }
    Ok(root.replace('{', "{{").replace('}', "}}"))
}
