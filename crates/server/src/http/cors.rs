//! Cross-origin access (`httpServer.cors`; `spec` http 3.8).

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer, ExposeHeaders};

use super::headers::{REQUEST_ID, RESPONSE_TIME};
use super::settings::SettingsError;
use crate::config::CorsConfig;

/// The layer for this configuration.
pub(super) fn layer(config: &CorsConfig) -> Result<CorsLayer, SettingsError> {
    let origins = config.origins.iter().filter(|origin| *origin != "*");
    let origins = origins.map(|origin| checked(origin)).collect::<Result<Vec<_>, _>>()?;
    let any = config.origins.is_empty() || origins.len() < config.origins.len();
    if any && config.credentials {
        // v12 sends both headers then, and browsers refuse the pair.
        tracing::warn!(
            "httpServer.cors: credentials are for listed origins only; set httpServer.cors.origin"
        );
    }
    Ok(CorsLayer::new()
        .allow_origin(if any { AllowOrigin::any() } else { AllowOrigin::list(origins) })
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

/// An origin as browsers send it: scheme, host, perhaps a port, nothing after it.
fn checked(origin: &str) -> Result<HeaderValue, SettingsError> {
    let error = || SettingsError::Origin(origin.to_owned());
    let (scheme, authority) = origin.split_once("://").ok_or_else(error)?;
    if scheme.is_empty() || authority.is_empty() || authority.contains(['/', '?', '#', '@', '*']) {
        return Err(error());
    }
    HeaderValue::from_str(origin).map_err(|_| error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_are_taken_for_origins() {
        let layer = |origin: &str| {
            layer(&CorsConfig { origins: vec![origin.to_owned()], credentials: true })
        };
        for good in ["*", "https://example.com", "http://localhost:8080", "app://x"] {
            assert!(layer(good).is_ok(), "{good}");
        }
        for bad in ["", "example.com", "https://example.com/", "https://*.example.com"] {
            assert!(matches!(layer(bad), Err(SettingsError::Origin(_))), "{bad}");
        }
    }
}
