//! Whether a bot may be talked to at all (`spec` http 1.2).

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use parlance_core::bot::Bot;

use super::error::HttpError;
use super::{App, Server};
use crate::bots::Lookup;
use crate::ops::health::NotReady;

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
    pub(super) fn gate(
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
            return Err(HttpError::unauthorized(&refusal(headers)));
        }
        Ok(bot)
    }
}

/// Why this request does not come from a collaborator: no token is valid before there are accounts
/// (`spec` http 2.6).
fn refusal(headers: &HeaderMap) -> String {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return "Authorization header is missing".to_owned();
    };
    let value = String::from_utf8_lossy(value.as_bytes());
    let mut words = value.split(' ');
    let scheme = words.next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return format!("Unknown scheme \"{scheme}\"");
    }
    match words.next() {
        None | Some("") => "Authentication token is missing".to_owned(),
        Some(_) => "Invalid authentication token".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_what_is_wrong_with_the_token() {
        assert_eq!(refusal(&HeaderMap::new()), "Authorization header is missing");
        for (value, reason) in [
            ("Basic abc", "Unknown scheme \"Basic\""),
            ("bearer", "Authentication token is missing"),
            ("Bearer ", "Authentication token is missing"),
            ("BEARER abc", "Invalid authentication token"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert_eq!(refusal(&headers), reason, "{value}");
        }
    }
}
