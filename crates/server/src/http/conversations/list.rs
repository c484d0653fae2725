//! `GET …/conversations` and `GET …/conversations/{conversation}`.

use axum::extract::State;
use axum::response::Response;
use parlance_store::{ConversationCursor, ConversationFilter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::json;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::page::{Limit, limit, no_such_place};
use super::shown::ShownConversation;
use super::{bot, find, named};
use crate::services::Services;

/// A page of conversations.
#[derive(Serialize, JsonSchema)]
struct Conversations {
    /// Newest sessions first.
    conversations: Vec<ShownConversation>,
    /// The `before` of the next page; `null` at the end. A short page may have one.
    next: Option<String>,
}

/// Which page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    user: Option<String>,
    channel: Option<String>,
    before: Option<String>,
    limit: Option<u16>,
}

/// A place in the list.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape for the documentation; `Query` reads the query")]
struct Before(#[schemars(regex(pattern = r"^[0-9]{1,18}\..{1,2000}$"))] String);

/// What the list takes and gives.
pub(in super::super) fn list_doc() -> Doc {
    Doc::new(Tag::Conversations, "List a bot's conversations")
        .query::<String>("user", "Only those of this chat user.")
        .query::<String>("channel", "Only those on this channel; `api` is the Converse API.")
        .query::<Before>("before", "The `next` of the page before.")
        .query::<Limit>("limit", "How many conversations, 20 if it is left out.")
        .gives::<Conversations>(200, "A page of conversations")
}

/// 200 with a page.
pub(in super::super) async fn list(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let bot = bot(&call)?;
    let query: Query = call.query()?;
    let limit = i64::from(limit(query.limit)?);
    let before = query.before.as_deref().map(|text| place(text).ok_or_else(no_such_place));
    let before = before.transpose()?;
    let filter = ConversationFilter { user: query.user, channel: query.channel };
    let page = services.store.conversations(&bot, &filter, before.as_ref(), limit).await?;
    let conversations = page.conversations.into_iter().map(ShownConversation::from).collect();
    let next = page.next.map(|next| format!("{}.{}", next.session_on, next.id));
    Ok(json(&Conversations { conversations, next }))
}

fn place(text: &str) -> Option<ConversationCursor> {
    let (session_on, id) = text.split_once('.')?;
    let digits = !session_on.is_empty() && session_on.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || id.is_empty() {
        return None;
    }
    Some(ConversationCursor { session_on: session_on.parse().ok()?, id: id.to_owned() })
}

/// What the endpoint for one takes and gives.
pub(in super::super) fn get_doc() -> Doc {
    Doc::new(Tag::Conversations, "Read a conversation")
        .gives::<ShownConversation>(200, "The conversation")
}

/// 200 with one; 404 for none, and for those of another bot.
pub(in super::super) async fn get(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let (_, found) = find(&services, named(&call)?).await?;
    Ok(json(&ShownConversation::from(found)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_time_and_an_id_of_any_kind() {
        let id = |text| place(text).map(|place| (place.session_on, place.id));
        assert_eq!(id("12.shop::api::a.b"), Some((12, "shop::api::a.b".to_owned())));
        for bad in ["", "12", "12.", ".x", "-1.x", "+1.x", "99999999999999999999.x", "x.y"] {
            assert_eq!(id(bad), None, "{bad}");
        }
    }
}
