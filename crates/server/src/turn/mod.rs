//! One user turn: lock → load → decide → dialog ⇄ effects → commit → release.
//!
//! [`Turns::converse`] is the way in for channels that answer at once. The turn ends the same way
//! whether or not its caller still waits: one that has lost its caller goes on in a task of its own.
//! Nobody is answered before its commit. Does not live here: the dialog engine (`parlance_core::dialog`), SQL.

mod effects;
mod failure;
mod janitor;
mod lanes;
mod patience;
mod record;
mod repeat;
mod retention;
mod run;
mod service;
mod warm;

use std::sync::Arc;

use parlance_core::bot::Bot;
use parlance_core::dialog::Inspection;
use parlance_core::ids::ConversationKey;
use serde_json::{Map, Value};

pub use janitor::{Intervals, Janitor};
pub use lanes::{Full, LaneLimits, Lanes, Place};
pub use retention::RetentionPolicies;
pub use service::{TurnSettings, Turns};

/// A message on its way in.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The bot as it was when the message arrived.
    pub bot: Arc<Bot>,
    /// Who talks to it over which channel.
    pub key: ConversationKey,
    /// The message: the request's body without `includedContexts`.
    pub payload: Map<String, Value>,
    /// NLU contexts that the caller asked for.
    pub included_contexts: Vec<String>,
    /// Caller's key for this message; a repeat gets the first answer.
    pub idempotency_key: Option<String>,
    /// Claims of the caller's external token, which flows see as `event.credentials`.
    pub credentials: Option<Value>,
    /// Whether the answer shows the turn from inside.
    pub debug: bool,
}

/// What a turn answered, once it is on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The bot's replies, in order.
    pub responses: Vec<Value>,
    /// The turn from inside, where it was asked for.
    pub inspection: Option<Box<Inspection>>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TurnError {
    /// The turn did not end in time. It goes on and is stored; its replies are not sent later.
    #[error("Request timed out.")]
    TimedOut,
    /// Too many turns wait, here or for this user.
    #[error("too many messages are waiting; try again in {retry_after_secs} s")]
    Overloaded {
        /// When to try again, in seconds.
        retry_after_secs: u64,
    },
    /// The idempotency key was used with another message, or first without asking for the turn's
    /// inside.
    #[error("this Idempotency-Key was used with another request")]
    KeyReused,
    /// The message can never be stored: an id is too long, or the turn too large.
    #[error("{0}")]
    Refused(String),
    /// The turn could not be stored: nothing of it happened.
    #[error("the turn could not be stored: {0}")]
    NotStored(String),
}
