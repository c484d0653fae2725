//! Who may use the Converse API at all: the switch that closes the public route (`spec` http 1.3),
//! the sites whose pages may call, and the key that may be asked for (both ours).
//!
//! Comes after the gate (there is such a bot, and it is not private) and before everything that looks
//! at the message. How often may be asked is decided elsewhere (`limits`), last of all.

use axum::http::{HeaderMap, StatusCode, header};
use parlance_core::bot::Bot;

use super::super::error::HttpError;
use super::super::settings::Settings;
use super::super::{App, Server};

/// Lets in who may use the public route of this bot: 403 where it is closed or not for this site's
/// pages, 401 without the key that it needs.
pub(super) async fn check<S: Server>(
    app: &App<S>,
    bot: &Bot,
    headers: &HeaderMap,
) -> Result<(), HttpError> {
    check_open(bot, &app.settings)?;
    check_origin(bot, &app.settings, headers)?;
    if app.settings.requires_key(&bot.config) {
        app.collaborator(headers, bot).await?;
    }
    Ok(())
}

/// Both the bot and the server must leave the public route open.
fn check_open(bot: &Bot, settings: &Settings) -> Result<(), HttpError> {
    let forbidden = |who: &str| {
        let text = format!("Unauthenticated Converse API is disabled for {who}");
        Err(HttpError::text(StatusCode::FORBIDDEN, text))
    };
    if bot.config.converse.enable_unsecured_endpoint == Some(false) {
        return forbidden(bot.id.as_str());
    }
    if settings.converse.enable_unsecured_endpoint == Some(false) {
        return forbidden("all bots");
    }
    Ok(())
}

/// Refuses pages of sites that may not talk to the bot, on every route of the Converse API. Servers
/// send no `Origin` and pass.
pub(super) fn check_origin(
    bot: &Bot,
    settings: &Settings,
    headers: &HeaderMap,
) -> Result<(), HttpError> {
    let allowed = settings.allowed_origins(&bot.config);
    let refused = headers.get_all(header::ORIGIN).iter().find(|origin| {
        !allowed.is_none_or(|allowed| origin.to_str().is_ok_and(|origin| allowed.allows(origin)))
    });
    let Some(origin) = refused else {
        return Ok(());
    };
    let shown: String = String::from_utf8_lossy(origin.as_bytes()).chars().take(200).collect();
    let text = format!(
        "Pages of {shown} may not talk to {}: converse.allowedOrigins does not name this origin",
        bot.id,
    );
    Err(HttpError::text(StatusCode::FORBIDDEN, text))
}
