//! Which bot and conversation a path means.

use parlance_core::ids::{BotId, ConversationKey};
use parlance_store::ConversationSummary;

use super::super::error::HttpError;
use super::super::routes::Call;
use crate::services::Services;

/// The bot `{bot}` of the path.
pub(in super::super) fn bot(call: &Call) -> Result<BotId, HttpError> {
    let id = call.parameter("bot")?;
    BotId::parse(&id).ok_or_else(|| HttpError::not_found("Invalid Bot ID"))
}

/// The conversation `{conversation}` that a path names, and of which bot.
pub(in super::super) struct Named {
    bot: BotId,
    id: String,
}

/// What the path names.
pub(in super::super) fn named(call: &Call) -> Result<Named, HttpError> {
    Ok(Named { bot: bot(call)?, id: call.parameter("conversation")?.into_owned() })
}

/// The conversation, which must be one of the path's bot: rights are looked up by the bot.
pub(in super::super) async fn find(
    services: &Services,
    Named { bot, id }: Named,
) -> Result<(ConversationKey, ConversationSummary), HttpError> {
    let found = services.store.conversation(&id).await?;
    let found = found.filter(|found| found.bot == bot.as_str());
    let found = found.and_then(|found| Some((found.key()?, found)));
    found.ok_or_else(|| HttpError::not_found("the bot has no such conversation"))
}
