//! Whether a bot may be talked to at all (`spec` http 1.2).

use std::sync::Arc;

use axum::http::HeaderMap;
use parlance_core::bot::Bot;

use super::error::HttpError;
use super::routes::Right;
use super::token::presented;
use super::{App, Server};
use crate::auth::Caller;
use crate::bots::Lookup;
use crate::ops::health::NotReady;

/// To talk to a bot that not everybody may talk to.
pub(super) const CONVERSE: Right = Right::write("bot.converse");

/// Who comes in to a private bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visitors {
    /// Collaborators only.
    Collaborators,
    /// Everybody: media are public, and whoever logged in may talk to private bots.
    Everybody,
}

impl<S: Server> App<S> {
    /// The bot, if the request may talk to it: 503 before bots are mounted, 404 for an unknown or
    /// disabled one, 401 for a private one.
    pub(super) async fn gate(
        &self,
        id: &str,
        headers: &HeaderMap,
        visitors: Visitors,
    ) -> Result<Arc<Bot>, HttpError> {
        match self.server.health().ready() {
            Ok(()) | Err(NotReady::Stopping) => {}
            Err(reason) => return Err(HttpError::not_ready(&reason.to_string())),
        }
        let bot = match self.server.lookup(id) {
            Lookup::Ready(bot) => bot,
            Lookup::Disabled => return Err(HttpError::not_found("Bot is disabled")),
            Lookup::Unknown => return Err(HttpError::not_found("Invalid Bot ID")),
        };
        if bot.config.private && visitors == Visitors::Collaborators {
            self.collaborator(headers, &bot)?;
        }
        Ok(bot)
    }

    /// Whoever presents a token or a key with which they may talk to the bot (`spec` http 1.9: any
    /// collaborator); 401 and 403 for all others.
    fn collaborator(&self, headers: &HeaderMap, bot: &Bot) -> Result<Caller, HttpError> {
        let auth = &self.operator.auth;
        let presented = presented(headers, false)?;
        let caller = auth.authenticate(presented.token, presented.csrf)?;
        tracing::debug!(%caller, %bot.id, "a private bot is talked to");
        Ok(caller)
    }
}
