//! Cross-origin access: which sites' pages may read answers (`httpServer.cors`; `spec` http 3.8).
//!
//! What is there for everybody (the Converse API, media, the server's status) is open to all sites
//! unless the settings name some; the Converse API of a bot to those that may talk to the bot. All
//! other routes, the operator's above all, are open to sites that `httpServer.cors.origin` names, and
//! to nobody where it names none. Refusing a page's message is not done here but by the endpoint:
//! browsers send plain messages without asking.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use parlance_core::bot::AllowedOrigins;
use tower::{Layer, Service};
use tower_http::cors::{
    AllowCredentials, AllowHeaders, AllowOrigin, Cors, CorsLayer, ExposeHeaders,
};

use super::headers::{REQUEST_ID, RESPONSE_TIME};
use super::path::parameter;
use super::settings::SettingsError;
use super::{App, Server};
use crate::bots::Lookup;
use crate::config::CorsConfig;

/// The layer around all routes, for this configuration.
pub(super) fn layer<S: Server>(
    app: &Arc<App<S>>,
    config: &CorsConfig,
) -> Result<CrossOrigin<S>, SettingsError> {
    let header = |origin: &String| {
        HeaderValue::from_str(origin).map_err(|_| SettingsError::Origin(origin.clone()))
    };
    let named = config.origins.iter().map(header).collect::<Result<Vec<_>, _>>()?;
    let credentials = if config.credentials { named.clone() } else { Vec::new() };
    let granted = CorsLayer::new()
        .allow_headers(AllowHeaders::mirror_request())
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::PUT,
            Method::PATCH,
            Method::POST,
            Method::DELETE,
        ])
        .expose_headers(ExposeHeaders::list(exposed()));
    // Browsers take no credentials together with `*`, which is right: only named sites get them.
    let with_credentials =
        AllowCredentials::predicate(move |origin, _| credentials.contains(origin));
    let shared = Shared {
        app: Arc::clone(app),
        everybody: granted.clone().allow_origin(AllowOrigin::any()),
        this_site: granted
            .allow_origin(AllowOrigin::mirror_request())
            .allow_credentials(with_credentials),
        nobody: CorsLayer::new(),
        named,
    };
    Ok(CrossOrigin { shared: Arc::new(shared) })
}

/// Headers of ours that a page's script may read.
fn exposed() -> impl Iterator<Item = HeaderName> {
    ["ratelimit", "ratelimit-policy", "x-ratelimit-limit", "x-ratelimit-remaining"]
        .map(HeaderName::from_static)
        .into_iter()
        .chain([header::RETRY_AFTER, REQUEST_ID, RESPONSE_TIME])
}

/// The layer around all routes.
pub(super) struct CrossOrigin<S> {
    shared: Arc<Shared<S>>,
}

struct Shared<S> {
    app: Arc<App<S>>,
    /// Sites that `httpServer.cors.origin` names; empty where it lets in all.
    named: Vec<HeaderValue>,
    everybody: CorsLayer,
    this_site: CorsLayer,
    nobody: CorsLayer,
}

/// Whose pages may read the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Permission {
    Everybody,
    ThisSite,
    Nobody,
}

impl<S: Server> Shared<S> {
    /// The permission of a request; a preflight gets that of the request that it asks about.
    fn permission(&self, request: &Request) -> Permission {
        let (headers, path) = (request.headers(), request.uri().path());
        let origin = headers.get(header::ORIGIN);
        let part = Part::of(method(request), path, &self.app.settings.root_path);
        match part {
            Part::Converse => self.to_talk(path, origin),
            Part::Public => self.to_ask(origin, self.named.is_empty()),
            Part::Operator => self.to_ask(origin, false),
        }
    }

    /// To ask for what is not a bot's: all sites if it is `open`, or those that the settings name.
    fn to_ask(&self, origin: Option<&HeaderValue>, open: bool) -> Permission {
        let named = origin.is_some_and(|origin| self.named.contains(origin));
        match (named, open) {
            (true, _) => Permission::ThisSite,
            (false, true) => Permission::Everybody,
            (false, false) => Permission::Nobody,
        }
    }

    /// To talk to the bot in the path. What is said of it wins over `httpServer.cors.origin`, so that
    /// a site that may talk to a bot need not be let in anywhere else.
    fn to_talk(&self, path: &str, origin: Option<&HeaderValue>) -> Permission {
        let app = &self.app;
        let id = parameter(path, &app.settings.root_path, 3).unwrap_or_default();
        let bot = match app.server.lookup(&id) {
            Lookup::Ready(bot) => Some(bot),
            Lookup::Disabled | Lookup::Unknown => None,
        };
        match bot.as_ref().and_then(|bot| app.settings.allowed_origins(&bot.config)) {
            None => self.to_ask(origin, self.named.is_empty()),
            Some(AllowedOrigins::Everybody) => self.to_ask(origin, true),
            Some(only) => {
                let origin = origin.and_then(|origin| origin.to_str().ok());
                let allowed = origin.is_some_and(|origin| only.allows(origin));
                if allowed { Permission::ThisSite } else { Permission::Nobody }
            }
        }
    }

    fn layer(&self, permission: Permission) -> &CorsLayer {
        match permission {
            Permission::Everybody => &self.everybody,
            Permission::ThisSite => &self.this_site,
            Permission::Nobody => &self.nobody,
        }
    }
}

/// The method that is meant: of a preflight the one that it asks about.
fn method(request: &Request) -> Method {
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_METHOD);
    let asked = asked.filter(|_| request.method() == Method::OPTIONS);
    asked
        .and_then(|asked| Method::from_bytes(asked.as_bytes()).ok())
        .unwrap_or_else(|| request.method().clone())
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Talking to a bot.
    Converse,
    /// What is there for everybody: media, the server's status.
    Public,
    /// All else, so that a new route is closed unless it is named here.
    Operator,
}

impl Part {
    fn of(method: Method, path: &str, root: &str) -> Self {
        let below = path.strip_prefix(root).unwrap_or(path);
        let below = below.strip_suffix('/').unwrap_or(below);
        let segments: Vec<&str> = below.split('/').skip(1).take(8).collect();
        match (method, segments.as_slice()) {
            (
                Method::POST,
                ["api", "v1", "bots", _, "converse", _]
                | ["api", "v1", "bots", _, "converse", _, "secured"],
            ) => Self::Converse,
            (
                Method::GET | Method::HEAD,
                ["api", "v1", "bots", _, "media", _]
                | ["api", "v1", "media", _]
                | ["status" | "version"]
                | ["health", "live" | "ready"],
            ) => Self::Public,
            _ => Self::Operator,
        }
    }
}

impl<S> Clone for CrossOrigin<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<S, I> Layer<I> for CrossOrigin<S> {
    type Service = CrossOriginService<S, I>;

    fn layer(&self, inner: I) -> Self::Service {
        CrossOriginService { inner, layer: self.clone() }
    }
}

/// A service with the layer around it.
pub(super) struct CrossOriginService<S, I> {
    inner: I,
    layer: CrossOrigin<S>,
}

impl<S, I: Clone> Clone for CrossOriginService<S, I> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<S, I> Service<Request> for CrossOriginService<S, I>
where
    S: Server,
    I: Service<Request, Response = Response> + Clone,
{
    type Response = Response;
    type Error = I::Error;
    type Future = <Cors<I> as Service<Request>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), I::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The clone may not be ready, the service that was asked is: it answers.
        let spare = self.inner.clone();
        let inner = mem::replace(&mut self.inner, spare);
        let shared = &self.layer.shared;
        shared.layer(shared.permission(&request)).layer(inner).call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_to_be_for_everybody_is_the_operators() {
        for (method, path, part) in [
            ("POST", "/api/v1/bots/shop/converse/ada", Part::Converse),
            ("POST", "/api/v1/bots/shop/converse/ada/", Part::Converse),
            ("POST", "/api/v1/bots/shop/converse/ada/secured", Part::Converse),
            ("GET", "/api/v1/bots/shop/converse/ada", Part::Operator),
            ("POST", "/api/v1/bots/shop/converse/ada/other", Part::Operator),
            ("GET", "/api/v1/bots/shop/media/cat.png", Part::Public),
            ("HEAD", "/api/v1/media/cat.png", Part::Public),
            ("DELETE", "/api/v1/bots/shop/media/cat.png", Part::Operator),
            ("POST", "/api/v1/media", Part::Operator),
            ("GET", "/status", Part::Public),
            ("GET", "/health/ready", Part::Public),
            ("GET", "/metrics", Part::Operator),
            ("GET", "/api/v2/admin/workspace/bots", Part::Operator),
            ("POST", "/api/v1/auth/login/basic/default", Part::Operator),
            ("GET", "/api/v1/bots/shop", Part::Operator),
            ("POST", "/API/v1/bots/shop/converse/ada", Part::Operator),
            ("POST", "//api/v1/bots/shop/converse/ada", Part::Operator),
            ("GET", "/", Part::Operator),
            ("GET", "", Part::Operator),
        ] {
            let method: Method = method.parse().unwrap();
            assert_eq!(Part::of(method.clone(), path, ""), part, "{method} {path}");
            let below = format!("/chat/x{path}");
            assert_eq!(Part::of(method.clone(), &below, "/chat/x"), part, "{method} {below}");
        }
    }
}
