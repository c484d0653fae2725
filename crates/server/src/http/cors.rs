//! Cross-origin access (`httpServer.cors`; `spec` http 3.8).

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer, ExposeHeaders};

use super::headers::{REQUEST_ID, RESPONSE_TIME};
use super::settings::SettingsError;
use crate::config::CorsConfig;

/// The layer for this configuration.
pub(super) fn layer(config: &CorsConfig) -> Result<CorsLayer, SettingsError> {
    let header = |origin: &String| {
        HeaderValue::from_str(origin).map_err(|_| SettingsError::Origin(origin.clone()))
    };
    let origins = config.origins.iter().map(header).collect::<Result<Vec<_>, _>>()?;
    let any = origins.is_empty();
    Ok(CorsLayer::new()
        .allow_origin(if any { AllowOrigin::any() } else { AllowOrigin::list(origins) })
        // Browsers refuse credentials together with any origin.
        .allow_credentials(config.credentials && !any)
        .allow_headers(AllowHeaders::mirror_request())
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::PUT,
            Method::PATCH,
            Method::POST,
            Method::DELETE,
        ])
        .expose_headers(ExposeHeaders::list(exposed())))
}

/// Headers of ours that a page's script may read.
fn exposed() -> impl Iterator<Item = HeaderName> {
    ["ratelimit", "ratelimit-policy", "x-ratelimit-limit", "x-ratelimit-remaining"]
        .map(HeaderName::from_static)
        .into_iter()
        .chain([header::RETRY_AFTER, REQUEST_ID, RESPONSE_TIME])
}
