//! Who a chat user is, as an external token says (`spec` http 1.8).

use serde_json::Value;

/// The claims of the request's `X-BP-ExternalAuth` token: an extension of requests whose token was
/// verified. Flows see it as `event.credentials`.
#[derive(Debug, Clone, PartialEq)]
pub struct Credentials(pub Value);
