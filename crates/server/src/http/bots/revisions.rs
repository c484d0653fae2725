//! `GET` and `POST …/bots/{bot}/revisions`, `POST …/bots/{bot}/rollback`: a bot as it was (`spec` http 3.2).

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::{Call, Recorded};
use super::create::BotName;
use super::{transfer, work};
use crate::services::Services;

/// The revisions of a bot.
#[derive(Serialize, JsonSchema)]
struct Revisions {
    /// Their names, newest first; the number after `++` is the time, in milliseconds since 1970.
    revisions: Vec<String>,
}

/// A new revision.
#[derive(Serialize, JsonSchema)]
struct Made {
    /// Its name.
    revision: String,
}

/// A revision that somebody wants back.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Rollback")]
struct Body {
    /// Its name.
    revision: String,
}

/// What the endpoint gives.
pub(in super::super) fn revisions_doc() -> Doc {
    Doc::new(Tag::Bots, "List the revisions of a bot").gives_payload::<Revisions>("The revisions")
}

/// 200 with the names.
pub(in super::super) async fn revisions(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("bot")?.into_owned();
    let found = work(&services, move |admin| admin.revisions(&id)).await?;
    let revisions = found.into_iter().map(|revision| revision.name).collect();
    Ok(success("Bot revisions", Revisions { revisions }))
}

/// What the endpoint gives.
pub(in super::super) fn create_revision_doc() -> Doc {
    Doc::new(Tag::Bots, "Keep a bot as it is now")
        .about("The newest ten are kept.")
        .gives_payload::<Made>("The new revision")
}

/// 200 with the name.
pub(in super::super) async fn create_revision(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("bot")?.into_owned();
    let message = format!("Created a new revision for bot {id}");
    let _place = transfer(&services).await?;
    let made = work(&services, move |admin| admin.create_revision(&id)).await?;
    let note = made.name.clone();
    let answer = success(&message, Made { revision: made.name });
    Ok(Recorded::default().note(note).with(answer))
}

/// What the endpoint takes and gives.
pub(in super::super) fn rollback_doc() -> Doc {
    Doc::new(Tag::Bots, "Make a bot what it was")
        .about("The bot as it is now goes to the trash of the data directory.")
        .takes::<Body>()
        .gives_payload::<BotName>("It is what it was, and served")
        .refuses(409, "The bot has moved to another workspace")
}

/// 200 once the bot of then is served.
pub(in super::super) async fn rollback(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let Body { revision } = call.json().await?;
    let id = call.parameter("bot")?.into_owned();
    let (bot, wanted) = (id.clone(), revision.clone());
    work(&services, move |admin| admin.rollback(&bot, &wanted)).await?;
    let answer = success(&format!("Rolled back bot {id}"), BotName { bot_id: id });
    Ok(Recorded::default().note(revision).with(answer))
}
