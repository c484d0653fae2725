//! Conversations, what bots remember, and chat users.

use axum::http::Method;

use super::super::super::{Server, chat_users, conversations, memory};
use super::super::access::Access::{Bot, Owner};
use super::super::access::Right;
use super::super::route::Route;

/// The path below a bot.
macro_rules! of_bot {
    ($path:literal) => {
        concat!("/api/v1/bots/{bot}/", $path)
    };
}

/// The rows.
pub(super) fn rows<S: Server>() -> Vec<Route<S>> {
    [talks(), memories(), users()].into_iter().flatten().collect()
}

fn talks<S: Server>() -> Vec<Route<S>> {
    use conversations::{
        get, get_doc, list, list_doc, messages, messages_doc, reset, reset_doc, turns, turns_doc,
    };
    let (all, one) = (of_bot!("conversations"), of_bot!("conversations/{conversation}"));
    let said = of_bot!("conversations/{conversation}/messages");
    let traced = of_bot!("conversations/{conversation}/turns");
    let read = Bot(Right::read("bot.conversations"));
    let write = Bot(Right::write("bot.conversations"));
    vec![
        Route::read("conversations", all, read, list, list_doc),
        Route::read("conversation", one, read, get, get_doc),
        Route::read("messages", said, read, messages, messages_doc),
        Route::read("turns", traced, read, turns, turns_doc),
        Route::change("reset conversation", Method::DELETE, one, write, reset, reset_doc),
    ]
}

fn memories<S: Server>() -> Vec<Route<S>> {
    use memory::{get, get_bot, get_bot_doc, get_doc, patch, patch_bot, patch_bot_doc, patch_doc};
    let (one, bot) = (of_bot!("conversations/{conversation}/memory"), of_bot!("memory"));
    let (read, write) = (Bot(Right::read("bot.memory")), Bot(Right::write("bot.memory")));
    vec![
        Route::read("conversation memory", one, read, get, get_doc),
        Route::change("patch conversation memory", Method::PATCH, one, write, patch, patch_doc),
        Route::read("bot memory", bot, read, get_bot, get_bot_doc),
        Route::change("patch bot memory", Method::PATCH, bot, write, patch_bot, patch_bot_doc),
    ]
}

fn users<S: Server>() -> Vec<Route<S>> {
    use chat_users::{
        erase, erase_doc, erase_everywhere, erase_everywhere_doc, export, export_doc, get, get_doc,
        patch, patch_doc,
    };
    let (one, whole) = (of_bot!("users/{user}"), of_bot!("users/{user}/export"));
    let attributes = of_bot!("users/{user}/attributes");
    let everywhere = "/api/v2/admin/users/{channel}/{user}";
    let (read, write) = (Bot(Right::read("bot.users")), Bot(Right::write("bot.users")));
    let owner = Owner(Right::write("admin.users"));
    let (delete, patched) = (Method::DELETE, Method::PATCH);
    vec![
        Route::read("chat user", one, read, get, get_doc),
        Route::change("patch attributes", patched, attributes, write, patch, patch_doc),
        Route::read("export chat user", whole, read, export, export_doc),
        Route::change("erase chat user", delete.clone(), one, write, erase, erase_doc),
        Route::change(
            "erase chat user everywhere",
            delete,
            everywhere,
            owner,
            erase_everywhere,
            erase_everywhere_doc,
        ),
    ]
}
