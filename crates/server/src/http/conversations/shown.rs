//! Conversations and stored JSON as callers see them.

use parlance_core::untrusted;
use parlance_store::{ConversationSummary, Json};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A conversation.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Conversation")]
pub(in super::super) struct ShownConversation {
    /// Its id: `<bot>::<channel>::<user>`, and `::<thread>` where there are threads.
    id: String,
    channel: String,
    /// The chat user's id on that channel.
    user: String,
    thread: Option<String>,
    /// When it began, in milliseconds since 1970.
    created_on: i64,
    /// When its newest session began, in milliseconds since 1970.
    session_on: i64,
    /// When its newest turn ended, in milliseconds since 1970.
    last_seen_on: i64,
    /// When the session is forgotten, in milliseconds since 1970; `null` when it has been.
    session_expires_on: Option<i64>,
    /// How many turns it has.
    turns: i64,
}

impl From<ConversationSummary> for ShownConversation {
    fn from(found: ConversationSummary) -> Self {
        Self {
            id: found.id,
            channel: found.channel,
            user: found.user,
            thread: found.thread,
            created_on: found.created_on,
            session_on: found.session_on,
            last_seen_on: found.last_seen_on,
            session_expires_on: found.session_expiry,
            turns: found.turns,
        }
    }
}

/// Stored JSON as its authors wrote it; `null` for what cannot be read.
pub(in super::super) fn plain(stored: &Json) -> Value {
    let read = stored.read();
    let mut value: Value = read.unwrap_or_else(|error| {
        tracing::error!(%error, "stored state cannot be read");
        Value::Null
    });
    untrusted::unmark(&mut value);
    value
}
