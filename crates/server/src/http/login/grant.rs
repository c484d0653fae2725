//! The token of a login, as clients get it (`spec` http 2.3): in the answer, or in cookie mode as a
//! cookie, with a CSRF token in the answer.

use axum::http::header::{self, HeaderValue};
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::success;
use super::cookie::CookieRules;
use crate::auth::service::Session;

/// What a login gives.
#[derive(Serialize, JsonSchema)]
pub(super) struct Token {
    /// The token, for `Authorization: Bearer …`. In cookie mode it is in the cookie `jwtToken` instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    jwt: Option<String>,
    /// In cookie mode, what every later request must carry in the header `CSRF-Token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf: Option<String>,
    /// How long it holds, in milliseconds.
    exp: u64,
}

/// The token in the form in which this client gets it, and the cookie that goes with it.
pub(super) fn grant(session: Session, cookies: &CookieRules) -> (Token, Option<HeaderValue>) {
    let exp = u64::try_from(session.valid_for.as_millis()).unwrap_or(u64::MAX);
    match session.csrf {
        None => (Token { jwt: Some(session.token), csrf: None, exp }, None),
        Some(csrf) => {
            let cookie = cookies.cookie(&session.token, session.valid_for);
            (Token { jwt: None, csrf: Some(csrf), exp }, cookie)
        }
    }
}

/// Whose clients ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The token is `payload.jwt`.
    V12,
    /// The token is `payload.token`.
    V11,
}

/// What a login gives to clients of v11.
#[derive(Serialize, JsonSchema)]
pub(super) struct OldToken {
    /// The token, for `Authorization: Bearer …`. In cookie mode it is in the cookie `jwtToken` instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// In cookie mode, what every later request must carry in the header `CSRF-Token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf: Option<String>,
}

/// 200 with the token.
pub(super) fn granted(
    message: &str,
    session: Session,
    cookies: &CookieRules,
    form: Form,
) -> Response {
    let (token, cookie) = grant(session, cookies);
    let answer = match form {
        Form::V12 => success(message, token),
        Form::V11 => success(message, OldToken { token: token.jwt, csrf: token.csrf }),
    };
    with_cookie(answer, cookie)
}

/// The answer with this cookie. Nobody on the way may keep it.
pub(in super::super) fn with_cookie(
    mut response: Response,
    cookie: Option<HeaderValue>,
) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}
