//! Rows of the route table that are about bots (`spec` http 3.2, 3.5).

use axum::http::Method;

use super::super::super::bots::{self, ARCHIVE, BOTS, INFORMATION, NAMES};
use super::super::super::{Server, media};
use super::super::access::Access::{Account, Bot, Open, Owner, Workspace};
use super::super::access::Right;
use super::super::route::Route;

/// The rows.
pub(super) fn rows<S: Server>() -> Vec<Route<S>> {
    [of_workspace(), archives(), of_one(), settings(), files()].into_iter().flatten().collect()
}

fn of_workspace<S: Server>() -> Vec<Route<S>> {
    let all = "/api/v2/admin/workspace/bots";
    let (read, write) = (Workspace(Right::read(BOTS)), Workspace(Right::write(BOTS)));
    vec![
        Route::read("bots", all, Workspace(Right::read(NAMES)), bots::list, bots::list_doc),
        Route::change("create bot", Method::POST, all, write, bots::create, bots::create_doc),
        Route::read(
            "bots by workspaces",
            "/api/v2/admin/workspace/bots/byWorkspaces",
            Owner(Right::read(BOTS)),
            bots::by_workspaces,
            bots::by_workspaces_doc,
        ),
        Route::read(
            "bot templates",
            "/api/v2/admin/workspace/bots/templates",
            Account(Right::read(BOTS)),
            bots::templates,
            bots::templates_doc,
        ),
        Route::read(
            "bot categories",
            "/api/v2/admin/workspace/bots/categories",
            read,
            bots::categories,
            bots::categories_doc,
        ),
        Route::read(
            "bots health",
            "/api/v2/admin/workspace/bots/health",
            read,
            bots::health,
            bots::health_doc,
        ),
        Route::read(
            "bot exists",
            "/api/v2/admin/workspace/bots/{bot}/exists",
            read,
            bots::exists,
            bots::exists_doc,
        ),
    ]
}

fn archives<S: Server>() -> Vec<Route<S>> {
    let revisions = "/api/v2/admin/workspace/bots/{bot}/revisions";
    let post = Method::POST;
    vec![
        Route::read(
            "export bot",
            "/api/v2/admin/workspace/bots/{bot}/export",
            Bot(Right::read(ARCHIVE)),
            bots::export,
            bots::export_doc,
        ),
        Route::change(
            "import bot",
            post.clone(),
            "/api/v2/admin/workspace/bots/{bot}/import",
            Workspace(Right::write(ARCHIVE)),
            bots::import,
            bots::import_doc,
        ),
        Route::read(
            "bot revisions",
            revisions,
            Bot(Right::read(BOTS)),
            bots::revisions,
            bots::revisions_doc,
        ),
        Route::change(
            "create bot revision",
            post.clone(),
            revisions,
            Bot(Right::write(BOTS)),
            bots::create_revision,
            bots::create_revision_doc,
        ),
        Route::change(
            "roll back bot",
            post,
            "/api/v2/admin/workspace/bots/{bot}/rollback",
            Bot(Right::write(BOTS)),
            bots::rollback,
            bots::rollback_doc,
        ),
    ]
}

fn of_one<S: Server>() -> Vec<Route<S>> {
    let one = "/api/v2/admin/workspace/bots/{bot}";
    let write = Bot(Right::write(BOTS));
    vec![
        Route::change(
            "delete bot",
            Method::POST,
            "/api/v2/admin/workspace/bots/{bot}/delete",
            write,
            bots::delete,
            bots::delete_doc,
        ),
        Route::change("delete bot v11", Method::DELETE, one, write, bots::delete, bots::delete_doc),
        Route::change(
            "reload bot",
            Method::POST,
            "/api/v2/admin/workspace/bots/{bot}/reload",
            write,
            bots::reload,
            bots::reload_doc,
        ),
        Route::read("bot", "/api/v1/bots/{bot}", Open, bots::info, bots::info_doc),
    ]
}

fn settings<S: Server>() -> Vec<Route<S>> {
    let config = "/api/v2/admin/workspace/bots/{bot}/config";
    let studio = "/api/v1/studio/{bot}/config";
    vec![
        Route::read("bot config", config, Bot(Right::read(BOTS)), bots::config, bots::config_doc),
        Route::change(
            "change bot config",
            Method::PATCH,
            config,
            Bot(Right::write(BOTS)),
            bots::patch_config,
            bots::patch_config_doc,
        ),
        Route::read(
            "studio config",
            studio,
            Bot(Right::read(INFORMATION)),
            bots::studio_config,
            bots::studio_config_doc,
        ),
        Route::change(
            "set studio config",
            Method::POST,
            studio,
            Bot(Right::write(INFORMATION)),
            bots::set_config,
            bots::set_config_doc,
        ),
        Route::change(
            "update bot v11",
            Method::PUT,
            "/api/v2/admin/workspace/bots/{bot}",
            Bot(Right::write(BOTS)),
            bots::set_config,
            bots::set_config_doc,
        ),
    ]
}

fn files<S: Server>() -> Vec<Route<S>> {
    vec![
        Route::change(
            "bring bot media",
            Method::POST,
            "/api/v1/bots/{bot}/media",
            Bot(Right::write("bot.media")),
            media::post_of_bot,
            media::post_of_bot_doc,
        )
        .also("/api/v1/studio/{bot}/media"),
        Route::change(
            "bring media",
            Method::POST,
            "/api/v1/media",
            Workspace(Right::write("media")),
            media::post_global,
            media::post_global_doc,
        ),
    ]
}
