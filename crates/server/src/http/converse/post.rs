//! `POST /api/v1/bots/{bot}/converse/{user}`: one message of a chat user, answered with the bot's
//! replies (`spec` http 1.1–1.7).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use parlance_core::bot::Bot;
use parlance_core::ids::ConversationKey;

use super::super::edge::too_many;
use super::super::error::HttpError;
use super::super::gate::Visitors;
use super::super::headers::JSON;
use super::super::path::parameter;
use super::super::settings::Settings;
use super::super::{App, Server, body};
use super::extras::Extras;
use super::message::Message;
use super::{events, include};
use crate::turn::{Answer, Incoming};

/// 200 with `{"responses":[…]}`, or a stream of events for callers that accept nothing else.
pub(in super::super) async fn post<S: Server>(
    State(app): State<Arc<App<S>>>,
    request: Request,
) -> Result<Response, HttpError> {
    let (parts, body) = request.into_parts();
    let settings = &app.settings;
    let body = body::read(&parts.headers, body, settings.body_limit).await?;
    let path = parts.uri.path();
    let id = parameter(path, &settings.root_path, 3)?;
    let bot = app.gate(&id, &parts.headers, Visitors::Collaborators).await?;
    let user = parameter(path, &settings.root_path, 5)?;
    check_open(&bot, settings)?;
    let message = Message::check(body)?;
    include::check(parts.uri.query())?;
    message.check_length(settings.max_message_length(&bot.config))?;
    let extras = Extras::of(&parts, settings.max_timeout)?;
    if user.contains('\0') {
        return Err(HttpError::bad_request("the user id holds a NUL character"));
    }
    let verdict = app.limits.check(bot.id.as_str(), &user);
    if !verdict.allowed() {
        return Ok(with(too_many(), |headers| verdict.write(headers)));
    }
    let timeout = extras.timeout.unwrap_or_else(|| settings.timeout(&bot.config));
    let incoming = Incoming {
        key: ConversationKey::api(bot.id.clone(), user),
        bot,
        payload: message.payload,
        included_contexts: message.included_contexts,
        idempotency_key: extras.idempotency_key,
    };
    let response = if extras.events {
        let app = Arc::clone(&app);
        events::stream(async move { app.server.converse(incoming, timeout).await }).await
    } else {
        let answer = app.server.converse(incoming, timeout).await;
        answer.map_err(HttpError::from).and_then(|answer| json(&answer))
    };
    let response = response.unwrap_or_else(HttpError::into_response);
    Ok(with(response, |headers| verdict.write(headers)))
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

fn json(answer: &Answer) -> Result<Response, HttpError> {
    let mut text = Vec::with_capacity(512);
    text.extend_from_slice(b"{\"responses\":");
    serde_json::to_writer(&mut text, &answer.responses).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        HttpError::internal()
    })?;
    text.push(b'}');
    let response = Response::new(Body::from(text));
    Ok(with(response, |headers| {
        headers.insert(header::CONTENT_TYPE, JSON);
    }))
}

fn with(mut response: Response, change: impl FnOnce(&mut HeaderMap)) -> Response {
    change(response.headers_mut());
    response
}
