//! `POST /api/v1/auth/login` and `/register`: the forms of v11 (`spec` http 2.9), whose tokens are in
//! `payload.token`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::super::{App, Server};
use super::grant::{Form, OldToken};
use super::{post, register};

/// What the login takes and gives.
pub(in super::super) fn login_v11_doc() -> Doc {
    Doc::new(Tag::Login, "Log in as with v11")
        .takes::<post::Body>()
        .gives_payload::<OldToken>("The token; in cookie mode with `Set-Cookie`")
}

/// As v12's login, with the token in `payload.token`.
pub(in super::super) async fn login_v11<S: Server>(
    State(app): State<Arc<App<S>>>,
    call: Call,
) -> Result<Response, HttpError> {
    post::answer(&app, call, Form::V11).await
}

/// What the registration takes and gives.
pub(in super::super) fn register_v11_doc() -> Doc {
    Doc::new(Tag::Login, "Register the first account as with v11")
        .header::<String>("X-Registration-Code", "The code, if it is not in the body.")
        .takes::<register::Body>()
        .gives_payload::<OldToken>("The token; in cookie mode with `Set-Cookie`")
        .gives_other(403, "text/plain", "There is an account already")
        .refuses(401, "The code is missing or wrong")
}

/// As v12's registration, with the token in `payload.token`.
pub(in super::super) async fn register_v11<S: Server>(
    State(app): State<Arc<App<S>>>,
    call: Call,
) -> Result<Response, HttpError> {
    register::answer(&app, call, Form::V11).await
}
