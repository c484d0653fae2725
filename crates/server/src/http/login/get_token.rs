//! `GET …/getToken`: the token of a cookie as text, for v12's `bp pull` and `bp push` (`spec` http
//! 2.1).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::answer::text;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::super::token::presented;
use super::grant::with_cookie;
use crate::auth::service::Presented;
use crate::services::Services;

/// What the endpoint gives.
pub(in super::super) fn get_token_doc() -> Doc {
    Doc::new(Tag::Login, "Read the token of one's cookie")
        .gives_other(200, "text/plain", "The token in the cookie")
        .gives_other(201, "text/plain", "The token was not in a cookie")
}

/// 200 with the token in the cookie; 201 where it was presented in another way.
pub(in super::super) async fn get_token(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let answer = match presented(&call.parts().headers, services.auth.uses_cookies())? {
        Presented::Cookie { token, .. } => text(StatusCode::OK, token.to_owned()),
        Presented::Bearer(_) => text(StatusCode::CREATED, "Created"),
    };
    Ok(with_cookie(answer, None))
}
