//! What the Converse API takes and gives, for the documentation.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::openapi::{Doc, Tag};

/// A message of a chat user.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a shape for the documentation; `message` reads the body")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Message {
    /// `text` is the only kind that the public route takes.
    #[schemars(rename = "type", extend("enum" = ["text"]))]
    kind: Option<String>,
    /// What the user says; as many UTF-16 code units as `converse.maxMessageLength` allows.
    #[schemars(length(min = 1))]
    text: String,
    /// NLU contexts to look for intents in; `["global"]` if there are none.
    #[schemars(extend("type" = "array"))]
    included_contexts: Option<Vec<Context>>,
    /// Anything; the bot finds it in `event.payload.metadata`.
    #[schemars(extend("type" = "object"))]
    metadata: Option<Map<String, Value>>,
}

/// A caller's own word for a request.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape for the documentation")]
struct IdempotencyKey(#[schemars(length(min = 1, max = 255), regex(pattern = "^[!-~]+$"))] String);

/// A context's name.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape for the documentation")]
struct Context(#[schemars(length(min = 1))] String);

/// What the bot says to a message.
#[derive(Serialize, JsonSchema)]
pub(super) struct Replies {
    /// In the order in which the bot said them.
    responses: Vec<Map<String, Value>>,
}

/// A message of any type. What else it holds reaches the bot in `event.payload`.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a shape for the documentation; `message` reads the body")]
#[serde(rename_all = "camelCase")]
struct AnyMessage {
    /// Such as `text`, `quick_reply`, `postback`, `visit` or `image`; `text` if there is none.
    #[schemars(rename = "type")]
    kind: Option<String>,
    /// A message of type `text` must have one, of the same length as on the public route.
    text: Option<String>,
    /// NLU contexts to look for intents in; `["global"]` if there are none.
    included_contexts: Option<Vec<Context>>,
    /// Anything; the bot finds it in `event.payload.metadata`.
    metadata: Option<Map<String, Value>>,
    #[schemars(flatten)]
    others: Map<String, Value>,
}

/// What the bot says to a message, and what its turn looked like from inside.
#[derive(Serialize, JsonSchema)]
struct DebugAnswer {
    /// In the order in which the bot said them.
    responses: Vec<Map<String, Value>>,
    /// What was understood.
    nlu: Option<Map<String, Value>>,
    /// What was proposed as an answer, each with its outcome.
    suggestions: Option<Vec<Map<String, Value>>>,
    /// The nodes on the way, what is remembered, and where the conversation stands.
    state: Option<Map<String, Value>>,
    /// Who answered; empty if nobody did.
    decision: Option<Map<String, Value>>,
    /// Claims of the external token.
    credentials: Option<Value>,
}

/// What the secured route takes and gives.
pub(in super::super) fn secured_doc() -> Doc {
    Doc::new(Tag::Converse, "Say something to a bot and see its turn from inside")
        .about(
            "As the public route, for messages of any type, and with the members that `include` \
             asks for; in a stream the event `done` has them.",
        )
        .query::<String>(
            "include",
            "Any of `nlu`, `state`, `suggestions`, `decision` and `credentials`, with commas \
             between them.",
        )
        .query::<String>("timeout", "How long to wait for the answer, such as `20s`.")
        .header::<IdempotencyKey>(
            "Idempotency-Key",
            "The same message again gets the same answer, if it asked for members the first time.",
        )
        .takes::<AnyMessage>()
        .gives::<DebugAnswer>(200, "What the bot says, and what was asked for")
        .refuses(422, "The key was used for another request")
}

/// What the public route takes and gives.
pub(in super::super) fn post_doc() -> Doc {
    Doc::new(Tag::Converse, "Say something to a bot")
        .about(
            "The answer holds all that the bot says until it waits for the user. \
             With `Accept: text/event-stream` it comes as events `response`, `done` and `error`.",
        )
        .query::<String>("include", "`responses` is all that this route gives.")
        .query::<String>("timeout", "How long to wait for the answer, such as `20s`.")
        .header::<IdempotencyKey>("Idempotency-Key", "The same message again gets the same answer.")
        .takes::<Message>()
        .gives::<Replies>(200, "What the bot says; nothing, if it is silent")
        .gives_other(
            403,
            "text/plain",
            "The route is closed, or not for this `include`, or not for this site's pages",
        )
        .refuses(401, "The bot is private or needs a key, or the external token is not valid")
        .refuses(422, "The key was used for another message")
}
