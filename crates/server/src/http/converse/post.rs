//! `POST /api/v1/bots/{bot}/converse/{user}`: one message of a chat user, answered with the bot's
//! replies (`spec` http 1.1–1.7).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;

use super::super::error::HttpError;
use super::super::gate::Visitors;
use super::super::{App, Server};
use super::exchange::Exchange;
use super::include::{self, Include};
use super::message::Message;
use super::restrict;

/// 200 with `{"responses":[…]}`, or a stream of events for callers that accept nothing else.
pub(in super::super) async fn post<S: Server>(
    State(app): State<Arc<App<S>>>,
    request: Request,
) -> Result<Response, HttpError> {
    let (mut exchange, body) = Exchange::read(&app, request, Visitors::Collaborators).await?;
    restrict::check(&app, &exchange.bot, exchange.headers()).await?;
    exchange.identify(&app).await?;
    let message = Message::check(body)?;
    include::check(exchange.query())?;
    exchange.answer(app, message, Include::REPLIES).await
}
