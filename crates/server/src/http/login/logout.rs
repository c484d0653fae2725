//! `GET …/logout`: ends all sessions of who asks (`spec` http 2.1).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;

use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::super::{App, Server};
use super::grant::with_cookie;

/// What the endpoint gives.
pub(in super::super) fn logout_doc() -> Doc {
    Doc::new(Tag::Login, "Log out everywhere")
        .about(
            "All tokens of the account end, also those of other devices; API keys go on. With an \
             API key nothing ends.",
        )
        .gives_nothing(200, "All tokens have ended")
}

/// 200 without a body; in cookie mode the cookie goes, too.
pub(in super::super) async fn logout<S: Server>(
    State(app): State<Arc<App<S>>>,
    call: Call,
) -> Result<Response, HttpError> {
    let auth = &app.services.auth;
    auth.logout(call.caller()).await?;
    let cookie = auth.uses_cookies().then(|| app.settings.cookies.removal()).flatten();
    Ok(with_cookie(Response::new(Body::empty()), cookie))
}
