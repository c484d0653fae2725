//! How the server does, and what was done on it.

use super::super::super::{Server, audit, logs, management, openapi, ops};
use super::super::access::Access::{Account, Bot, Open, Owner, Workspace};
use super::super::access::Right;
use super::super::route::Route;

pub(super) fn rows<S: Server>() -> Vec<Route<S>> {
    [public(), trail(), of_logs(), of_management()].into_iter().flatten().collect()
}

fn public<S: Server>() -> Vec<Route<S>> {
    let (ping, license) = ("/api/v2/admin/ping", "/api/v2/admin/license");
    vec![
        Route::read("ping", ping, Account(Right::read("user.session")), ops::ping, ops::ping_doc)
            .also("/api/v1/auth/ping"),
        Route::read("license", license, Open, ops::license, ops::license_doc),
        Route::read("status", "/status", Open, ops::status, ops::status_doc),
        Route::read("version", "/version", Open, ops::version, ops::version_doc),
        Route::read("metrics", "/metrics", Open, ops::metrics, ops::metrics_doc),
        Route::read("live", "/health/live", Open, ops::live, ops::live_doc).probe(),
        Route::read("ready", "/health/ready", Open, ops::ready, ops::ready_doc).probe(),
        Route::read("openapi", "/openapi.json", Open, openapi::json, openapi::json_doc),
        Route::read("api page", "/docs/api", Open, openapi::page, openapi::page_doc),
    ]
}

fn trail<S: Server>() -> Vec<Route<S>> {
    let (list, verify) = ("/api/v2/admin/audit", "/api/v2/admin/audit/verify");
    vec![
        Route::read("audit list", list, Owner(audit::READ), audit::list, audit::list_doc),
        Route::read("audit verify", verify, Owner(audit::READ), audit::verify, audit::verify_doc),
    ]
}

fn of_logs<S: Server>() -> Vec<Route<S>> {
    let list = "/api/v2/admin/workspace/logs";
    let of_bot = "/api/v2/admin/workspace/logs/bots/{bot}";
    let archive = "/api/v2/admin/workspace/logs/bots/{bot}/archive";
    let to_read = Bot(logs::OF_BOT);
    vec![
        Route::read("logs", list, Workspace(logs::OF_WORKSPACE), logs::list, logs::list_doc),
        Route::read("bot logs", of_bot, to_read, logs::of_bot, logs::of_bot_doc),
        Route::read("bot logs archive", archive, to_read, logs::archive, logs::archive_doc),
    ]
}

fn of_management<S: Server>() -> Vec<Route<S>> {
    let config_hash = "/api/v2/admin/management/configHash";
    let licensing = "/api/v2/admin/management/licensing/status";
    let to_read = Account(management::READ);
    vec![
        Route::read(
            "config hash",
            config_hash,
            to_read,
            management::config_hash,
            management::config_hash_doc,
        ),
        Route::read(
            "licensing status",
            licensing,
            to_read,
            management::licensing,
            management::licensing_doc,
        ),
    ]
}
