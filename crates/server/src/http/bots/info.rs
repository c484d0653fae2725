//! `GET /api/v1/bots/{bot}`: what everybody may know of a bot (`spec` http 3.5).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::answer::json;
use super::super::error::HttpError;
use super::super::gate::Visitors;
use super::super::openapi::{Doc, Tag};
use super::super::path::parameter;
use super::super::{App, Server};
use super::work;

/// What everybody may know of a bot.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct BotInfo {
    id: String,
    name: String,
    description: String,
    disabled: bool,
    private: bool,
    default_language: String,
    languages: Vec<String>,
    /// Website, addresses and pictures, as the bot's settings have them.
    details: Map<String, Value>,
}

/// What the endpoint gives.
pub(in super::super) fn info_doc() -> Doc {
    Doc::new(Tag::Converse, "What a bot is")
        .about("Of a private bot collaborators are told only.")
        .gives::<BotInfo>(200, "The bot")
        .refuses(401, "The bot is private, and there is no valid token")
        .refuses(403, "The bot is private, and the caller may not talk to it")
}

/// 200 with the bot; 404 for one that is unknown or disabled.
pub(in super::super) async fn info<S: Server>(
    State(app): State<Arc<App<S>>>,
    request: Request,
) -> Result<Response, HttpError> {
    let id = parameter(request.uri().path(), &app.settings.root_path, 3)?;
    let bot = app.gate(&id, request.headers(), Visitors::Collaborators).await?;
    let name = bot.id.to_string();
    // A file that is broken now does not keep the bot from running as it was.
    let read = work(&app.services, move |admin| Ok(admin.config(&name).unwrap_or_default()));
    let mut fields = read.await?;
    let description = match fields.remove("description") {
        Some(Value::String(description)) => description,
        _ => String::new(),
    };
    let details = match fields.remove("details") {
        Some(Value::Object(details)) => details,
        _ => Map::new(),
    };
    let config = &bot.config;
    Ok(json(&BotInfo {
        id: bot.id.to_string(),
        name: config.name.clone(),
        description,
        disabled: config.disabled,
        private: config.private,
        default_language: config.default_language.clone(),
        languages: config.languages.clone(),
        details,
    }))
}
