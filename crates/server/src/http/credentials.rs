//! Who a chat user is, as the token in `X-BP-ExternalAuth` says (`spec` http 1.8). Flows see it as
//! `event.credentials`.

use axum::http::{HeaderMap, HeaderName};
use serde_json::Value;

use super::error::HttpError;
use super::{App, Server};

/// Carries the token.
const EXTERNAL: HeaderName = HeaderName::from_static("x-bp-externalauth");

impl<S: Server> App<S> {
    /// The claims of the request's external token; `None` where there is none, or where such tokens are
    /// not in use. 401 for one that does not hold, or that is not `user`'s where that must be.
    pub(super) async fn credentials(
        &self,
        headers: &HeaderMap,
        user: &str,
    ) -> Result<Option<Value>, HttpError> {
        let (Some(tokens), Some(value)) = (&self.services.external, headers.get(EXTERNAL)) else {
            return Ok(None);
        };
        let value = String::from_utf8_lossy(value.as_bytes());
        let claims = tokens.verify(&value, user, self.services.clock.millis()).await?;
        Ok(Some(Value::Object(claims)))
    }
}
