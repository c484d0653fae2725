//! `GET …/config`: how one logs in here, and whether anybody can yet (`spec` http 2.1).

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use crate::auth::DEFAULT_STRATEGY;
use crate::services::Services;

/// How one logs in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LoginConfig {
    strategies: [Way; 1],
    /// Nobody has an account yet: the first one can be registered.
    is_first_user: bool,
}

/// A way to log in. Its addresses follow on `/api/v1/auth`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Strategy")]
#[serde(rename_all = "camelCase")]
struct Way {
    #[serde(rename = "strategyType")]
    kind: &'static str,
    #[serde(rename = "strategyId")]
    id: &'static str,
    login_url: &'static str,
    register_url: &'static str,
}

/// What the endpoint gives.
pub(in super::super) fn config_doc() -> Doc {
    Doc::new(Tag::Login, "How to log in").gives_payload::<LoginConfig>("The ways to log in")
}

/// 200.
pub(in super::super) async fn config(
    State(services): State<Services>,
) -> Result<Response, HttpError> {
    let strategies = [Way {
        kind: "basic",
        id: DEFAULT_STRATEGY,
        login_url: "/login/basic/default",
        register_url: "/register/basic/default",
    }];
    let is_first_user = services.auth.is_first().await?;
    Ok(success("Auth Config", LoginConfig { strategies, is_first_user }))
}
