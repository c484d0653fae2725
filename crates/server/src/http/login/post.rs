//! `POST …/login/basic/{strategy}`: a token for email and password (`spec` http 2.1, 2.2).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::super::{App, Server};
use super::grant::{Form, Token, granted};
use super::tried::tried;
use crate::auth::DEFAULT_STRATEGY;
use crate::auth::password::Password;
use crate::auth::service::Login;

/// Who logs in.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Login")]
#[serde(rename_all = "camelCase")]
pub(super) struct Body {
    /// In any case.
    pub(super) email: String,
    /// The password.
    pub(super) password: Option<String>,
    /// The password from now on.
    pub(super) new_password: Option<String>,
    /// Whether a new password ends all sessions, as it does if this is left out.
    pub(super) invalidate_active_sessions: Option<bool>,
    /// Logging a chat user in is refused.
    channel: Option<String>,
    /// Logging a chat user in is refused.
    target: Option<String>,
}

impl Body {
    /// What `auth` takes.
    pub(super) fn into_login(self, from: std::net::IpAddr) -> Login {
        Login {
            email: self.email,
            // v12 takes a missing one as an empty one.
            password: Password::new(self.password.unwrap_or_default()),
            new_password: self.new_password.filter(|new| !new.is_empty()).map(Password::new),
            invalidate_sessions: self.invalidate_active_sessions.unwrap_or(true),
            from,
        }
    }

    /// A token with which a chat user speaks is no token of a collaborator: whoever asks for the one
    /// must not get the other.
    pub(super) fn check_for_collaborator(&self) -> Result<(), HttpError> {
        if self.channel.is_some() && self.target.is_some() {
            let reason = "channel and target: chat users do not log in here";
            return Err(HttpError::bad_request(reason));
        }
        Ok(())
    }
}

/// What the endpoint takes and gives.
pub(in super::super) fn login_doc() -> Doc {
    Doc::new(Tag::Login, "Log in")
        .about(
            "The only strategy is `default`. An unknown account and a wrong password are refused alike \
             (`BP_0009`). With `newPassword` the password changes; a login whose password has \
             expired (`BP_0010`) needs it. After several wrong passwords there is a wait (`BP_0011` \
             with `Retry-After`).",
        )
        .takes::<Body>()
        .gives_payload::<Token>("The token; in cookie mode with `Set-Cookie`")
}

/// 200 with a token, or v12's refusals.
pub(in super::super) async fn login<S: Server>(
    State(app): State<Arc<App<S>>>,
    call: Call,
) -> Result<Response, HttpError> {
    check_strategy(&call)?;
    answer(&app, call, Form::V12).await
}

/// Logs in, and answers in this form.
pub(super) async fn answer<S: Server>(
    app: &App<S>,
    mut call: Call,
    form: Form,
) -> Result<Response, HttpError> {
    let body: Body = call.json().await?;
    body.check_for_collaborator()?;
    let recorded = tried(&body.email);
    let login = body.into_login(call.from());
    let answer = match app.services.auth.login(login).await {
        Ok(session) => {
            let recorded = recorded.by(format!("account:{}", session.account));
            recorded.with(granted("Login successful", session, &app.settings.cookies, form))
        }
        Err(error) => recorded.note(error.to_string()).with(HttpError::from(error).into_response()),
    };
    Ok(answer)
}

/// There is one strategy.
pub(super) fn check_strategy(call: &Call) -> Result<(), HttpError> {
    let strategy = call.parameter("strategy")?;
    if strategy == DEFAULT_STRATEGY {
        return Ok(());
    }
    Err(HttpError::not_found("the only strategy is \"default\""))
}
