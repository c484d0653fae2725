//! A key as lists show it.

use parlance_store::ApiKey;
use schemars::JsonSchema;
use serde::Serialize;

/// A key, without its text. Times are in milliseconds since 1970.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ApiKey")]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownKey {
    id: String,
    /// The beginning of its text.
    prefix: String,
    name: String,
    /// What it may.
    scopes: Vec<String>,
    /// The bots for which it is good; `null`: all of its owner.
    bots: Option<Vec<String>>,
    /// The workspace for which it is good; `null`: all of its owner.
    workspace: Option<String>,
    /// Requests per minute; `null`: no limit of its own.
    rate_limit: Option<i64>,
    created_on: i64,
    /// When it ends; `null`: when it is revoked.
    expires_on: Option<i64>,
    /// Exact to a minute.
    last_used_on: Option<i64>,
    revoked_on: Option<i64>,
}

impl From<ApiKey> for ShownKey {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            prefix: key.prefix,
            name: key.name,
            scopes: key.scopes,
            bots: key.bots,
            workspace: key.workspace,
            rate_limit: key.rate_limit,
            created_on: key.created_on,
            expires_on: key.expires_on,
            last_used_on: key.last_used_on,
            revoked_on: key.revoked_on,
        }
    }
}
