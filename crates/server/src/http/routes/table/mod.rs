//! The route table: every method and path that is answered, one row each, and nothing else.

mod operation;
mod team;

use super::super::gate::CONVERSE;
use super::super::{Server, converse, media};
use super::access::Access::{Account, Open};
use super::route::Route;

/// The rows.
pub(super) fn table<S: Server>() -> Vec<Route<S>> {
    [talk(), files(), operation::rows(), team::rows()].into_iter().flatten().collect()
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

fn files<S: Server>() -> Vec<Route<S>> {
    let of_bot = "/api/v1/bots/{bot}/media/{file}";
    vec![
        Route::read("bot media", of_bot, Open, media::get_of_bot, media::of_bot_doc),
        Route::read("media", "/api/v1/media/{file}", Open, media::get_global, media::global_doc),
    ]
}
