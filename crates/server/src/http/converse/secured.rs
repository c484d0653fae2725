//! `POST /api/v1/bots/{bot}/converse/{user}/secured`, the Debug API: a message of any type, answered
//! with the replies and what the turn looked like from inside (`spec` http 1.1, 1.6–1.9).
//!
//! The route table's guard lets collaborators in and nobody else; a private bot and a closed public
//! route make no difference to them, but their page's site must be one that may talk to the bot.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use super::super::error::HttpError;
use super::super::gate::Visitors;
use super::super::{App, Server};
use super::exchange::Exchange;
use super::include::Include;
use super::message::Message;
use super::restrict;

/// 200 with `{"responses":[…]}` and a member for each word of `include`, or a stream of events whose
/// last one has those members.
pub(in super::super) async fn secured<S: Server>(
    State(app): State<Arc<App<S>>>,
    request: Request,
) -> Result<Response, HttpError> {
    let (mut exchange, body) = Exchange::read(&app, request, Visitors::Everybody).await?;
    restrict::check_origin(&exchange.bot, &app.settings, exchange.headers())?;
    exchange.identify(&app).await?;
    let message = Message::take(body)?;
    let include = Include::of(exchange.query())?;
    exchange.answer(app, message, include).await
}
