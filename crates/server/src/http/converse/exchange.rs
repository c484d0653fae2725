//! What the public and the secured route do alike: read a request, run its turn, write the answer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use parlance_core::bot::Bot;
use parlance_core::ids::ConversationKey;
use serde_json::Value;

use super::super::error::HttpError;
use super::super::gate::Visitors;
use super::super::headers::JSON;
use super::super::path::parameter;
use super::super::{App, Server, body};
use super::events;
use super::extras::Extras;
use super::include::Include;
use super::message::Message;
use crate::turn::{Answer, Incoming};

/// What a chat user says to a bot, whose body is not checked yet.
pub(super) struct Exchange {
    pub(super) bot: Arc<Bot>,
    user: String,
    parts: Parts,
    /// Claims of the user's external token.
    credentials: Option<Value>,
}

impl Exchange {
    /// Reads the body and finds the bot, for visitors of this kind.
    pub(super) async fn read<S: Server>(
        app: &App<S>,
        request: Request,
        visitors: Visitors,
    ) -> Result<(Self, Value), HttpError> {
        let (parts, body) = request.into_parts();
        let settings = &app.settings;
        let body = body::read(&parts.headers, body, settings.body_limit).await?;
        let path = parts.uri.path();
        let id = parameter(path, &settings.root_path, 3)?;
        let bot = app.gate(&id, &parts.headers, visitors).await?;
        let user = parameter(path, &settings.root_path, 5)?.into_owned();
        Ok((Self { bot, user, parts, credentials: None }, body))
    }

    /// Looks at the external token of its user, if there is one; 401 for one that does not hold.
    pub(super) async fn identify<S: Server>(&mut self, app: &App<S>) -> Result<(), HttpError> {
        self.credentials = app.credentials(&self.parts.headers, &self.user).await?;
        Ok(())
    }

    /// Its headers.
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The query of its URL.
    pub(super) fn query(&self) -> Option<&str> {
        self.parts.uri.query()
    }

    /// Runs the turn of its message and answers what is asked for, as JSON or as a stream of events.
    pub(super) async fn answer<S: Server>(
        self,
        app: Arc<App<S>>,
        message: Message,
        include: Include,
    ) -> Result<Response, HttpError> {
        let settings = &app.settings;
        message.check_length(settings.max_message_length(&self.bot.config))?;
        let extras = Extras::of(&self.parts, settings.max_timeout)?;
        if self.user.contains('\0') {
            return Err(HttpError::bad_request("the user id holds a NUL character"));
        }
        let verdict = app.limits.check(&self.bot, &self.user);
        if !verdict.allowed() {
            return Ok(with(HttpError::too_many().into_response(), |headers| {
                verdict.write(headers);
            }));
        }
        let timeout = extras.timeout.unwrap_or_else(|| settings.timeout(&self.bot.config));
        let incoming = Incoming {
            key: ConversationKey::api(self.bot.id.clone(), self.user),
            bot: self.bot,
            payload: message.payload,
            included_contexts: message.included_contexts,
            idempotency_key: extras.idempotency_key,
            credentials: self.credentials,
            debug: include.asks_for_debug(),
        };
        let response = if extras.events {
            let app = Arc::clone(&app);
            let turn = async move { app.server.converse(incoming, timeout).await };
            events::stream(turn, include).await
        } else {
            let answer = app.server.converse(incoming, timeout).await;
            answer.map_err(HttpError::from).and_then(|answer| json(&answer, include))
        };
        let response = response.unwrap_or_else(HttpError::into_response);
        Ok(with(response, |headers| verdict.write(headers)))
    }
}

fn json(answer: &Answer, include: Include) -> Result<Response, HttpError> {
    let mut text = Vec::with_capacity(512);
    text.extend_from_slice(b"{\"responses\":");
    serde_json::to_writer(&mut text, &answer.responses)
        .and_then(|()| include.write(answer, &mut text))
        .map_err(|error| {
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
