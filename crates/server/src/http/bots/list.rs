//! `GET …/bots`: the bots of a workspace (`spec` http 3.2).

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::{Call, Right};
use super::config::shown;
use super::{BOTS, permit_bot, work};
use crate::services::Services;
use crate::workspaces::Workspace;

/// What those see who may not look into bots, as in v12.
const PLAIN: [&str; 7] =
    ["id", "name", "description", "disabled", "locked", "private", "defaultLanguage"];

/// The bots of a workspace.
#[derive(Serialize, JsonSchema)]
struct Listed {
    /// Their settings, as `bot.config.json` has them; channels' secrets are left out.
    bots: Vec<Map<String, Value>>,
    workspace: Place,
}

/// The workspace.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Place {
    name: String,
    /// Its stages.
    pipeline: Vec<Value>,
    /// New bots' ids begin with it and `__`.
    #[serde(skip_serializing_if = "Option::is_none")]
    bot_prefix: Option<String>,
}

/// What the endpoint gives.
pub(in super::super) fn list_doc() -> Doc {
    Doc::new(Tag::Bots, "List the bots of a workspace")
        .about(
            "Who may not read `admin.bots` sees ids, names, descriptions and states only. A bot whose \
             settings cannot be read has `problem` instead.",
        )
        .gives_payload::<Listed>("The bots")
        .refuses(404, "There is no such workspace")
}

/// 200 with the bots.
pub(in super::super) async fn list(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let (caller, home) = (call.caller().clone(), call.workspace()?.to_owned());
    let id = home.clone();
    let found = services.blocking(move |services| services.workspaces.get(&id)).await;
    let workspace = found.ok_or_else(HttpError::internal)??;
    let Workspace { name, pipeline, bot_prefix, bots, .. } = workspace;
    let in_full = permit_bot(&services, &caller, &home, Right::read(BOTS), "").await.is_ok();
    let bots = work(&services, move |admin| {
        let all = bots.into_iter().map(|id| {
            let mut fields = match admin.config(&id) {
                Ok(fields) => shown(fields),
                Err(error) => Map::from_iter([("problem".to_owned(), json!(told(&error)))]),
            };
            fields.entry("name").or_insert_with(|| json!(id));
            fields.insert("id".to_owned(), json!(id));
            if !in_full {
                fields.retain(|key, _| PLAIN.contains(&key.as_str()));
            }
            fields
        });
        Ok(all.collect::<Vec<_>>())
    });
    let listed = Listed { bots: bots.await?, workspace: Place { name, pipeline, bot_prefix } };
    Ok(success("Retrieved bots", listed))
}

/// Why a bot's settings cannot be read, without where it lies on the disk.
fn told(error: &crate::bot_admin::BotAdminError) -> String {
    use crate::bot_admin::BotAdminError as Error;
    match error {
        Error::Broken { problem, .. } => format!("bot.config.json {problem}"),
        Error::NoBot(_) => "there is no folder for it".to_owned(),
        _ => "its settings cannot be read".to_owned(),
    }
}
