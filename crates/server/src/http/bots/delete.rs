//! `POST …/bots/{bot}/delete`, and v11's `DELETE …/bots/{bot}` (`spec` http 3.2).

use axum::extract::State;
use axum::response::Response;

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::create::BotName;
use super::work;
use crate::services::Services;

/// What the endpoint gives.
pub(in super::super) fn delete_doc() -> Doc {
    Doc::new(Tag::Bots, "Delete a bot")
        .about(
            "Its files go to the trash of the data directory, its revisions for good; its conversations \
             stay. A locked bot is not deleted.",
        )
        .gives_payload::<BotName>("It is gone")
}

/// 200 with the id.
pub(in super::super) async fn delete(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("bot")?.into_owned();
    let bot = id.clone();
    work(&services, move |admin| admin.delete(&bot)).await?;
    Ok(success("Removed bot from team", BotName { bot_id: id }))
}
