//! The answer as a stream of events: `response` for each reply, then `done` with their number and
//! what else was asked for; or `error`.
//!
//! Nothing is sent before the turn is on disk. What fails at once is answered with its status; while
//! a turn takes longer, comments keep the connection alive, and a failure comes as an event.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream, StreamExt as _};

use super::super::error::HttpError;
use super::include::Include;
use crate::turn::{Answer, TurnError};

/// Time within which a turn's failure is still answered with a status.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Time between comments.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// 200 with the events of this turn.
pub(super) async fn stream(
    turn: impl Future<Output = Result<Answer, TurnError>> + Send + 'static,
    include: Include,
) -> Result<Response, HttpError> {
    let mut turn = Box::pin(turn);
    let mut response = match tokio::time::timeout(AT_ONCE, &mut turn).await {
        Ok(done) => respond(stream::iter(events(Ok(done?), include))),
        Err(_) => {
            respond(stream::once(turn).flat_map(move |done| stream::iter(events(done, include))))
        }
    };
    // nginx would hold the events back.
    let name = HeaderName::from_static("x-accel-buffering");
    response.headers_mut().insert(name, HeaderValue::from_static("no"));
    Ok(response)
}

fn respond(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(keep_alive).into_response()
}

fn events(done: Result<Answer, TurnError>, include: Include) -> Vec<Event> {
    let answer = match done {
        Ok(answer) => answer,
        Err(error) => {
            return vec![Event::default().event("error").data(HttpError::from(error).body())];
        }
    };
    // JSON without white space holds no line break, which would end the event.
    let replies = answer.responses.iter().enumerate().map(|(index, reply)| {
        let event = Event::default().event("response").id((index + 1).to_string());
        event.data(reply.to_string())
    });
    replies.chain([end(&answer, include)]).collect()
}

/// The last event.
fn end(answer: &Answer, include: Include) -> Event {
    let mut text = format!("{{\"responses\":{}", answer.responses.len()).into_bytes();
    match include.write(answer, &mut text) {
        Ok(()) => text.push(b'}'),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written as JSON");
            let body = HttpError::internal().body();
            return Event::default().event("error").data(body);
        }
    }
    Event::default().event("done").data(String::from_utf8_lossy(&text))
}
