//! `POST …/register/basic/{strategy}`: the first account (`spec` http 2.1, 2.5). All others are
//! invited.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderName;
use axum::response::{IntoResponse as _, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::super::{App, Server};
use super::grant::{Form, Token, granted};
use super::post::check_strategy;
use super::tried::tried;
use crate::auth::password::Password;

/// The code that the server has printed, for those who cannot add to the body.
const CODE: HeaderName = HeaderName::from_static("x-registration-code");

/// Who registers.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Registration")]
pub(super) struct Body {
    /// At least 4 characters.
    #[schemars(required)]
    email: Option<String>,
    /// At least 4 characters, and not one of those that are guessed first.
    #[schemars(required)]
    password: Option<String>,
    /// The code that the server has printed at its start; may be in the header
    /// `X-Registration-Code` instead.
    code: Option<String>,
}

/// What the endpoint takes and gives.
pub(in super::super) fn register_doc() -> Doc {
    Doc::new(Tag::Login, "Register the first account")
        .about(
            "It may do everything. The server prints a code at its start as long as nobody has an \
             account; with `parlance.auth.openRegistration` none is needed.",
        )
        .header::<String>("X-Registration-Code", "The code, if it is not in the body.")
        .takes::<Body>()
        .gives_payload::<Token>("The token; in cookie mode with `Set-Cookie`")
        .gives_other(403, "text/plain", "There is an account already")
        .refuses(401, "The code is missing or wrong")
}

/// 200 with a token, 403 once there is an account.
pub(in super::super) async fn register<S: Server>(
    State(app): State<Arc<App<S>>>,
    call: Call,
) -> Result<Response, HttpError> {
    check_strategy(&call)?;
    answer(&app, call, Form::V12).await
}

/// Registers, and answers in this form.
pub(super) async fn answer<S: Server>(
    app: &App<S>,
    mut call: Call,
    form: Form,
) -> Result<Response, HttpError> {
    let body: Body = call.json().await?;
    let email = body.email.unwrap_or_default();
    let header = call.parts().headers.get(CODE).and_then(|code| code.to_str().ok());
    let code = body.code.as_deref().or(header);
    let password = Password::new(body.password.unwrap_or_default());
    let recorded = tried(&email);
    let registered = app.services.auth.register_first(&email, password, code, call.from());
    Ok(match registered.await {
        Ok(session) => {
            let recorded = recorded.by(format!("account:{}", session.account));
            let cookies = &app.settings.cookies;
            recorded.with(granted("Registration successful", session, cookies, form))
        }
        Err(error) => recorded.note(error.to_string()).with(HttpError::from(error).into_response()),
    })
}
