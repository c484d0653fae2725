//! `GET …/refresh`: a new token for one that holds (`spec` http 2.1).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::super::token::presented;
use super::super::{App, Server};
use super::grant::{Token, grant, with_cookie};
use crate::auth::service::{Presented, Refreshed};

/// The token from now on.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NewToken {
    new_token: Given,
}

/// A new one, or the same one where refreshing is switched off.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Given {
    New(Token),
    /// The text of the token or key that was presented; of one in a cookie, nothing.
    Same(Option<String>),
}

/// What the endpoint gives.
pub(in super::super) fn refresh_doc() -> Doc {
    Doc::new(Tag::Login, "Get a new token")
        .about(
            "The old one holds until its end. With `jwtToken.allowRefresh` off, and for API keys, what \
             was presented comes back.",
        )
        .gives_payload::<NewToken>("The token; in cookie mode with `Set-Cookie`")
}

/// 200.
pub(in super::super) async fn refresh<S: Server>(
    State(app): State<Arc<App<S>>>,
    call: Call,
) -> Result<Response, HttpError> {
    let auth = &app.services.auth;
    Ok(match auth.refresh(call.caller()).await? {
        Refreshed::New(session) => {
            let (token, cookie) = grant(session, &app.settings.cookies);
            let payload = NewToken { new_token: Given::New(token) };
            with_cookie(success("Token refreshed successfully", payload), cookie)
        }
        Refreshed::Same => {
            let same = match presented(&call.parts().headers, auth.uses_cookies())? {
                Presented::Bearer(token) => Some(token.to_owned()),
                Presented::Cookie { .. } => None,
            };
            let payload = NewToken { new_token: Given::Same(same) };
            with_cookie(success("Token not refreshed, sending back original", payload), None)
        }
    })
}
