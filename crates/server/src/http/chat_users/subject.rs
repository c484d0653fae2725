//! Which chat user of a bot a request means.

use parlance_core::ids::{BotId, ConversationKey};
use parlance_store::{ConversationFilter, ConversationPage};
use serde::Deserialize;

use super::super::conversations::bot;
use super::super::error::HttpError;
use super::super::openapi::Doc;
use super::super::routes::Call;
use crate::services::Services;

/// The channel of the Converse API.
const API: &str = "api";

/// The query of all requests about one chat user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    channel: Option<String>,
}

/// Explains that query.
pub(super) fn described(doc: Doc) -> Doc {
    doc.query::<String>(
        "channel",
        "The user's channel; the Converse API's, `api`, if it is left out.",
    )
}

/// The chat user `{user}` of the bot `{bot}`. Its thread is none: what is known of a user is the same in
/// all threads.
pub(super) fn subject(call: &Call) -> Result<ConversationKey, HttpError> {
    let query: Query = call.query()?;
    Ok(ConversationKey {
        bot: bot(call)?,
        channel: query.channel.unwrap_or_else(|| API.to_owned()),
        user: call.parameter("user")?.into_owned(),
        thread: None,
    })
}

/// The first conversations of the user with the bot, newest first.
pub(super) async fn conversations(
    services: &Services,
    ConversationKey { bot, channel, user, .. }: &ConversationKey,
    limit: i64,
) -> Result<ConversationPage, HttpError> {
    let filter = ConversationFilter { user: Some(user.clone()), channel: Some(channel.clone()) };
    Ok(services.store.conversations(bot, &filter, None, limit).await?)
}

/// 404.
pub(super) fn unknown() -> HttpError {
    HttpError::not_found("the bot knows no such chat user on this channel")
}

/// The keys of these conversations of a user, those with one bot only if it is given.
pub(super) async fn lanes(
    services: &Services,
    bot: Option<&BotId>,
    channel: &str,
    user: &str,
    limit: i64,
) -> Result<Vec<ConversationKey>, HttpError> {
    let found = services.store.conversations_of(channel, user, None, limit).await?;
    let keys = found.iter().filter_map(parlance_store::ConversationSummary::key);
    let mut keys: Vec<_> = keys.filter(|key| bot.is_none_or(|bot| key.bot == *bot)).collect();
    // The first message ever may be on its way.
    keys.extend(bot.map(|bot| ConversationKey {
        bot: bot.clone(),
        channel: channel.to_owned(),
        user: user.to_owned(),
        thread: None,
    }));
    Ok(keys)
}
