//! Bots as operators see them, below `/api/v2/admin/workspace/bots`, and as everybody may
//! (`spec` http 3.2, 3.5).
//!
//! Data flows: request → who may and in which workspace (`routes`) → `work`, beside the async tasks →
//! [`BotAdmin`], which does it. Files come in and go out piece by piece. Talking to bots and their media
//! live elsewhere.

mod config;
mod create;
mod delete;
mod export;
mod health;
mod import;
mod info;
mod known;
mod list;
mod revisions;

use sha2::{Digest as _, Sha256};
use tokio::sync::SemaphorePermit;
use tokio::time::{Duration, timeout};

use super::error::HttpError;
use super::routes::Right;
use crate::auth::Caller;
use crate::auth::permission::WorkspaceRoles;
use crate::auth::service::Wanted;
use crate::bot_admin::{BotAdmin, BotAdminError};
use crate::services::Services;

pub(super) use config::{
    config, config_doc, patch_config, patch_config_doc, set_config, set_config_doc, studio_config,
    studio_config_doc,
};
pub(super) use create::{create, create_doc, exists, exists_doc};
pub(super) use delete::{delete, delete_doc};
pub(super) use export::{export, export_doc};
pub(super) use health::{health, health_doc, reload, reload_doc};
pub(super) use import::{import, import_doc};
pub(super) use info::{info, info_doc};
pub(super) use known::{
    by_workspaces, by_workspaces_doc, categories, categories_doc, templates, templates_doc,
};
pub(super) use list::{list, list_doc};
pub(super) use revisions::{
    create_revision, create_revision_doc, revisions, revisions_doc, rollback, rollback_doc,
};

/// To see bots and to work on them, as v12 names it.
pub(super) const BOTS: &str = "admin.bots";
/// To take bots out and in.
pub(super) const ARCHIVE: &str = "admin.bots.archive";
/// To see which bots there are, as those who only chat may.
pub(super) const NAMES: &str = "user.bots";
/// To see and change a bot's settings in the studio.
pub(super) const INFORMATION: &str = "bot.information";

/// How long a place for a transfer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Works on the bots beside the async tasks; 503 before they are loaded.
async fn work<T: Send + 'static>(
    services: &Services,
    job: impl FnOnce(&BotAdmin) -> Result<T, BotAdminError> + Send + 'static,
) -> Result<T, HttpError> {
    let done = services.blocking(move |services| services.bots.get().map(job)).await;
    let done = done.ok_or_else(HttpError::internal)?;
    Ok(done.ok_or_else(|| HttpError::not_ready("the bots are being loaded"))??)
}

/// A place for something large on its way; 503 when there is none for a while.
pub(super) async fn transfer(services: &Services) -> Result<SemaphorePermit<'_>, HttpError> {
    let place = timeout(PATIENCE, services.transfers.acquire()).await;
    // It is never closed.
    let place = place.ok().and_then(Result::ok);
    place.ok_or_else(|| HttpError::busy("too many files are on their way; try again"))
}

/// Refuses those whose key is not good for the bot `id`, which the path does not name: a workspace may
/// put a prefix in front of what it names.
async fn permit_bot(
    services: &Services,
    caller: &Caller,
    workspace: &str,
    right: Right,
    id: &str,
) -> Result<(), HttpError> {
    let workspace = workspace.to_owned();
    let found = services.blocking(move |services| services.workspaces.get(&workspace)).await;
    let roles = WorkspaceRoles::of(&found.ok_or_else(HttpError::internal)??);
    let Right { resource, operation } = right;
    let wanted = Wanted { resource, operation, bot: Some(id) };
    Ok(services.auth.permit(caller, &roles, &wanted).await?)
}

/// The hash of a text for the audit log.
fn hash(text: &[u8]) -> String {
    format!("{:x}", Sha256::digest(text))
}
