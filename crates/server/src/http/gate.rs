//! Whether a bot may be talked to at all (`spec` http 1.2).

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use parlance_core::bot::Bot;

use super::error::HttpError;
use super::limits::Verdict;
use super::routes::Right;
use super::token::presented;
use super::{App, Server};
use crate::auth::service::Wanted;
use crate::auth::{Caller, KeyLimits};
use crate::bots::Lookup;
use crate::config::RateLimit;
use crate::ops::health::NotReady;
use crate::workspaces::Workspace;

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
            let caller = self.collaborator(headers, &bot).await?;
            tracing::debug!(%caller, bot = %bot.id, "a private bot is talked to");
        }
        Ok(bot)
    }

    /// Whoever presents a token or a key with which they may talk to the bot (`spec` http 1.9: any
    /// collaborator); 401 and 403 for all others.
    pub(super) async fn collaborator(
        &self,
        headers: &HeaderMap,
        bot: &Bot,
    ) -> Result<Caller, HttpError> {
        let (caller, _) = self.caller(headers).await?;
        let Right { resource, operation } = CONVERSE;
        let wanted = Wanted { resource, operation, bot: Some(bot.id.as_str()) };
        self.permit_with_bot(&caller, &wanted).await?;
        Ok(caller)
    }

    /// Who asks, and what the limit of accounts and keys says of it; 401 for nobody, 429 for too
    /// often.
    pub(super) async fn caller(&self, headers: &HeaderMap) -> Result<(Caller, Verdict), HttpError> {
        let auth = &self.services.auth;
        let caller = auth.authenticate(presented(headers, auth.uses_cookies())?).await?;
        let name = caller.to_string();
        let verdict = match own_limit(&caller) {
            Some(own) => self.tokens.check_own(&name, own),
            None => self.tokens.check(&name),
        };
        if verdict.allowed {
            Ok((caller, verdict))
        } else {
            Err(HttpError::too_many().with(|headers| verdict.write(headers)))
        }
    }

    /// Whether the caller may do what every collaborator may. A key may be good for some bots only,
    /// or those of one workspace.
    pub(super) async fn permit_with_bot(
        &self,
        caller: &Caller,
        wanted: &Wanted<'_>,
    ) -> Result<(), HttpError> {
        let auth = &self.services.auth;
        let Caller::Key { limits: KeyLimits { workspace: Some(only), .. }, .. } = caller else {
            return Ok(auth.permit_authenticated(caller, None, wanted)?);
        };
        let workspaces = self.workspaces().await?;
        let holds = |workspace: &&Workspace| {
            workspace.id == *only
                && workspace.bots.iter().any(|bot| Some(bot.as_str()) == wanted.bot)
        };
        let workspace = workspaces.iter().find(holds).map(|workspace| workspace.id.as_str());
        Ok(auth.permit_authenticated(caller, workspace, wanted)?)
    }

    /// All workspaces, as their file says now.
    pub(super) async fn workspaces(&self) -> Result<Vec<Workspace>, HttpError> {
        let listed = self.services.blocking(|services| services.workspaces.list()).await;
        Ok(listed.ok_or_else(HttpError::internal)??)
    }
}

/// The limit that a key has for itself.
fn own_limit(caller: &Caller) -> Option<RateLimit> {
    let Caller::Key { limits: KeyLimits { rate_limit: Some(limit), .. }, .. } = caller else {
        return None;
    };
    let limit = u32::try_from(*limit).unwrap_or(u32::MAX);
    Some(RateLimit { limit, window: Duration::from_mins(1) })
}
