//! The route table: every method and path that is answered, one row each, and nothing else.

mod bots;
mod operation;
mod talks;
mod team;

use axum::http::Method;

use super::super::gate::CONVERSE;
use super::super::{Server, account, converse, keys, login, media};
use super::access::Access::{Account, Open, Owner};
use super::access::Right;
use super::route::Route;

/// The rows.
pub(super) fn table<S: Server>() -> Vec<Route<S>> {
    let (of_bots, of_team, of_talks) = (bots::rows(), team::rows(), talks::rows());
    let own = [talk(), sessions(), own_account(), api_keys(), files()];
    own.into_iter().chain([of_bots, of_talks, of_team, operation::rows()]).flatten().collect()
}

fn talk<S: Server>() -> Vec<Route<S>> {
    let converse = "/api/v1/bots/{bot}/converse/{user}";
    vec![
        Route::turn("converse", converse, Open, converse::post, converse::post_doc)
            .hides_other_methods(),
        Route::turn(
            "converse secured",
            "/api/v1/bots/{bot}/converse/{user}/secured",
            Account(CONVERSE),
            converse::secured,
            converse::secured_doc,
        )
        .hides_other_methods(),
    ]
}

fn sessions<S: Server>() -> Vec<Route<S>> {
    let login = "/api/v2/admin/auth/login/basic/{strategy}";
    let register = "/api/v2/admin/auth/register/basic/{strategy}";
    let (login_v11, register_v11) = ("/api/v1/auth/login", "/api/v1/auth/register");
    let config = "/api/v2/admin/auth/config";
    let (refresh, logout) = ("/api/v2/admin/auth/refresh", "/api/v2/admin/auth/logout");
    let get_token = "/api/v2/admin/auth/getToken";
    let chat = "/api/v2/admin/auth/me/chatAuth";
    let (read, write) =
        (Account(Right::read("user.session")), Account(Right::write("user.session")));
    let (post, get) = (Method::POST, Method::GET);
    vec![
        Route::change("login", post.clone(), login, Open, login::login, login::login_doc),
        Route::change(
            "register",
            post.clone(),
            register,
            Open,
            login::register,
            login::register_doc,
        ),
        Route::change(
            "login v11",
            post.clone(),
            login_v11,
            Open,
            login::login_v11,
            login::login_v11_doc,
        ),
        Route::change(
            "register v11",
            post.clone(),
            register_v11,
            Open,
            login::register_v11,
            login::register_v11_doc,
        ),
        Route::read("login config", config, Open, login::config, login::config_doc),
        Route::read("refresh", refresh, write, login::refresh, login::refresh_doc),
        Route::change("logout", get, logout, write, login::logout, login::logout_doc),
        Route::read("get token", get_token, read, login::get_token, login::get_token_doc),
        Route::change("chat auth", post, chat, write, login::chat_auth, login::chat_auth_doc),
    ]
}

fn own_account<S: Server>() -> Vec<Route<S>> {
    let (profile, profile_v11) = ("/api/v2/admin/user/profile", "/api/v1/auth/me/profile");
    let workspaces = "/api/v2/admin/user/workspaces";
    let permissions = "/api/v1/auth/me/permissions";
    let (read, write) =
        (Account(Right::read("user.profile")), Account(Right::write("user.profile")));
    vec![
        Route::read("profile", profile, read, account::profile, account::profile_doc)
            .also(profile_v11),
        Route::change(
            "set profile",
            Method::POST,
            profile,
            write,
            account::set_profile,
            account::set_profile_doc,
        )
        .also(profile_v11),
        Route::read(
            "own workspaces",
            workspaces,
            read,
            account::workspaces,
            account::workspaces_doc,
        ),
        Route::read(
            "own permissions",
            permissions,
            read,
            account::permissions,
            account::permissions_doc,
        ),
    ]
}

fn api_keys<S: Server>() -> Vec<Route<S>> {
    let (own, own_one) = ("/api/v2/admin/user/keys", "/api/v2/admin/user/keys/{id}");
    let (all, any) = ("/api/v2/admin/keys", "/api/v2/admin/keys/{id}");
    let (read, write) = (Account(Right::read("user.keys")), Account(Right::write("user.keys")));
    let (read_all, write_all) =
        (Owner(Right::read("admin.keys")), Owner(Right::write("admin.keys")));
    let delete = Method::DELETE;
    vec![
        Route::read("own keys", own, read, keys::own, keys::own_doc),
        Route::change("create key", Method::POST, own, write, keys::create, keys::create_doc),
        Route::change(
            "revoke own key",
            delete.clone(),
            own_one,
            write,
            keys::delete,
            keys::delete_doc,
        ),
        Route::read("keys", all, read_all, keys::all, keys::all_doc),
        Route::change("revoke key", delete, any, write_all, keys::delete_any, keys::delete_any_doc),
    ]
}

fn files<S: Server>() -> Vec<Route<S>> {
    let of_bot = "/api/v1/bots/{bot}/media/{file}";
    vec![
        Route::read("bot media", of_bot, Open, media::get_of_bot, media::of_bot_doc),
        Route::read("media", "/api/v1/media/{file}", Open, media::get_global, media::global_doc),
    ]
}
