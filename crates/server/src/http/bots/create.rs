//! `POST …/bots` and `GET …/bots/{bot}/exists`: new bots (`spec` http 3.2).

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::{json, success};
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::{Call, Recorded, Right};
use super::{BOTS, permit_bot, work};
use crate::bot_admin::NewBot;
use crate::services::Services;

/// The template of a bot for which none is named.
const TEMPLATE: &str = "empty-bot";

/// A bot that somebody wants.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewBot")]
#[serde(rename_all = "camelCase")]
struct Body {
    /// Its id, unique on the server. The prefix of the workspace is put in front.
    #[schemars(regex(pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{1,48}[A-Za-z0-9]$"))]
    id: String,
    /// Display name; the id if it is left out.
    #[schemars(length(max = 50), regex(pattern = r"\S"))]
    name: Option<String>,
    #[schemars(length(max = 500))]
    description: Option<String>,
    #[schemars(length(max = 500))]
    category: Option<String>,
    /// Code of its language; `en` if it is left out.
    #[schemars(regex(pattern = "^[A-Za-z0-9-]{2,20}$"))]
    default_language: Option<String>,
    /// What it is made of; an empty bot if it is left out.
    template: Option<TemplateName>,
}

/// One of the templates.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TemplateName {
    #[schemars(regex(pattern = "^(empty-bot|welcome-bot)$"))]
    id: String,
    /// Where it comes from; there is one place.
    #[serde(rename = "moduleId")]
    _module_id: Option<String>,
}

/// The id of a bot.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BotName {
    pub(super) bot_id: String,
}

/// What the endpoint takes and gives.
pub(in super::super) fn create_doc() -> Doc {
    Doc::new(Tag::Bots, "Make a bot")
        .about("It belongs to the workspace, and can be talked to once the answer is there.")
        .takes::<Body>()
        .gives_payload::<BotName>("The id that it got")
        .refuses(404, "There is no such workspace")
        .refuses(409, "The id is taken, perhaps in another workspace")
}

/// 200 with the id.
pub(in super::super) async fn create(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let body: Body = call.json().await?;
    let workspace = call.workspace()?.to_owned();
    let new = NewBot {
        id: body.id,
        name: body.name,
        description: body.description,
        category: body.category,
        default_language: body.default_language,
        template: body.template.map_or_else(|| TEMPLATE.to_owned(), |template| template.id),
        workspace: Some(workspace),
    };
    let id = work(&services, move |admin| admin.create(&new)).await?;
    let payload = BotName { bot_id: id.to_string() };
    Ok(Recorded::of(format!("bot={id}")).with(success("Added new bot", payload)))
}

/// What the endpoint gives.
pub(in super::super) fn exists_doc() -> Doc {
    Doc::new(Tag::Bots, "See whether a bot's id is taken")
        .about("The prefix of the workspace is put in front.")
        .gives::<bool>(200, "Whether there is such a bot, in whichever workspace")
}

/// 200 with a boolean.
pub(in super::super) async fn exists(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let wanted = call.parameter("bot")?.into_owned();
    let (caller, home) = (call.caller().clone(), call.workspace()?.to_owned());
    let named = home.clone();
    let found = services.blocking(move |services| services.workspaces.get(&named)).await;
    let workspace = found.ok_or_else(HttpError::internal)??;
    let id = if workspace.bots.contains(&wanted) { wanted } else { workspace.bot_id(&wanted) };
    permit_bot(&services, &caller, &home, Right::read(BOTS), &id).await?;
    let taken = work(&services, move |admin| Ok(admin.exists(&id))).await?;
    Ok(json(&taken))
}
