//! What there is to choose from: `GET …/bots/byWorkspaces`, `…/templates`, `…/categories`
//! (`spec` http 3.2).

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::answer::{json, success};
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use crate::bot_admin;
use crate::services::Services;

/// Where our templates come from, in v12's words.
const MODULE: (&str, &str) = ("builtin", "Builtin");

/// Ids of bots, by workspace.
#[derive(Serialize, JsonSchema)]
struct ByWorkspaces {
    bots: BTreeMap<String, Vec<String>>,
}

/// What new bots are made of.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Template {
    id: String,
    name: String,
    desc: String,
    module_id: &'static str,
    module_name: &'static str,
}

/// What bots can be sorted into.
#[derive(Serialize, JsonSchema)]
struct Categories {
    categories: Vec<String>,
}

/// What the endpoint gives.
pub(in super::super) fn by_workspaces_doc() -> Doc {
    Doc::new(Tag::Bots, "List all bots by workspace")
        .gives_payload::<ByWorkspaces>("The ids of the bots of each workspace")
}

/// 200 with the ids.
pub(in super::super) async fn by_workspaces(
    State(services): State<Services>,
    _: Call,
) -> Result<Response, HttpError> {
    let listed = services.blocking(|services| services.workspaces.list()).await;
    let listed = listed.ok_or_else(HttpError::internal)??;
    let bots = listed.into_iter().map(|workspace| (workspace.id, workspace.bots)).collect();
    Ok(success("Retrieved bots", ByWorkspaces { bots }))
}

/// What the endpoint gives.
pub(in super::super) fn templates_doc() -> Doc {
    Doc::new(Tag::Bots, "List the templates of new bots")
        .gives::<Vec<Template>>(200, "The templates, as a plain list")
}

/// 200 with a list.
pub(in super::super) async fn templates() -> Response {
    let (module_id, module_name) = MODULE;
    let all: Vec<Template> = bot_admin::templates()
        .into_iter()
        .map(|one| Template {
            id: one.id,
            name: one.name,
            desc: one.description,
            module_id,
            module_name,
        })
        .collect();
    json(&all)
}

/// What the endpoint gives.
pub(in super::super) fn categories_doc() -> Doc {
    Doc::new(Tag::Bots, "List the categories of bots")
        .about("The categories that the bots of the workspace have.")
        .gives_payload::<Categories>("The categories")
        .refuses(404, "There is no such workspace")
}

/// 200 with a list.
pub(in super::super) async fn categories(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.workspace()?.to_owned();
    let found = services.blocking(move |services| services.workspaces.get(&id)).await;
    let workspace = found.ok_or_else(HttpError::internal)??;
    let categories = super::work(&services, move |admin| {
        let configs = workspace.bots.iter().filter_map(|id| admin.config(id).ok());
        let named =
            configs.filter_map(|config| config.get("category")?.as_str().map(str::to_owned));
        let mut all: Vec<String> = named.filter(|category| !category.is_empty()).collect();
        all.sort_unstable();
        all.dedup();
        Ok(all)
    });
    Ok(success("Retrieved bot categories", Categories { categories: categories.await? }))
}
