//! `GET …/conversations/{conversation}/turns`: what happened, turn by turn.

use axum::extract::State;
use axum::response::Response;
use parlance_store::StoredTurn;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::answer::json;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::page::{Limit, TurnId, is_turn_id, limit, no_such_place};
use super::{find, named, plain};
use crate::services::Services;

/// A page of turns.
#[derive(Serialize, JsonSchema)]
struct Turns {
    /// Newest first.
    turns: Vec<ShownTurn>,
    /// The `before` of the next page; `null` on the last one.
    next: Option<String>,
}

/// A message and all that came of it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Turn")]
struct ShownTurn {
    id: String,
    /// Its number in the conversation, from 1.
    number: i64,
    /// Id of the incoming event.
    event_id: String,
    /// When the message came, in milliseconds since 1970.
    received_on: i64,
    /// When the turn was done, in milliseconds since 1970.
    finished_on: i64,
    /// The message as it was sent; `null` when the bot spoke first.
    incoming: Option<Value>,
    /// The payloads that answered it, in order.
    replies: Vec<Value>,
    trace: ShownTrace,
}

/// How the bot came to its answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Trace")]
struct ShownTrace {
    /// The nodes that were entered, in order.
    nodes: Vec<Node>,
    /// Who decided what to answer.
    decision: Option<String>,
    /// What went wrong without ending the turn.
    problems: Vec<Value>,
}

/// A node of a flow.
#[derive(Serialize, JsonSchema)]
struct Node {
    flow: String,
    node: String,
}

/// The trace as it is stored.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Stored {
    path: Vec<(String, String)>,
    decision: Option<String>,
    problems: Vec<Value>,
}

impl From<StoredTurn> for ShownTurn {
    fn from(turn: StoredTurn) -> Self {
        let stored: Stored = serde_json::from_value(plain(&turn.trace)).unwrap_or_default();
        let node = |(flow, node)| Node { flow, node };
        Self {
            id: turn.id,
            number: turn.number,
            event_id: turn.event_id,
            received_on: turn.received_on,
            finished_on: turn.finished_on,
            incoming: turn.incoming.as_ref().map(plain),
            replies: list(plain(&turn.replies)),
            trace: ShownTrace {
                nodes: stored.path.into_iter().map(node).collect(),
                decision: stored.decision,
                problems: stored.problems,
            },
        }
    }
}

/// The items of an array.
pub(super) fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

/// Which page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    before: Option<String>,
    limit: Option<u16>,
}

/// What the endpoint takes and gives.
pub(in super::super) fn turns_doc() -> Doc {
    Doc::new(Tag::Conversations, "Read a conversation's turns")
        .about("Each with the nodes that it went through and the problems that it met.")
        .query::<TurnId>("before", "The `next` of the page before.")
        .query::<Limit>("limit", "How many turns, 20 if it is left out.")
        .gives::<Turns>(200, "A page of turns")
}

/// 200 with a page.
pub(in super::super) async fn turns(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let (key, found) = find(&services, named(&call)?).await?;
    let query: Query = call.query()?;
    let limit = i64::from(limit(query.limit)?);
    let turns = match &query.before {
        None => services.store.newest_turns(&key, limit).await?,
        // Of this conversation alone: the caller may have no right to others.
        Some(id) if !is_turn_id(id) => return Err(no_such_place()),
        Some(id) => services.store.turns_of(&found.id, id, limit).await?,
    };
    let next = turns.last().and_then(|last| last.previous.clone());
    let turns = turns.into_iter().map(ShownTurn::from).collect();
    Ok(json(&Turns { turns, next }))
}
