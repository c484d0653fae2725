//! `GET /api/v1/bots/{bot}/users/{user}/export`: all that is kept of one chat user, as one JSON document
//! that is written while it is read, however long it is.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use futures_util::stream;
use parlance_core::ids::ConversationKey;
use parlance_store::{
    ConversationCursor, ConversationFilter, ConversationSummary, ReadError, StoredTurn, UserData,
};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::super::conversations::{ShownConversation, plain};
use super::super::error::HttpError;
use super::super::headers::JSON;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::subject::{conversations, described, subject, unknown};
use crate::services::Services;

/// Things that one read takes.
const PAGE: i64 = 50;

/// Pieces that wait for a slow reader, and how long the next one waits for them.
const PIECES: usize = 2;
const PATIENCE: Duration = Duration::from_mins(1);

/// Why an export ends early; what was sent by then is no JSON.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("nobody reads it")]
    Left,
}

/// All that is kept of a chat user.
#[derive(JsonSchema)]
#[schemars(rename = "ChatUserExport")]
#[expect(dead_code, reason = "a shape for the documentation; the document is written in pieces")]
struct Document {
    bot: String,
    channel: String,
    user: String,
    /// When it was made, in milliseconds since 1970.
    #[schemars(rename = "exportedOn")]
    made_on: i64,
    /// What the bot keeps of the user, since when, and until when.
    known: Map<String, Value>,
    /// Keys of requests that were sent with `Idempotency-Key` within the last day.
    #[schemars(rename = "idempotencyKeys")]
    idempotency_keys: Vec<Map<String, Value>>,
    /// The conversations, each with its memory and its turns, newest first.
    conversations: Vec<Map<String, Value>>,
}

/// What the endpoint takes and gives.
pub(in super::super) fn export_doc() -> Doc {
    described(Doc::new(Tag::Conversations, "Export all that is kept of a chat user"))
        .about("Of one bot. An answer that breaks off is not complete.")
        .gives::<Document>(200, "All of it")
}

/// 200 with the document; 404 for a user that the bot does not know.
pub(in super::super) async fn export(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let key = subject(&call)?;
    let known = services.store.user_data(&key.bot, &key.channel, &key.user).await?;
    let any = conversations(&services, &key, 1).await?;
    if known.is_none() && any.conversations.is_empty() {
        return Err(unknown());
    }
    let (sender, receiver) = mpsc::channel(PIECES);
    let export = Export { services: services.clone(), key, out: sender };
    services.lifecycle.spawn_work("export", export.run(known));
    let pieces = stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    Ok(response)
}

/// An export under way.
struct Export {
    services: Services,
    key: ConversationKey,
    out: mpsc::Sender<Result<Bytes, io::Error>>,
}

impl Export {
    async fn run(self, known: Option<UserData>) {
        match self.write(known).await {
            Ok(()) => {}
            Err(Broken::Left) => tracing::debug!("an export was not read to its end"),
            Err(Broken::Read(error)) => {
                tracing::error!(%error, "an export broke off");
                // Breaks the connection off: half a document must not look like a whole one.
                let _ = self.out.send(Err(io::Error::other("the export broke off"))).await;
            }
        }
    }

    async fn send(&self, piece: String) -> Result<(), Broken> {
        match timeout(PATIENCE, self.out.send(Ok(piece.into()))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Broken::Left),
        }
    }

    async fn write(&self, known: Option<UserData>) -> Result<(), Broken> {
        let ConversationKey { bot, channel, user, .. } = &self.key;
        let now = self.services.clock.millis();
        let head = json!({
            "bot": bot, "channel": channel, "user": user, "exportedOn": now,
            "known": known.as_ref().map(known_json).unwrap_or_default(),
        });
        // Without its last brace: more fields follow.
        let mut head = head.to_string();
        head.pop();
        self.send(head + ",\"idempotencyKeys\":[").await?;
        self.idempotency_keys().await?;
        self.send("],\"conversations\":[".to_owned()).await?;
        self.conversations().await?;
        self.send("]}".to_owned()).await
    }

    async fn idempotency_keys(&self) -> Result<(), Broken> {
        let ConversationKey { bot, channel, user, .. } = &self.key;
        let (mut after, mut items) = (String::new(), Items::default());
        loop {
            let store = &self.services.store;
            let keys = store.idempotency_keys(bot, channel, user, &after, PAGE).await?;
            let Some((last, _)) = keys.last() else {
                return Ok(());
            };
            after.clone_from(last);
            for (key, used_on) in keys {
                self.send(items.next(&json!({ "key": key, "usedOn": used_on }))).await?;
            }
        }
    }

    async fn conversations(&self) -> Result<(), Broken> {
        let ConversationKey { bot, channel, user, .. } = &self.key;
        let filter =
            ConversationFilter { user: Some(user.clone()), channel: Some(channel.clone()) };
        let (mut after, mut items): (Option<ConversationCursor>, _) = (None, Items::default());
        loop {
            let store = &self.services.store;
            let page = store.conversations(bot, &filter, after.as_ref(), PAGE).await?;
            for conversation in page.conversations {
                self.conversation(conversation, &mut items).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn conversation(
        &self,
        found: ConversationSummary,
        items: &mut Items,
    ) -> Result<(), Broken> {
        let Some(key) = found.key() else {
            return Ok(());
        };
        let store = &self.services.store;
        let loaded = store.load(&key, self.services.clock.millis()).await?.conversation;
        let part = |stored: Option<&parlance_store::Json>| stored.map(plain);
        let memory = loaded.map(|kept| {
            json!({
                "session": part(kept.session.as_ref()),
                "temp": part(kept.temp.as_ref()),
                "context": part(kept.context.as_ref()),
            })
        });
        let mut head = items.next(&json!({
            "conversation": ShownConversation::from(found), "memory": memory,
        }));
        head.pop();
        self.send(head + ",\"turns\":[").await?;
        let mut turns = store.newest_turns(&key, PAGE).await?;
        let mut turn_items = Items::default();
        while let Some(last) = turns.last() {
            let previous = last.previous.clone();
            for turn in &turns {
                self.send(turn_items.next(&turn_json(turn))).await?;
            }
            turns = match previous {
                Some(id) => store.turns_from(&id, PAGE).await?,
                None => Vec::new(),
            };
        }
        self.send("]}".to_owned()).await
    }
}

/// The items of an array, one after another.
#[derive(Default)]
struct Items {
    begun: bool,
}

impl Items {
    /// The text of the next one, and of what is between it and the one before.
    fn next(&mut self, item: &Value) -> String {
        let comma = if std::mem::replace(&mut self.begun, true) { "," } else { "" };
        format!("{comma}{item}")
    }
}

fn known_json(known: &UserData) -> Map<String, Value> {
    let date = |date: &parlance_store::Retention| json!({ "attribute": date.path, "forgottenOn": date.expires_on });
    let mut fields = Map::new();
    fields.insert("attributes".to_owned(), plain(&known.attributes));
    fields.insert("createdOn".to_owned(), known.created_on.into());
    fields.insert("modifiedOn".to_owned(), known.modified_on.into());
    fields.insert("retention".to_owned(), known.retention.iter().map(date).collect());
    fields
}

fn turn_json(turn: &StoredTurn) -> Value {
    json!({
        "id": turn.id,
        "number": turn.number,
        "eventId": turn.event_id,
        "receivedOn": turn.received_on,
        "finishedOn": turn.finished_on,
        "incoming": turn.incoming.as_ref().map(plain),
        "replies": plain(&turn.replies),
        "trace": plain(&turn.trace),
    })
}
