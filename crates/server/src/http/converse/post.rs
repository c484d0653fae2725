//! `POST /api/v1/bots/{bot}/converse/{user}`: one message of a chat user, answered with the bot's
//! replies (`spec` http 1.1–1.7).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use parlance_core::bot::Bot;

use super::super::error::HttpError;
use super::super::gate::Visitors;
use super::super::settings::Settings;
use super::super::{App, Server};
use super::exchange::Exchange;
use super::include::{self, Include};
use super::message::Message;

/// 200 with `{"responses":[…]}`, or a stream of events for callers that accept nothing else.
pub(in super::super) async fn post<S: Server>(
    State(app): State<Arc<App<S>>>,
    request: Request,
) -> Result<Response, HttpError> {
    let (exchange, body) = Exchange::read(&app, request, Visitors::Collaborators).await?;
    check_open(&exchange.bot, &app.settings)?;
    let message = Message::check(body)?;
    include::check(exchange.query())?;
    exchange.answer(app, message, Include::REPLIES).await
}

/// Both the bot and the server must leave the public route open (`spec` http 1.3).
fn check_open(bot: &Bot, settings: &Settings) -> Result<(), HttpError> {
    let forbidden = |who: &str| {
        let text = format!("Unauthenticated Converse API is disabled for {who}");
        Err(HttpError::text(StatusCode::FORBIDDEN, text))
    };
    if bot.config.converse.enable_unsecured_endpoint == Some(false) {
        return forbidden(bot.id.as_str());
    }
    if settings.converse.enable_unsecured_endpoint == Some(false) {
        return forbidden("all bots");
    }
    Ok(())
}
