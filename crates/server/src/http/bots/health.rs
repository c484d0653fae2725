//! `GET …/bots/health` and `POST …/bots/{bot}/reload` (`spec` http 3.2).

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::create::BotName;
use super::work;
use crate::bots::{BotHealth, BotStatus};
use crate::services::Services;

/// How the bots of a workspace do on one server.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ServerHealth {
    server_id: String,
    hostname: String,
    bots: BTreeMap<String, Health>,
}

/// How a bot does.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Health {
    status: Status,
    /// Errors in its files; it runs without what they concern.
    error_count: usize,
    /// Warnings about its files.
    warning_count: usize,
    /// Errors that keep it from running as its files say.
    critical_count: usize,
}

/// How a bot does, in a word.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Healthy,
    Disabled,
    Unhealthy,
}

/// What the endpoint gives.
pub(in super::super) fn health_doc() -> Doc {
    Doc::new(Tag::Bots, "See how the bots of a workspace do")
        .about(
            "As their files were when they were last read. A bot that was not found is unhealthy.",
        )
        .gives_payload::<Vec<ServerHealth>>("One entry for this server")
        .refuses(404, "There is no such workspace")
}

/// 200 with a list of one server.
pub(in super::super) async fn health(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.workspace()?.to_owned();
    let found = services.blocking(move |services| services.workspaces.get(&id)).await;
    let workspace = found.ok_or_else(HttpError::internal)??;
    let all = work(&services, |admin| Ok(admin.health())).await?;
    let bots = workspace.bots.into_iter().map(|id| {
        let health = seen(all.get(&id));
        (id, health)
    });
    let server_id = services.server_id.clone();
    let hostname = server_id.clone();
    let servers = [ServerHealth { server_id, hostname, bots: bots.collect() }];
    Ok(success("Retrieved bot health", servers))
}

fn seen(health: Option<&BotHealth>) -> Health {
    let Some(BotHealth { status, errors, warnings }) = health.copied() else {
        let status = Status::Unhealthy;
        return Health { status, error_count: 0, warning_count: 0, critical_count: 1 };
    };
    let (status, critical_count) = match status {
        BotStatus::Healthy => (Status::Healthy, 0),
        BotStatus::Disabled => (Status::Disabled, 0),
        BotStatus::Unhealthy => (Status::Unhealthy, 1),
    };
    Health { status, error_count: errors, warning_count: warnings, critical_count }
}

/// What the endpoint gives.
pub(in super::super) fn reload_doc() -> Doc {
    Doc::new(Tag::Bots, "Read a bot's files again")
        .about(
            "Files that change are noticed anyway; this waits until the bot is served as they are. \
             Where they cannot be read, the bot runs on as it was and the answer is 400.",
        )
        .gives_payload::<BotName>("It is served as its files are")
}

/// 200 once it is served; 400 when its files cannot be read.
pub(in super::super) async fn reload(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("bot")?.into_owned();
    let bot = id.clone();
    let health = work(&services, move |admin| {
        admin.reload(&bot)?;
        Ok(admin.health().get(&bot).copied())
    });
    if health.await?.is_none_or(|health| health.status == BotStatus::Unhealthy) {
        let why =
            format!("the files of the bot \"{id}\" cannot be read; `parlance check` says why");
        return Err(HttpError::invalid_operation(&why));
    }
    Ok(success(&format!("Reloaded bot {id}"), BotName { bot_id: id }))
}
